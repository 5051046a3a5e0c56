import { expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { connect, dial, expectNothingLeft, readEnd, startLaboratory } from "./laboratory.ts";

const SEAT = "1000";

/** FreeSWITCH's dialplan leads to them, and knows nothing of our codecs. */
test.each([
  ["pcma,pcmu", "PCMA"],
  ["l16,pcma", "L16"],
])("a seat that takes PCMU only is reached with codecs=%s", async (codecs, ours) => {
  await using laboratory = await startLaboratory(
    { telephoneCodecs: ["PCMU"] },
    { server: { use_callout: false }, rtp: { ports: "40000-41999", codecs } },
  );
  const call = await dial(laboratory, SEAT);
  await connect(laboratory, call);
  expect<string | undefined>(call.leg.sdp?.codec).toBe(ours);
  await waitFor("RTP", () => call.leg.media.packetCount > 5);
  call.leg.call.hangUpByTelephone();
  expect(await readEnd(laboratory.app, call.sessionid)).toBe("200ok NORMAL_CLEARING");
  await expectNothingLeft(laboratory);
});
