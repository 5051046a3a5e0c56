import { describe, expect, test } from "bun:test";
import { Cause } from "../../src/calls/causes.ts";
import { waitFor } from "../peers/wait.ts";
import { startExchange } from "./exchange-lab.ts";

const HANG_UP_MS = 100;

test("a telephone's call rings, is answered and hung up by the telephone", async () => {
  await using lab = await startExchange();
  const { call, leg, events } = await lab.ring();
  await waitFor("180", () => call.hasRung);
  expect(call.outcome).toBeUndefined();
  leg.answer();
  await waitFor("200", () => call.outcome);
  expect(call.outcome).toEqual({ kind: "answered" });
  expect(call.dialog.provisional.filter((status) => status !== 100)).toEqual([180]);
  expect(await call.hangUp()).toBe(200);
  expect(events).toEqual([{ kind: "ended", cause: Cause.normalClearing }]);
  await lab.expectNothingLeft();
});

test("numbers are the user parts, and the name is the display name", async () => {
  await using lab = await startExchange();
  await lab.ring({ user: "li%20hao", callerNumber: "+8613900000001" });
  const { callerNumber, callerName, calledNumber } = lab.taken[0]?.phone ?? {};
  expect([callerNumber, callerName, calledNumber]).toEqual(["+8613900000001", "+8613900000001", "li hao"]);
});

describe("refused", () => {
  test.each([
    [Cause.userBusy, 486, 17],
    [Cause.callRejected, 603, 21],
    [Cause.userNotRegistered, 480, 20],
    [Cause.unallocatedNumber, 404, 1],
    [Cause.noAnswer, 480, 19],
    [Cause.switchCongestion, 503, 42],
    ["SOMETHING_ELSE", 480, 31],
  ])("at once with %s", async (cause, status, q850) => {
    await using lab = await startExchange();
    lab.exchange.takeCalls((call) => call.refuse(cause));
    const call = await lab.callIn();
    await waitFor("the refusal", () => call.outcome);
    expect(call.outcome).toEqual({ kind: "refused", status, reason: `Q.850;cause=${q850};text="${cause}"` });
    await lab.expectNothingLeft();
  });

  test("while it rings", async () => {
    await using lab = await startExchange();
    const { call, leg, events } = await lab.ring();
    leg.hangUp(Cause.userBusy);
    await waitFor("the refusal", () => call.outcome);
    expect(call.outcome).toMatchObject({ kind: "refused", status: 486 });
    await lab.expectNothingLeft();
    expect(events).toEqual([]);
  });

  test("for want of a common codec, before anybody is called", async () => {
    await using lab = await startExchange({ codecs: ["L16"] });
    const call = await lab.callIn({ codecs: "PCMU" });
    await waitFor("the refusal", () => call.outcome);
    expect(call.outcome).toMatchObject({ kind: "refused", status: 488 });
    expect(lab.taken).toEqual([]);
    await lab.expectNothingLeft();
  });
});

describe("the caller gives up", () => {
  test("while it rings", async () => {
    await using lab = await startExchange();
    const { call, events } = await lab.ring();
    call.cancel();
    await waitFor("487", () => call.outcome);
    expect(call.outcome).toMatchObject({ kind: "refused", status: 487 });
    await lab.expectNothingLeft();
    expect(events.map(({ kind }) => kind)).toEqual(["ended"]);
  });

  test("as it is answered", async () => {
    await using lab = await startExchange();
    for (let turns = 0; turns < 12; turns++) {
      const { call, leg, events } = await lab.ring();
      call.cancel();
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (events.length === 0) leg.answer();
      await waitFor("the end", () => call.outcome);
      if (call.outcome?.kind === "answered") await call.hangUp();
      await waitFor("the end to be told", () => events.some(({ kind }) => kind === "ended"));
    }
    await lab.expectNothingLeft();
  });
});

test("a hang-up of ours reaches the telephone within 100 ms, with its cause, and RTP goes on for 200 ms", async () => {
  await using lab = await startExchange();
  const { call, leg, events } = await lab.connect();
  await waitFor("RTP", () => call.media.packetCount > 3);
  const startMs = performance.now();
  leg.hangUp(Cause.normalClearing);
  await waitFor("the BYE", () => call.byeReason);
  expect(performance.now() - startMs).toBeLessThan(HANG_UP_MS);
  expect(call.byeReason).toBe('Q.850;cause=16;text="NORMAL_CLEARING"');
  const endedMs = performance.now();
  await lab.expectNothingLeft();
  expect((call.media.lastHeardMs ?? 0) - endedMs).toBeGreaterThan(140);
  expect(events).toEqual([]);
  leg.hangUp(Cause.normalClearing);
});

test("RTP comes from the answer on, one packet each packet time", async () => {
  await using lab = await startExchange({ ptimeMs: 30 });
  const { call, leg } = await lab.ring({ codecs: "PCMU" });
  expect(call.media.packetCount).toBe(0);
  leg.answer();
  await waitFor("RTP", () => call.media.packetCount > 10);
  expect(call.sdp).toMatchObject({ codec: "PCMU", ptimeMs: 30 });
  expect(call.media.packets.every(({ payload }) => payload.length === 240)).toBe(true);
  await call.hangUp();
  await lab.expectNothingLeft();
  const { codec, sentPackets = 0 } = leg.media ?? {};
  expect(codec).toBe("PCMU");
  expect(sentPackets).toBeGreaterThan(10);
});

describe("keys", () => {
  test("that the telephone presses come once each, by RTP, by INFO or by both", async () => {
    await using lab = await startExchange();
    const { call, events } = await lab.connect();
    const keys = () => events.flatMap((event) => (event.kind === "digits" ? [event.digits] : [])).join("");
    call.media.press("1");
    await waitFor("the key", () => keys() === "1");
    expect(await call.dialog.info("1")).toBe(200);
    expect(await call.dialog.info("5")).toBe(200);
    call.media.press("5");
    call.media.press("#");
    await waitFor("the last key", () => keys().endsWith("#"));
    expect(keys()).toBe("15#");
    await call.hangUp();
    await lab.expectNothingLeft();
  });

  test("for the telephone are sent as telephone events", async () => {
    await using lab = await startExchange();
    const { call, leg } = await lab.connect();
    leg.sendDigits("12*");
    await waitFor("the keys", () => call.media.digits.length === 3);
    expect(call.media.digits).toBe("12*");
    await call.hangUp();
    await lab.expectNothingLeft();
  });

  test("for a telephone that takes no telephone events are sent by INFO, in order", async () => {
    await using lab = await startExchange();
    const { call, leg } = await lab.connect({ codecs: "L16@16000h", isInfo: true });
    leg.sendDigits("12");
    leg.sendDigits("#");
    await waitFor("the keys", () => call.dialog.infos.length === 3);
    expect(call.dialog.infos).toEqual(["1", "2", "#"].map((key) => `Signal=${key}\r\nDuration=160\r\n`));
    expect(call.media.digits).toBe("");
    await call.hangUp();
    await lab.expectNothingLeft();
  });
});

test("a held telephone gets nothing until it is resumed", async () => {
  await using lab = await startExchange();
  const { call } = await lab.connect();
  await waitFor("RTP", () => call.media.packetCount > 3);
  expect(await call.renegotiate("sendonly")).toBe(200);
  expect(call.sdp).toMatchObject({ direction: "recvonly" });
  const heldCount = call.media.packetCount;
  await waitFor("time to pass", () => performance.now() - (call.media.lastHeardMs ?? 0) > 100);
  expect(call.media.packetCount).toBeLessThanOrEqual(heldCount + 1);
  expect(await call.renegotiate("sendrecv")).toBe(200);
  await waitFor("RTP", () => call.media.packetCount > heldCount + 5);
  await call.hangUp();
  await lab.expectNothingLeft();
});

describe("a telephone that is silent", () => {
  test("is asked whether it is there, and the call goes on", async () => {
    await using lab = await startExchange({ silenceMs: 100 });
    const { call, events } = await lab.connect();
    call.media.stopSending();
    const asked = () =>
      lab.side.endpoint.traceOf(call.dialog.callId).filter((text) => text.startsWith("< UPDATE"));
    await waitFor("questions", () => asked().length > 1);
    expect(events).toEqual([]);
    await call.hangUp();
    await lab.expectNothingLeft();
  });

  test("and knows nothing of the call any more: it ends", async () => {
    await using lab = await startExchange({ silenceMs: 100 });
    const { call, events } = await lab.connect();
    call.media.stopSending();
    lab.side.endpoint.dialogs.clear();
    await waitFor("the end", () => events[0]);
    expect(events).toEqual([{ kind: "ended", cause: Cause.recoveryOnTimerExpire }]);
    await waitFor("our BYE, which finds nothing either", () => lab.sip.callCount === 0);
    lab.faults.length = 0;
    await lab.expectNothingLeft();
  });
});

test("a stopping exchange hangs up what is left", async () => {
  const lab = await startExchange();
  const { call } = await lab.connect();
  const ringing = await lab.ring();
  await lab.exchange[Symbol.asyncDispose]();
  expect(call.byeReason).toContain("SYSTEM_SHUTDOWN");
  expect(ringing.call.outcome).toMatchObject({ status: 503 });
  expect(lab.exchange.legCount).toBe(0);
  await lab[Symbol.asyncDispose]();
});

test("500 calls in a row leave nothing behind", async () => {
  await using lab = await startExchange();
  for (let count = 0; count < 500; count++) {
    const { call, leg } = await lab.connect();
    if (count % 2 === 0) await call.hangUp();
    else leg.hangUp(Cause.normalClearing);
    lab.taken.length = 0;
  }
  await lab.expectNothingLeft();
}, 180_000);
