import { describe, expect, test } from "bun:test";
import {
  CALL_TABLE,
  type CallEvent,
  type CallEventName,
  type CallState,
  type Effect,
  type Ending,
  endingOf,
  step,
} from "../../src/calls/machine.ts";

function toEvent(name: CallEventName): CallEvent {
  return name === "calleeRefused" ? { name, cause: "USER_BUSY" } : { name };
}

/** Plays events from idle on: what was done, and each ending (there must be at most one). */
function play(names: readonly CallEventName[]) {
  let state: CallState = "idle";
  const effects: Effect[] = [];
  const endings: Ending[] = [];
  for (const name of names) {
    const found = step(state, name);
    if (found === undefined) continue;
    if (found.next === "ended") endings.push(endingOf(state, toEvent(name)));
    effects.push(...found.effects);
    state = found.next;
  }
  return { state, effects, endings };
}

const REACH: Record<"inviting" | "ringing" | "early" | "talking", readonly CallEventName[]> = {
  inviting: ["started"],
  ringing: ["started", "calleeRinging"],
  early: ["started", "calleeRinging", "calleeEarly"],
  talking: ["started", "calleeRinging", "calleeAnswered"],
};
const UNANSWERED = ["inviting", "ringing", "early"] as const;
const LIVE = [...UNANSWERED, "talking"] as const;

type Race = [what: string, events: CallEventName[], by: Ending["by"], cause: string, told: Effect[]];

const RACES: Race[] = [
  [
    "answer then cancel",
    ["calleeAnswered", "callerCancelled"],
    "caller",
    "NORMAL_CLEARING",
    ["answerCaller", "byeCallee"],
  ],
  [
    "cancel then answer",
    ["callerCancelled", "calleeAnswered"],
    "caller",
    "ORIGINATOR_CANCEL",
    ["cancelCallee"],
  ],
  [
    "cancel then refusal",
    ["callerCancelled", "calleeRefused"],
    "caller",
    "ORIGINATOR_CANCEL",
    ["cancelCallee"],
  ],
  ["refusal then cancel", ["calleeRefused", "callerCancelled"], "callee", "USER_BUSY", ["byeCaller"]],
  [
    "deadline then answer",
    ["deadline", "calleeAnswered"],
    "gateway",
    "NO_ANSWER",
    ["cancelCallee", "byeCaller"],
  ],
  [
    "answer then deadline then bye",
    ["calleeAnswered", "deadline", "calleeHungUp"],
    "callee",
    "NORMAL_CLEARING",
    ["answerCaller", "byeCaller"],
  ],
  [
    "caller's bye then callee's",
    ["calleeAnswered", "callerHungUp", "calleeHungUp"],
    "caller",
    "NORMAL_CLEARING",
    ["answerCaller", "byeCallee"],
  ],
  [
    "callee's bye then caller's",
    ["calleeAnswered", "calleeHungUp", "callerHungUp"],
    "callee",
    "NORMAL_CLEARING",
    ["answerCaller", "byeCaller"],
  ],
  [
    "answer twice",
    ["calleeAnswered", "calleeAnswered", "callerHungUp"],
    "caller",
    "NORMAL_CLEARING",
    ["answerCaller", "byeCallee"],
  ],
  [
    "late refusal in talk",
    ["calleeAnswered", "calleeRefused", "callerHungUp"],
    "caller",
    "NORMAL_CLEARING",
    ["answerCaller", "byeCallee"],
  ],
  [
    "media time-out then byes",
    ["calleeAnswered", "mediaTimeout", "callerHungUp", "calleeHungUp"],
    "gateway",
    "MEDIA_TIMEOUT",
    ["answerCaller", "byeCaller", "byeCallee"],
  ],
  [
    "caller gone then answer",
    ["callerGone", "calleeAnswered"],
    "caller",
    "RECOVERY_ON_TIMER_EXPIRE",
    ["cancelCallee"],
  ],
  [
    "callee gone then cancel",
    ["calleeGone", "callerCancelled"],
    "callee",
    "USER_NOT_REGISTERED",
    ["byeCaller"],
  ],
  [
    "both gone in talk",
    ["calleeAnswered", "callerGone", "calleeGone"],
    "caller",
    "RECOVERY_ON_TIMER_EXPIRE",
    ["answerCaller", "byeCallee"],
  ],
  ["callee rejects by bye", ["calleeHungUp", "callerHungUp"], "callee", "CALL_REJECTED", ["byeCaller"]],
];

describe("races end a call once, by whoever came first", () => {
  for (const state of UNANSWERED) {
    test.each(RACES)(`${state}: %s`, (_what, events, by, cause, told) => {
      const before = play(REACH[state]).effects;
      const { state: last, effects, endings } = play([...REACH[state], ...events]);
      expect(last).toBe("ended");
      expect(endings).toEqual([{ by, cause }]);
      expect(effects.slice(before.length)).toEqual([...told, "release"]);
    });
  }
});

type Row = [
  state: CallState,
  event: CallEventName,
  next: CallState | undefined,
  by?: Ending["by"],
  cause?: string,
];

const EACH_STATE: Row[] = [
  ...LIVE.flatMap((state): Row[] => [
    [state, "callerLost", state],
    [state, "calleeLost", state],
    [state, "callerBack", state],
    [state, "calleeBack", state],
    [state, "callerGone", "ended", "caller", "RECOVERY_ON_TIMER_EXPIRE"],
    [state, "shutdown", "ended", "gateway", "SYSTEM_SHUTDOWN"],
    [state, "started", undefined],
  ]),
  ...UNANSWERED.flatMap((state): Row[] => [
    [state, "calleeGone", "ended", "callee", "USER_NOT_REGISTERED"],
    [state, "deadline", "ended", "gateway", "NO_ANSWER"],
    [state, "mediaTimeout", undefined],
    [state, "callerCancelled", "ended", "caller", "ORIGINATOR_CANCEL"],
    [state, "callerHungUp", "ended", "caller", "ORIGINATOR_CANCEL"],
    [state, "calleeHungUp", "ended", "callee", "CALL_REJECTED"],
    [state, "calleeRefused", "ended", "callee", "USER_BUSY"],
    [state, "calleeAnswered", "talking"],
  ]),
  ["talking", "calleeGone", "ended", "callee", "RECOVERY_ON_TIMER_EXPIRE"],
  ["talking", "deadline", undefined],
  ["talking", "mediaTimeout", "ended", "gateway", "MEDIA_TIMEOUT"],
  ["talking", "calleeRinging", undefined],
  ["talking", "calleeEarly", undefined],
  ["ringing", "calleeRinging", undefined],
  ["early", "calleeRinging", undefined],
  ["early", "calleeEarly", undefined],
  ["inviting", "calleeRinging", "ringing"],
  ["inviting", "calleeEarly", "early"],
  ["ringing", "calleeEarly", "early"],
  ["idle", "started", "inviting"],
];

for (const [state, event, next, by, cause] of EACH_STATE) {
  test(`${state} × ${event} → ${next ?? "nothing"}`, () => {
    expect(step(state, event)?.next).toBe(next);
    if (by !== undefined && cause !== undefined)
      expect(endingOf(state, toEvent(event))).toEqual({ by, cause });
  });
}

test("a hold says whose, and its end too", () => {
  expect(
    play([...REACH.talking, "callerLost", "calleeLost", "calleeBack", "callerBack"]).effects.slice(-4),
  ).toEqual(["holdCaller", "holdCallee", "unholdCallee", "unholdCaller"]);
});

test("nothing happens to an ended call, and nothing but the start to an idle one", () => {
  expect(CALL_TABLE.ended).toEqual({});
  expect(Object.keys(CALL_TABLE.idle)).toEqual(["started"]);
});

test("each way into ended releases, last", () => {
  for (const row of Object.values(CALL_TABLE)) {
    for (const [next, effects] of Object.values(row)) {
      expect(effects.includes("release")).toBe(next === "ended");
      if (next === "ended") expect(effects.at(-1)).toBe("release");
    }
  }
});

test("a row that goes on has one effect, so that an event caused by it cannot overtake another effect", () => {
  for (const row of Object.values(CALL_TABLE)) {
    for (const [next, effects] of Object.values(row)) {
      if (next !== "ended") expect(effects).toHaveLength(1);
    }
  }
});
