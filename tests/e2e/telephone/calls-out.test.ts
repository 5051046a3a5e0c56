import { describe, expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { connect, dial, expectNothingLeft, NUMBER, readEnd, startLaboratory } from "./laboratory.ts";

const HANG_UP_MS = 100;
/** Sooner than FreeSWITCH would wake up by itself. */
const AWAKE_MS = 2000;

/** A busy machine spoils a round, a fault spoils each. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

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
  leg.call.hangUpByTelephone();
  expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
  await expectNothingLeft(laboratory);
  expect(peer.commands.filter((command) => command.startsWith("bgapi originate"))).toHaveLength(1);
});

test("the app hangs up: the telephone knows, and RTP goes on for 200 ms", async () => {
  await using laboratory = await startLaboratory();
  const call = await dial(laboratory);
  const { leg, sessionid } = call;
  await connect(laboratory, call);
  await waitFor("RTP", () => leg.media.packetCount > 5);
  await laboratory.app.bye(sessionid);
  await waitFor("the end of the telephone's leg", () => leg.call.farLeg?.state === "CS_REPORTING");
  const endedMs = performance.now();
  await expectNothingLeft(laboratory);
  const lastMs = leg.media.lastHeardMs ?? 0;
  expect(lastMs - endedMs).toBeGreaterThan(150);
  const [first, ...rest] = leg.media.packets;
  expect(first?.marker).toBe(true);
  rest.forEach((packet, n) => {
    expect(packet.ssrc).toBe(first?.ssrc ?? 0);
    expect((packet.sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff).toBe(n + 1);
    expect((packet.rtpTimestamp - (first?.rtpTimestamp ?? 0)) >>> 0).toBe((n + 1) * 160);
  });
});

test("a hang-up on either side reaches the other within 100 ms, though FreeSWITCH sleeps without RTP", async () => {
  await using laboratory = await startLaboratory();
  const { app } = laboratory;
  const tookMs = { fromApp: <number[]>[], fromTelephone: <number[]>[] };
  for (let round = 0; round < 9; round++) {
    for (const from of ["fromApp", "fromTelephone"] as const) {
      const call = await dial(laboratory);
      const { leg, sessionid } = call;
      await connect(laboratory, call);
      const startedMs = performance.now();
      if (from === "fromApp") {
        await app.bye(sessionid);
        await waitFor("the end of the telephone's leg", () => leg.call.farLeg?.state === "CS_REPORTING");
      } else {
        leg.call.hangUpByTelephone();
        await app.nextRequest("bye", sessionid);
      }
      tookMs[from].push(performance.now() - startedMs);
    }
  }
  const medians = Object.values(tookMs).map(medianOf);
  console.log("hang-up, ms:", medians.map(Math.round));
  for (const medianMs of medians) expect(medianMs).toBeLessThan(HANG_UP_MS);
  await expectNothingLeft(laboratory);
});

test("the app hangs up while FreeSWITCH holds the call: the telephone knows at once all the same", async () => {
  await using laboratory = await startLaboratory();
  const tookMs: number[] = [];
  for (let round = 0; round < 5; round++) {
    const call = await dial(laboratory);
    const { leg, sessionid } = call;
    await connect(laboratory, call);
    expect(await leg.hold()).toBe(200);
    await waitFor("RTP to end", () => performance.now() - (leg.media.lastHeardMs ?? 0) > 100);
    const hungUpMs = performance.now();
    await laboratory.app.bye(sessionid);
    await waitFor("the end of the telephone's leg", () => leg.call.farLeg?.state === "CS_REPORTING");
    tookMs.push(performance.now() - hungUpMs);
  }
  expect(medianOf(tookMs)).toBeLessThan(HANG_UP_MS);
  await expectNothingLeft(laboratory);
});

test("FreeSWITCH puts the telephone on hold, and takes it up again", async () => {
  await using laboratory = await startLaboratory();
  const call = await dial(laboratory);
  const { leg, sessionid } = call;
  await connect(laboratory, call);
  expect(await leg.hold()).toBe(200);
  expect(leg.sdp?.direction).toBe("recvonly");
  expect(await leg.resume()).toBe(200);
  expect(leg.sdp?.direction).toBe("sendrecv");
  leg.call.hangUpByTelephone();
  expect(await readEnd(laboratory.app, sessionid)).toBe("200ok NORMAL_CLEARING");
  await expectNothingLeft(laboratory);
});

test.each([10, 40, 60])("packets of %d ms, as configured", async (ptime) => {
  await using laboratory = await startLaboratory({}, { settings: { ip_port: "127.0.0.1:0", ptime } });
  const call = await dial(laboratory);
  await connect(laboratory, call);
  await waitFor("RTP", () => call.leg.media.packetCount > 5);
  expect(new Set(call.leg.media.packets.map(({ payload }) => payload.length))).toEqual(new Set([ptime * 8]));
  await laboratory.app.bye(call.sessionid);
  await expectNothingLeft(laboratory);
});

test("numbers that would be more than numbers reach nobody", async () => {
  await using laboratory = await startLaboratory();
  const { app, peer } = laboratory;
  const hostile = [
    "138,nway_wx=false",
    "138}sofia/gateway/gw2/900",
    "138) &system(id)",
    "138 XML public",
    "138\n\napi shutdown",
    "138\r\nX: y",
    "'138'",
    "$" + "{system(id)}",
    "138@192.0.2.1",
    "138;gw=gw2",
    "138%0a",
    "1".repeat(65),
    "１３８",
  ];
  for (const number of hostile) {
    const { response } = await app.invite(number);
    expect([number, response.data.code]).not.toEqual([number, "200ok"]);
  }
  expect(peer.commands.filter((command) => /originate|shutdown|system/.test(command))).toEqual([]);
  await expectNothingLeft(laboratory);
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
    expect(performance.now() - cancelledMs).toBeLessThan(AWAKE_MS);
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
  }, 180_000);
});
