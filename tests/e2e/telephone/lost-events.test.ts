import { expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { readCalls } from "../calls/gateway-state.ts";
import { dial, expectNothingLeft, readEnd, startLaboratory } from "./laboratory.ts";

const RING_MS = 5000;

test.each(["rang", "was dialled"])(
  "the answer of a telephone that %s is lost: the talk begins all the same, and outlives ring_seconds",
  async (stage) => {
    await using laboratory = await startLaboratory({}, { calls: { ring_seconds: RING_MS / 1000 } });
    const { app, peer, gateway } = laboratory;
    const dialledMs = performance.now();
    const { sessionid, leg } = await dial(laboratory);
    if (stage === "rang") leg.call.ring();
    peer.lostEvents.add("CHANNEL_ANSWER");
    leg.call.answer();
    await app.nextRequest("answer", sessionid);
    expect(performance.now() - dialledMs).toBeLessThan(RING_MS);
    await waitFor("the time to ring", () => performance.now() - dialledMs > RING_MS + 1000);
    expect(await readCalls(gateway)).toMatchObject([{ state: "talking" }]);
    leg.call.hangUpByTelephone();
    expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
    await expectNothingLeft(laboratory);
  },
);
