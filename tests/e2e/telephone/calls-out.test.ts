import { describe, expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { connect, dial, expectNothingLeft, NUMBER, readEnd, startLaboratory } from "./laboratory.ts";

const HANG_UP_MS = 100;

test("a telephone rings, sends early media, answers and hangs up", async () => {
  await using laboratory = await startLaboratory();
  const { app, peer } = laboratory;
  const { sessionid, leg } = await dial(laboratory);
  expect(leg.call.originate.bridge).toMatchObject({ gateway: "gw1", number: NUMBER });
  leg.call.ring();
  expect((await app.nextRequest("message", sessionid)).data.event).toBe("ringing");
  leg.call.sendEarlyMedia();
  expect((await app.nextRequest("message", sessionid)).data.event).toBe("early_media");
  leg.call.answer();
  const answer = await app.nextRequest("answer", sessionid);
  expect(answer.data.callee_audio).toBe("AAC");
  const hungUpMs = performance.now();
  leg.call.hangUpByTelephone();
  expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
  expect(performance.now() - hungUpMs).toBeLessThan(HANG_UP_MS);
  await expectNothingLeft(laboratory);
  expect(peer.commands.filter((command) => command.startsWith("bgapi originate"))).toHaveLength(1);
});

test("the app hangs up: the telephone knows at once, and RTP goes on for 200 ms", async () => {
  await using laboratory = await startLaboratory();
  const call = await dial(laboratory);
  const { leg, sessionid } = call;
  await connect(laboratory, call);
  await waitFor("RTP", () => leg.media.packetCount > 5);
  const hungUpMs = performance.now();
  await laboratory.app.bye(sessionid);
  await waitFor("the end of the telephone's leg", () => leg.call.farLeg?.state === "CS_REPORTING");
  const endedMs = performance.now();
  expect(endedMs - hungUpMs).toBeLessThan(HANG_UP_MS);
  await expectNothingLeft(laboratory);
  const lastMs = leg.media.lastHeardMs ?? 0;
  expect(lastMs - endedMs).toBeGreaterThan(150);
});

describe("a call that never connects", () => {
  test.each<[what: string, cause: string, code: number, told: string]>([
    ["is busy", "USER_BUSY", 486, "480 USER_BUSY"],
    ["rejects", "CALL_REJECTED", 603, "480 CALL_REJECTED"],
    ["is not there", "NO_USER_RESPONSE", 480, "480 NO_USER_RESPONSE"],
    ["does not exist", "UNALLOCATED_NUMBER", 404, "480 UNALLOCATED_NUMBER"],
    ["can't be reached", "NORMAL_TEMPORARY_FAILURE", 503, "480 NORMAL_TEMPORARY_FAILURE"],
    ["has another format", "INVALID_NUMBER_FORMAT", 484, "480 INVALID_NUMBER_FORMAT"],
    ["has another codec", "INCOMPATIBLE_DESTINATION", 488, "480 INCOMPATIBLE_DESTINATION"],
    ["does not react", "RECOVERY_ON_TIMER_EXPIRE", 408, "480 RECOVERY_ON_TIMER_EXPIRE"],
  ])("because the telephone %s", async (_, cause, code, told) => {
    await using laboratory = await startLaboratory();
    for (const stage of ["dialled", "ringing", "early"]) {
      const { leg, sessionid } = await dial(laboratory);
      if (stage === "ringing") leg.call.ring();
      if (stage === "early") leg.call.sendEarlyMedia();
      leg.call.refuse(cause, code);
      expect([stage, await readEnd(laboratory.app, sessionid)]).toEqual([stage, told]);
    }
    await expectNothingLeft(laboratory);
  });

  test.each([
    ["gwdown", "480 GATEWAY_DOWN"],
    ["nosuch", "480 INVALID_GATEWAY"],
  ])("because of the gateway %s", async (callout_gateway, told) => {
    await using laboratory = await startLaboratory({}, { server: { callout_gateway } });
    const { sessionid } = await laboratory.app.invite(NUMBER);
    expect(await readEnd(laboratory.app, sessionid)).toBe(told);
    await expectNothingLeft(laboratory);
  });

  test.each(["dialled", "ringing", "early"])("because nobody answers, when %s", async (stage) => {
    await using laboratory = await startLaboratory({}, { calls: { ring_seconds: 1 } });
    const { leg, sessionid } = await dial(laboratory);
    if (stage === "ringing") leg.call.ring();
    if (stage === "early") leg.call.sendEarlyMedia();
    expect(await readEnd(laboratory.app, sessionid)).toBe("480 NO_ANSWER");
    await expectNothingLeft(laboratory);
  });
});

describe("the app cancels", () => {
  const stages = ["invited", "dialled", "ringing", "early", "answered"] as const;
  test.each(stages)("when %s", async (stage) => {
    await using laboratory = await startLaboratory();
    const { app, peer } = laboratory;
    const { sessionid } = await app.invite(NUMBER);
    if (stage !== "invited") {
      const leg = await peer.nextLeg();
      if (stage === "ringing") leg.call.ring();
      if (stage === "early") leg.call.sendEarlyMedia();
      if (stage === "answered") leg.call.answer();
    }
    const cancelledMs = performance.now();
    const { data } = await app.cancel(sessionid);
    expect(data.code).toBe("200ok");
    await waitFor("the end of all channels", () => peer.calls.length === 1 && peer.channels.size === 0);
    expect(performance.now() - cancelledMs).toBeLessThan(stage === "invited" ? 500 : HANG_UP_MS);
    await expectNothingLeft(laboratory);
  });

  test("at every moment", async () => {
    const moments = 60;
    await using laboratory = await startLaboratory({
      onDial: ({ call }) => {
        call.ring();
        call.sendEarlyMedia();
        call.answer();
      },
    });
    const { app, peer } = laboratory;
    for (let moment = 0; moment < moments; moment++) {
      const startedMs = performance.now();
      const { sessionid } = await app.invite(NUMBER);
      await waitFor("the moment", () => performance.now() - startedMs >= moment * 2);
      expect((await app.cancel(sessionid)).data.code).toBe("200ok");
    }
    await waitFor("all calls", () => peer.calls.length === moments);
    await expectNothingLeft(laboratory);
  }, 60_000);
});
