import { describe, expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { readCalls } from "../calls/gateway-state.ts";
import { connect, dial, expectNothingLeft, readEnd, startLaboratory } from "./laboratory.ts";

const TOLD_MS = 5000;
/** Longer than it takes to notice that FreeSWITCH is gone. */
const PATIENCE_MS = 7000;

describe("FreeSWITCH is gone under a call, and the app is told within 5 s", () => {
  test.each([
    ["killed", "dialled"],
    ["killed", "answered"],
    ["cut off", "dialled"],
    ["cut off", "answered"],
  ])("%s, when %s", async (how, stage) => {
    await using laboratory = await startLaboratory();
    const { app, peer, gateway } = laboratory;
    const call = await dial(laboratory);
    if (stage === "answered") {
      await connect(laboratory, call);
      await waitFor("RTP", () => call.leg.media.packetCount > 50);
    }
    const startedMs = performance.now();
    if (how === "killed") peer.kill();
    else peer.cutOff();
    expect(await readEnd(app, call.sessionid)).toBe("480 RECOVERY_ON_TIMER_EXPIRE");
    const tookMs = Math.round(performance.now() - startedMs);
    console.log(`${how} when ${stage}: told after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(TOLD_MS);
    await waitFor("the end of the call", async () => (await readCalls(gateway)).length === 0);
  });

  test("a telephone that called in", async () => {
    await using laboratory = await startLaboratory();
    const { app, peer, gateway } = laboratory;
    const inbound = await peer.callIn({
      user: "lihao",
      gateway: { host: "127.0.0.1", port: gateway.ports.sip },
    });
    const { sessionid } = await app.nextRequest("invite");
    await app.answer(sessionid);
    await waitFor("the answer", () => inbound.outcome?.kind === "answered");
    await waitFor("RTP", () => inbound.media.packetCount > 50);
    const startedMs = performance.now();
    peer.kill();
    expect(await readEnd(app, sessionid)).toBe("480 RECOVERY_ON_TIMER_EXPIRE");
    expect(performance.now() - startedMs).toBeLessThan(TOLD_MS);
  });
});

describe("a call goes on where not all is gone", () => {
  test.each([
    ["its sound, as on hold", true, false],
    ["its sound and the event socket", true, true],
    ["the event socket", false, true],
  ])("but %s", async (_, isSilent, isUnlinked) => {
    await using laboratory = await startLaboratory();
    const { app, peer, gateway } = laboratory;
    const call = await dial(laboratory);
    await connect(laboratory, call);
    await waitFor("RTP", () => call.leg.media.packetCount > 50);
    if (isSilent) call.leg.media.stopSending();
    if (isUnlinked) peer.closeEventSocket();
    const startedMs = performance.now();
    await waitFor("the time", () => performance.now() - startedMs > PATIENCE_MS);
    expect(await readCalls(gateway)).toMatchObject([{ state: "talking" }]);
    const wasAsked = peer.side.endpoint.trace.some((text) => text.startsWith("< UPDATE "));
    expect(wasAsked).toBe(isSilent && isUnlinked);
    call.leg.call.hangUpByTelephone();
    expect(await readEnd(app, call.sessionid)).toBe("200ok NORMAL_CLEARING");
    await expectNothingLeft(laboratory);
  });
});
