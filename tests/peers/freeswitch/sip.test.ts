import { describe, expect, test } from "bun:test";
import { readWrites } from "../../freeswitch/recordings.ts";
import { readFixture } from "../../protocols/fixtures.ts";
import { type FreeswitchPeer, startFreeswitchPeer } from "../freeswitch.ts";
import { waitFor } from "../wait.ts";
import type { EventHeaders } from "./event-text.ts";
import { type LabAnswer, LabPhone } from "./lab-phone.ts";
import type { OurLeg } from "./our-leg.ts";
import { readRecordedCall } from "./recorded-events.ts";
import { writeOffer } from "./sdp-text.ts";
import { readSip, type SipText, statusOf, writeSip } from "./sip-text.ts";

/** What FreeSWITCH sent in a recording. */
function readRecorded(name: string): SipText[] {
  const text = Buffer.from(readFixture(`freeswitch/sip/${name}.txt`)).toString("utf8");
  const parts = text.split(/^--- \S+ (recv|send) .*\n/m).slice(1);
  return parts.flatMap((direction, n) =>
    n % 2 === 0 && direction === "recv" ? [readSip((parts[n + 1] ?? "").replace(/\n$/, ""))] : [],
  );
}

/** The text of messages without what is another one in each call. */
function mask(messages: readonly SipText[], labPort: number): string[] {
  return messages.map((message) =>
    writeSip(message)
      .replaceAll("127.0.0.1:25560", "<lab>")
      .replaceAll(`127.0.0.1:${labPort}`, "<lab>")
      .replaceAll(/(mod_sofia@127\.0\.0\.1|UDP 127\.0\.0\.1):\d+/g, "$1:<port>")
      .replaceAll(/branch=z9hG4bK\w+/g, "branch=<branch>")
      .replaceAll(/tag=\w+/g, "tag=<tag>")
      .replaceAll(/^Call-ID: \S+$/gm, "Call-ID: <id>")
      .replaceAll(/^CSeq: \d+ /gm, "CSeq: <n> ")
      .replaceAll(/^Content-Length: [1-9]\d*$/gm, "Content-Length: <n>")
      .replaceAll(/^o=FreeSWITCH \d+ \d+ /gm, "o=FreeSWITCH <n> <n> ")
      .replaceAll(/^m=(\w+) \d+ /gm, "m=$1 <port> ")
      .replaceAll("\r", ""),
  );
}

const recordedCommand = (name: string, labPort: number) =>
  (readWrites(name).find(({ data }) => data.startsWith("bgapi originate"))?.data ?? "")
    .slice("bgapi originate ".length)
    .trim()
    .replaceAll("127.0.0.1:25560", `127.0.0.1:${labPort}`)
    .replace(/leg_timeout=\d+/, "leg_timeout=1");

type Stage = { readonly peer: FreeswitchPeer; readonly lab: LabPhone; readonly leg: OurLeg };

/** Places the recorded call to a user agent like the recorded one, and does `steps` once it is dialled. */
async function play(name: string, steps: (stage: Stage) => Promise<void>, talks = true): Promise<string[]> {
  await using lab = await LabPhone.open("answer");
  await using peer = await startFreeswitchPeer({
    sipPort: 0,
    isLenient: true,
    gateways: { gw1: "up", gwdown: "down" },
  });
  peer.runJob("originate", recordedCommand(name, lab.port), () => {});
  const leg = await waitFor("our leg", () => peer.legs[0]);
  await waitFor("its answer", () => leg.sdp);
  if (talks) lab.talk();
  await steps({ peer, lab, leg });
  await waitFor("the end of all channels", () => peer.channels.size === 0, 10_000);
  await waitFor("the last message", () => lab.received.length >= 3);
  expect(peer.faults).toEqual([]);
  return mask(lab.received, lab.port);
}

const dialled = (leg: OurLeg) => waitFor("the telephone", () => leg.call.farLeg);

/** The recorded command set a header of our own, which the gateway's does not. */
const withoutSession = (message: string) => message.replace("X-Nway-Session: abc\n", "");

describe("our leg's SIP is as recorded", () => {
  test.each<[recording: string, sip: string, steps: (stage: Stage) => Promise<void>]>([
    [
      "esl_ourleg_phonebye",
      "sip_ourleg_phonebye",
      async ({ leg, lab }) => {
        await dialled(leg);
        leg.call.ring();
        leg.call.sendEarlyMedia();
        await waitFor("sound", () => lab.rtpCount > 2);
        leg.call.answer();
        leg.call.hangUpByTelephone();
      },
    ],
    [
      "esl_ourleg_phonebye_video",
      "sip_ourleg_phonebye_video",
      async ({ leg }) => {
        await dialled(leg);
        leg.call.answer();
        leg.call.hangUpByTelephone();
      },
    ],
    [
      "esl_ourleg_busy",
      "sip_ourleg_busy",
      async ({ leg }) => {
        await dialled(leg);
        leg.call.ring();
        leg.call.refuse("USER_BUSY", 486);
      },
    ],
    ["esl_ourleg_noanswer", "sip_ourleg_noanswer", async ({ leg }) => void (await dialled(leg)).uuid],
    ["esl_ourleg_gwdown", "sip_ourleg_gwdown", async () => {}],
  ])("%s", async (recording, sip, steps) => {
    const sent = await play(recording, steps);
    expect(sent).toEqual(mask(readRecorded(sip), 25_560).map(withoutSession));
  });

  test.each([
    ["sip_ourleg_l16", false],
    ["sip_ourleg_l16_info", true],
  ])("%s: what it offers of keys", (name, isInfo) => {
    const [invite] = readRecorded(name);
    const offer = writeOffer({ port: 1, codecs: "^^:L16@16000h:PCMA", isInfo });
    // That configuration suppresses comfort noise.
    const written = offer.replace(/^(m=.*) 13$/m, "$1").replace(/^a=rtpmap:13 .*\r\n/m, "");
    const plain = (text: string) => text.replace(/^m=audio \d+/m, "m=audio 1").replace(/^o=.*\r\n/m, "");
    expect(plain(written)).toBe(plain(invite?.body ?? ""));
  });

  test("sip_ourleg_ourbye: without RTP from us FreeSWITCH sleeps for 5 s", async () => {
    let sleptMs = 0;
    const sent = await play(
      "esl_ourleg_ourbye",
      async ({ leg, lab }) => {
        await dialled(leg);
        leg.call.sendEarlyMedia();
        leg.call.answer();
        const sentMs = performance.now();
        lab.hangUp();
        await waitFor("the answer", () => lab.received.some((message) => statusOf(message)), 6000);
        sleptMs = performance.now() - sentMs;
      },
      false,
    );
    expect(sent).toEqual(mask(readRecorded("sip_ourleg_ourbye"), 25_560).map(withoutSession));
    expect(sleptMs).toBeGreaterThanOrEqual(4990);
  }, 180_000);

  test("uuid_kill too takes effect with the next packet", async () => {
    const sent = await play("esl_ourleg_kill", async ({ leg, peer }) => {
      await dialled(leg);
      leg.call.sendEarlyMedia();
      leg.call.answer();
      expect(peer.runApi("uuid_kill", leg.call.ourLeg.uuid)).toBe("+OK\n");
    });
    expect(sent.at(-1)).toContain('Reason: Q.850;cause=16;text="NORMAL_CLEARING"');
    expect(sent.map((text) => text.split(" ")[0])).toEqual(["INVITE", "ACK", "BYE"]);
  });
});

/** With the direction, which tells the legs apart, and the cause. */
function nameEvent(event: EventHeaders): string {
  const { "Event-Name": name, "Call-Direction": direction, "Hangup-Cause": cause = "" } = event;
  return `${name} ${direction} ${cause}`.trim();
}

describe("a telephone's call to us is as recorded", () => {
  test.each<[sip: string, does: LabAnswer]>([
    ["sip_inbound_answer", "ring-and-answer"],
    ["sip_inbound_answer_video", "ring-and-answer"],
    ["sip_inbound_busy", "busy"],
    ["sip_inbound_reject", "reject"],
    ["sip_inbound_callercancel", "ring"],
  ])("%s", async (sip, does) => {
    await using lab = await LabPhone.open(does);
    await using peer = await startFreeswitchPeer({ sipPort: 0 });
    const told: string[] = [];
    const fire = peer.fire.bind(peer);
    peer.fire = (event) => {
      told.push(nameEvent(event));
      fire(event);
    };
    const call = await peer.callIn({ user: "wx-sess", gateway: { host: "127.0.0.1", port: lab.port } });
    if (does === "ring") {
      await waitFor("ringing", () => call.hasRung);
      call.cancel();
    }
    await waitFor("the outcome", () => call.outcome);
    if (does === "ring-and-answer") await call.hangUp();
    expect(call.hasEnded).toBe(true);
    const recorded = readRecorded(sip);
    await waitFor("all messages", () => lab.received.length === recorded.length);
    expect(mask(lab.received, lab.port)).toEqual(mask(recorded, 25_560));
    expect(peer.faults).toEqual([]);
    const events = readRecordedCall(sip.replace("sip_", "esl_")).events.map(({ headers }) =>
      nameEvent(headers),
    );
    expect(told).toEqual(events.filter((name) => !name.startsWith("DTMF")));
  });
});
