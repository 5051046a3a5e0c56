import { describe, expect, test } from "bun:test";
import { readWrites } from "../../freeswitch/recordings.ts";
import { codecsOf, parseOriginate } from "./originate-command.ts";

const UUID = "83fe0f3a-c88b-4145-8db2-8106af19a19e";
const FAR_UUID = "83fe0f3a-c88b-4145-8db2-8106af19beef";
const OURS = `origination_uuid=${UUID},nway_wx=true,export_vars=nway_wx\\,media_mix_inbound_outbound_codecs,media_mix_inbound_outbound_codecs=true,rtp_timer_name=none,hangup_after_bridge=true,absolute_codec_string=^^:PCMA:PCMU`;
const GOOD = `{${OURS}}sofia/internal/call-1@127.0.0.1:25560 &bridge({origination_uuid=${FAR_UUID},leg_timeout=30}sofia/gateway/gw1/+8613800000000)`;

test("the recorded commands are read as FreeSWITCH read them", () => {
  const commands = ["phonebye", "busy", "gwdown", "phonebye_video"].map((name) =>
    (readWrites(`esl_ourleg_${name}`).find(({ data }) => data.includes("originate "))?.data ?? "")
      .slice("bgapi originate ".length)
      .trim(),
  );
  const read = commands.map((command) => parseOriginate(command, false));
  expect(read.map(({ bridge }) => bridge?.gateway)).toEqual(["gw1", "gw1", "gwdown", "gw1"]);
  expect(read.map(({ variables }) => codecsOf(variables.absolute_codec_string ?? ""))).toEqual([
    ["PCMA"],
    ["PCMA"],
    ["PCMA"],
    ["PCMA", "H264"],
  ]);
});

test("a good command, to a gateway and into the dialplan", () => {
  expect(parseOriginate(GOOD)).toMatchObject({
    session: "call-1",
    address: "127.0.0.1:25560",
    bridge: { gateway: "gw1", number: "+8613800000000", variables: { leg_timeout: "30" } },
  });
  const routed = GOOD.replace(/ &bridge.*/, " 9196 XML default");
  expect(parseOriginate(routed)).toMatchObject({ bridge: undefined, extension: "9196" });
});

describe("what FreeSWITCH would take for something else is refused", () => {
  test.each<[what: string, change: (command: string) => string]>([
    ["quotes, which are stripped", (text) => text.replace("^^:PCMA:PCMU", "'PCMA,PCMU'")],
    ["a comma in a value", (text) => text.replace("^^:PCMA:PCMU", "PCMA,PCMU")],
    ["a brace in a value", (text) => text.replace("nway_wx=true,", "nway_wx=true},")],
    ["a blank in a number", (text) => text.replace("+8613800000000", "138 0000")],
    ["a second variable in a number", (text) => text.replace("+8613800000000", "138,x=y}sofia/z")],
    ["an application behind the bridge", (text) => `${text} &system(id)`],
    ["a line end", (text) => `${text}\nX: y`],
    ["an expansion", (text) => text.replace("gw1", "$" + "{gw}")],
    ["a backslash", (text) => text.replace("gw1", "gw\\1")],
    ["a variable given twice", (text) => text.replace("nway_wx=true,", "nway_wx=true,nway_wx=true,")],
    ["a variable that there is not", (text) => text.replace("rtp_timer_name", "rtp_timername")],
    ["an id that is none", (text) => text.replace(UUID, "1")],
    ["a timeout that is none", (text) => text.replace("leg_timeout=30", "leg_timeout=0")],
    ["an empty value", (text) => text.replace("leg_timeout=30", "leg_timeout=")],
    ["the slow timer", (text) => text.replace("rtp_timer_name=none", "rtp_timer_name=soft")],
    [
      "a header that goes on to the telephone",
      (text) => text.replace("nway_wx=true", "nway_wx=true,sip_h_X-Nway-Session=call-1"),
    ],
    ["an escaped comma in a value", (text) => text.replace("^^:PCMA:PCMU", "PCMA\\,PCMU")],
    ["a leg that no filter lets through", (text) => text.replace("=nway_wx\\,", "=")],
    ["exports that end at the first", (text) => text.replace("nway_wx\\,", "nway_wx,")],
    ["keys that are lost", (text) => text.replace("^^:PCMA", "^^:L16@16000h")],
    [
      "keys that come unasked",
      (text) =>
        text.replace("^^:PCMA", "^^:L16@16000h").replace("rtp_timer_name", "dtmf_type=info,rtp_timer_name"),
    ],
    ["no bridge", (text) => text.replace(/ &bridge.*/, "")],
  ])("%s", (_, change) => {
    const command = change(GOOD);
    expect(command).not.toBe(GOOD);
    expect(() => parseOriginate(command)).toThrow("originate: ");
  });
});
