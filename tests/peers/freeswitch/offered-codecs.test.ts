import { expect, test } from "bun:test";
import { readFixture } from "../../protocols/fixtures.ts";
import { offeredCodecs } from "./offered-codecs.ts";

const STATIC = new Map([
  ["0", "PCMU"],
  ["8", "PCMA"],
]);

/** The audio codecs of an offer, in its order. */
function readCodecs(invite: string): string[] {
  const types = /^m=audio \d+ RTP\/AVP (.*)$/m.exec(invite)?.[1]?.split(" ") ?? [];
  const isL16 = (type: string) => new RegExp(`^a=rtpmap:${type} L16/16000$`, "m").test(invite);
  return types.flatMap((type) => STATIC.get(type) ?? (isL16(type) ? "L16" : []));
}

test("the telephone is offered what was recorded for each way and codec of our leg", () => {
  const text = Buffer.from(readFixture("freeswitch/sip/sip_far_leg_offers.txt")).toString("utf8");
  const invites = text.split(/^--- /m).slice(1);
  expect(invites).toHaveLength(6);
  for (const invite of invites) {
    const [title = ""] = invite.split("\n");
    const inBraces = / with absolute_codec_string=(\S+) in the second leg's braces/.exec(title)?.[1];
    const bridge = title.includes("by gateway")
      ? {
          variables: inBraces === undefined ? {} : { absolute_codec_string: inBraces },
          gateway: "",
          number: "",
        }
      : undefined;
    const mixing = { media_mix_inbound_outbound_codecs: "true" };
    const variables = title.includes("nothing of it") ? {} : mixing;
    const exports = { export_vars: ["nway_wx", ...Object.keys(variables)].join(",") };
    const agreed = title.includes("L16") ? "L16" : "PCMA";
    const offered = offeredCodecs({ variables: { ...variables, ...exports }, bridge }, agreed);
    expect([title, offered]).toEqual([title, readCodecs(invite)]);
  }
});
