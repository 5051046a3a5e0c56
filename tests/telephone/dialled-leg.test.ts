import { describe, expect, test } from "bun:test";
import { Cause } from "../../src/calls/causes.ts";
import type { LegEvent, LegProgress } from "../../src/calls/ports.ts";
import { AppError } from "../../src/errors.ts";
import type { SwitchCall, TelephoneSwitch } from "../../src/telephone/switch.ts";
import { FakeStream } from "../calls/fake-media.ts";
import { waitFor } from "../peers/wait.ts";
import { startExchange } from "./exchange-lab.ts";

const NO_URLS = { caller_url: "", callee_url: "" };

const HANG_UP_MS = 100;

type Placed = {
  readonly call: SwitchCall;
  readonly report: (event: LegProgress) => void;
  hangUpCount: number;
};

/** Places nothing; what becomes of each call is up to the test. */
class FakeSwitch implements TelephoneSwitch {
  problem: string | undefined;
  seemsGone = false;
  /** Ends each call before `placeCall` returns. */
  failsAtOnce = false;
  refusal: AppError | undefined;
  readonly placed: Placed[] = [];

  ask(): void {}

  isAt(): boolean {
    return false;
  }

  placeCall(call: SwitchCall, report: (event: LegProgress) => void) {
    const placed = { call, report, hangUpCount: 0 };
    this.placed.push(placed);
    if (this.refusal !== undefined) throw this.refusal;
    if (this.failsAtOnce) report({ kind: "ended", cause: Cause.networkOutOfOrder });
    return { ourLegId: `leg-${this.placed.length}`, hangUp: () => void placed.hangUpCount++ };
  }
}

async function startDialling() {
  const telephoneSwitch = new FakeSwitch();
  const lab = await startExchange({ telephoneSwitch });

  function dial(callerNumber = "lihao", callId = "c1", callerName?: string) {
    const streams = { heard: new FakeStream("heard", () => {}), spoken: new FakeStream("spoken", () => {}) };
    const events: LegEvent[] = [];
    const request = { callId, number: "13800000000", callerNumber, callerName, streams, urls: NO_URLS };
    const leg = lab.exchange.dial(request, (event) => void events.push(event));
    const placed = telephoneSwitch.placed.at(-1);
    if (placed === undefined) throw new Error("nothing was placed");
    return { leg, events, streams, placed };
  }

  /** The switch has called our address, and we have answered. */
  async function dialAndAnswer() {
    const dialled = dial();
    const call = await lab.callIn({ user: dialled.placed.call.session });
    await waitFor("the answer", () => call.outcome);
    expect(call.outcome).toEqual({ kind: "answered" });
    return { ...dialled, call };
  }

  async function talk() {
    const dialled = await dialAndAnswer();
    dialled.placed.report({ kind: "answered" });
    return dialled;
  }

  return { ...lab, telephoneSwitch, dial, dialAndAnswer, talk };
}

const kinds = (events: readonly LegEvent[]) => events.map(({ kind }) => kind);

test("the longest id and name that an order may have make a command", async () => {
  await using lab = await startDialling();
  const callerName = `a${"𠀀".repeat(63)}`;
  const { placed } = lab.dial(callerName, "u".repeat(64));
  expect(placed.call.callerName).toBe(callerName);
  expect(placed.call.session).toMatch(/^call-u{24}-[0-9a-f]{32}$/);
  placed.report({ kind: "ended", cause: Cause.userBusy });
  await lab.expectNothingLeft();
});

test("who calls whom, and what nobody can guess", async () => {
  await using lab = await startDialling();
  const [first, second, third] = [lab.dial(), lab.dial("李 浩@nway"), lab.dial("a,b}c\nd")];
  expect(first.placed.call).toMatchObject({
    number: "13800000000",
    callerNumber: "lihao",
    callerName: "lihao",
  });
  expect(second.placed.call).toMatchObject({ callerNumber: "anonymous", callerName: "李浩nway" });
  expect(third.placed.call).toMatchObject({ callerNumber: "anonymous", callerName: "abcd" });
  const named = lab.dial("1001", "c1", "李浩}{,");
  expect(named.placed.call).toMatchObject({ callerNumber: "1001", callerName: "李浩" });
  named.placed.report({ kind: "ended", cause: Cause.userBusy });
  const sessions = lab.telephoneSwitch.placed.map(({ call }) => call.session);
  expect(new Set(sessions).size).toBe(4);
  for (const session of sessions) expect(session).toMatch(/^call-c1-[0-9a-f]{32}$/);
  expect(first.leg.ids).toEqual(["leg-1"]);
  for (const { placed } of [first, second, third]) placed.report({ kind: "ended", cause: Cause.userBusy });
  await lab.expectNothingLeft();
});

describe("a call that ends before the switch has called us", () => {
  test("within dial itself", async () => {
    await using lab = await startDialling();
    lab.telephoneSwitch.failsAtOnce = true;
    const { events, leg } = lab.dial();
    expect(events).toEqual([{ kind: "ended", cause: Cause.networkOutOfOrder }]);
    leg.hangUp(Cause.normalClearing);
    await lab.expectNothingLeft();
  });

  test("because of a value that can't be sent to the switch", async () => {
    await using lab = await startDialling();
    lab.telephoneSwitch.refusal = new AppError("peer", "originate.bad-number");
    expect(lab.dial().events).toEqual([{ kind: "ended", cause: Cause.callRejected }]);
    await lab.expectNothingLeft();
  });

  test("by the switch", async () => {
    await using lab = await startDialling();
    const { events, placed } = lab.dial();
    placed.report({ kind: "ended", cause: "GATEWAY_DOWN" });
    expect(events).toEqual([{ kind: "ended", cause: "GATEWAY_DOWN" }]);
    await lab.expectNothingLeft();
  });

  test("by us: an INVITE that comes all the same is refused", async () => {
    await using lab = await startDialling();
    const { events, placed, leg } = lab.dial();
    leg.hangUp(Cause.originatorCancel);
    leg.hangUp(Cause.originatorCancel);
    expect(placed.hangUpCount).toBe(1);
    const call = await lab.callIn({ user: placed.call.session });
    await waitFor("the refusal", () => call.outcome);
    expect(call.outcome).toMatchObject({ kind: "refused", status: 480 });
    placed.report({ kind: "ended", cause: Cause.normalClearing });
    expect(events).toEqual([]);
    await lab.expectNothingLeft();
  });
});

test("early media and the answer are told; nothing is heard in the stream before", async () => {
  await using lab = await startDialling();
  const { call, events, placed, streams, leg } = await lab.dialAndAnswer();
  await waitFor("RTP", () => call.media.packetCount > 3);
  placed.report({ kind: "ringing" });
  expect(streams.spoken.speeches).toEqual([]);
  placed.report({ kind: "early-media" });
  await waitFor("sound", () => (streams.spoken.speeches[0]?.sound.length ?? 0) > 5);
  placed.report({ kind: "answered" });
  expect(kinds(events)).toEqual(["ringing", "early-media", "answered"]);
  expect(streams.spoken.speeches.length).toBe(1);
  expect(leg.ids).toEqual(["leg-1", call.dialog.callId]);
  await call.hangUp();
  expect(streams.spoken.speeches[0]?.isEnded).toBe(true);
  placed.report({ kind: "ended", cause: Cause.normalClearing });
  await lab.expectNothingLeft();
});

test("sound goes on in another codec when players want one", async () => {
  await using lab = await startDialling();
  const { call, placed, streams } = await lab.talk();
  await waitFor("sound", () => (streams.spoken.speeches[0]?.sound.length ?? 0) > 3);
  expect(streams.spoken.speeches[0]?.sound[0]).toMatchObject({ codec: "AAC", role: "config" });
  streams.spoken.convertAudioTo("G711A");
  await waitFor("the other codec", () => (streams.spoken.speeches[1]?.sound.length ?? 0) > 3);
  expect(streams.spoken.speeches[1]?.sound[0]).toMatchObject({ codec: "G711A", role: "key" });
  expect(streams.spoken.speeches[0]?.isEnded).toBe(true);
  await call.hangUp();
  placed.report({ kind: "ended", cause: Cause.normalClearing });
  await lab.expectNothingLeft();
});

describe("the far end refuses, told by BYE and by the event socket", () => {
  test("the event socket first", async () => {
    await using lab = await startDialling();
    const { call, events, placed } = await lab.dialAndAnswer();
    placed.report({ kind: "ended", cause: Cause.userBusy });
    await call.hangUp(Cause.userBusy);
    expect(events).toEqual([{ kind: "ended", cause: Cause.userBusy }]);
    await lab.expectNothingLeft();
  });

  test("the BYE first, with a cause that says less", async () => {
    await using lab = await startDialling();
    const { call, events, placed } = await lab.dialAndAnswer();
    await call.hangUp();
    expect(events).toEqual([]);
    placed.report({ kind: "ended", cause: Cause.noUserResponse });
    expect(events).toEqual([{ kind: "ended", cause: Cause.noUserResponse }]);
    await lab.expectNothingLeft();
  });

  test("only by the BYE: its cause counts after a while, and the channel is killed", async () => {
    await using lab = await startDialling();
    const { call, events, placed } = await lab.dialAndAnswer();
    await call.hangUp(Cause.callRejected);
    await waitFor("the end", () => events.length > 0);
    expect(events).toEqual([{ kind: "ended", cause: Cause.callRejected }]);
    expect(placed.hangUpCount).toBe(1);
    placed.report({ kind: "ended", cause: Cause.normalClearing });
    expect(events.length).toBe(1);
    await lab.expectNothingLeft();
  });

  test("only by the event socket: we hang up ourselves", async () => {
    await using lab = await startDialling();
    const { call, events, placed } = await lab.dialAndAnswer();
    placed.report({ kind: "ended", cause: Cause.userBusy });
    expect(events).toEqual([{ kind: "ended", cause: Cause.userBusy }]);
    await waitFor("our BYE", () => call.byeReason);
    expect(call.byeReason).toContain("USER_BUSY");
    await lab.expectNothingLeft();
  });
});

describe("a talk ends", () => {
  test("by the telephone's BYE, at once", async () => {
    await using lab = await startDialling();
    const { call, events, placed } = await lab.talk();
    await call.hangUp();
    expect(events.at(-1)).toEqual({ kind: "ended", cause: Cause.normalClearing });
    placed.report({ kind: "ended", cause: Cause.normalClearing });
    expect(kinds(events)).toEqual(["answered", "ended"]);
    await lab.expectNothingLeft();
  });

  test("by ours: the channel is killed only if nothing is heard of its end", async () => {
    await using lab = await startDialling();
    const { call, events, placed, leg } = await lab.talk();
    const startMs = performance.now();
    leg.hangUp(Cause.normalClearing);
    await waitFor("our BYE", () => call.byeReason);
    expect(performance.now() - startMs).toBeLessThan(HANG_UP_MS);
    expect(placed.hangUpCount).toBe(0);
    await waitFor("the kill", () => placed.hangUpCount === 1);
    placed.report({ kind: "ended", cause: Cause.normalClearing });
    expect(kinds(events)).toEqual(["answered"]);
    await lab.expectNothingLeft();
  });
});

test("keys of an ended call are nobody's", async () => {
  await using lab = await startDialling();
  const { call, events, placed, leg } = await lab.talk();
  call.media.press("7");
  await waitFor("the key", () => events.length === 2);
  expect(events[1]).toEqual({ kind: "digits", digits: "7" });
  leg.hangUp(Cause.normalClearing);
  call.media.press("8");
  leg.sendDigits("9");
  placed.report({ kind: "ended", cause: Cause.normalClearing });
  await lab.expectNothingLeft();
  expect(events.length).toBe(2);
});

test("the switch's problem is the telephone side's", async () => {
  await using lab = await startDialling();
  expect(lab.exchange.problem).toBeUndefined();
  lab.telephoneSwitch.problem = Cause.networkOutOfOrder;
  expect(lab.exchange.problem).toBe(Cause.networkOutOfOrder);
  await using without = await startExchange();
  expect(without.exchange.problem).toBe(Cause.noRoute);
});
