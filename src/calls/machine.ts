import { Cause } from "./causes.ts";

export type CallState = "idle" | "inviting" | "ringing" | "early" | "talking" | "ended";
export type Side = "caller" | "callee";

export type Codecs = { readonly audio: string; readonly video: string };

/** What happens to a call. A lost socket may come back; a gone one did not come back in time. */
export type CallEvent =
  | { readonly name: "started" }
  | { readonly name: "calleeRinging"; readonly codecs?: Codecs }
  | { readonly name: "calleeEarly"; readonly codecs?: Codecs }
  | { readonly name: "calleeAnswered"; readonly codecs?: Codecs }
  | { readonly name: "calleeRefused"; readonly cause: string }
  | { readonly name: "callerCancelled" }
  /** `cause`: what a telephone gave, if it says more than that it hung up in this state. */
  | { readonly name: "callerHungUp" | "calleeHungUp"; readonly cause?: string }
  | { readonly name: "callerLost" | "calleeLost" | "callerBack" | "calleeBack" }
  | { readonly name: "callerGone" | "calleeGone" }
  | { readonly name: "deadline" | "mediaTimeout" }
  /** `cause`: why, if not because the gateway stops. */
  | { readonly name: "shutdown"; readonly cause?: string };

export type CallEventName = CallEvent["name"];

export type Effect =
  | "inviteCallee"
  | "tellRinging"
  | "tellEarlyMedia"
  | "answerCaller"
  | "cancelCallee"
  | "byeCaller"
  | "byeCallee"
  | "holdCaller"
  | "holdCallee"
  | "unholdCaller"
  | "unholdCallee"
  | "release";

type Cell = readonly [next: CallState, effects: readonly Effect[]];
type Row = Partial<Record<CallEventName, Cell>>;

/** How a call ends that nobody has answered. The party that ends it need not be told. */
const UNANSWERED_ENDINGS: Row = {
  calleeRefused: ["ended", ["byeCaller", "release"]],
  calleeHungUp: ["ended", ["byeCaller", "release"]],
  calleeGone: ["ended", ["byeCaller", "release"]],
  callerCancelled: ["ended", ["cancelCallee", "release"]],
  callerHungUp: ["ended", ["cancelCallee", "release"]],
  callerGone: ["ended", ["cancelCallee", "release"]],
  deadline: ["ended", ["cancelCallee", "byeCaller", "release"]],
  shutdown: ["ended", ["cancelCallee", "byeCaller", "release"]],
};

/** A lost socket changes no state: requests wait for it, and the call goes on. */
function heldIn(state: CallState): Row {
  return {
    callerLost: [state, ["holdCaller"]],
    calleeLost: [state, ["holdCallee"]],
    callerBack: [state, ["unholdCaller"]],
    calleeBack: [state, ["unholdCallee"]],
  };
}

/** No cell means a late event, or one that means nothing here: stay, do nothing. */
export const CALL_TABLE: Record<CallState, Row> = {
  idle: {
    started: ["inviting", ["inviteCallee"]],
  },
  inviting: {
    calleeRinging: ["ringing", ["tellRinging"]],
    calleeEarly: ["early", ["tellEarlyMedia"]],
    calleeAnswered: ["talking", ["answerCaller"]],
    ...UNANSWERED_ENDINGS,
    ...heldIn("inviting"),
  },
  ringing: {
    calleeEarly: ["early", ["tellEarlyMedia"]],
    calleeAnswered: ["talking", ["answerCaller"]],
    ...UNANSWERED_ENDINGS,
    ...heldIn("ringing"),
  },
  early: {
    calleeAnswered: ["talking", ["answerCaller"]],
    ...UNANSWERED_ENDINGS,
    ...heldIn("early"),
  },
  talking: {
    callerCancelled: ["ended", ["byeCallee", "release"]],
    callerHungUp: ["ended", ["byeCallee", "release"]],
    callerGone: ["ended", ["byeCallee", "release"]],
    calleeHungUp: ["ended", ["byeCaller", "release"]],
    calleeGone: ["ended", ["byeCaller", "release"]],
    mediaTimeout: ["ended", ["byeCaller", "byeCallee", "release"]],
    shutdown: ["ended", ["byeCaller", "byeCallee", "release"]],
    ...heldIn("talking"),
  },
  ended: {},
};

export type Step = { readonly next: CallState; readonly effects: readonly Effect[] };

/** Looks the event up; undefined when it means nothing in this state. */
export function step(state: CallState, event: CallEventName): Step | undefined {
  const cell = CALL_TABLE[state][event];
  return cell === undefined ? undefined : { next: cell[0], effects: cell[1] };
}

export type Ending = { readonly by: Side | "gateway"; readonly cause: string };

/** Who ended a call that was in `state`, and why; only for events whose cell leads to `ended`. */
export function endingOf(state: CallState, event: CallEvent): Ending {
  const connected = state === "talking";
  switch (event.name) {
    case "callerCancelled":
      return { by: "caller", cause: connected ? Cause.normalClearing : Cause.originatorCancel };
    case "callerHungUp":
      return {
        by: "caller",
        cause: event.cause ?? (connected ? Cause.normalClearing : Cause.originatorCancel),
      };
    case "calleeHungUp":
      return { by: "callee", cause: event.cause ?? (connected ? Cause.normalClearing : Cause.callRejected) };
    case "calleeRefused":
      return { by: "callee", cause: event.cause };
    case "callerGone":
      return { by: "caller", cause: Cause.recoveryOnTimerExpire };
    case "calleeGone":
      return { by: "callee", cause: connected ? Cause.recoveryOnTimerExpire : Cause.userNotRegistered };
    case "deadline":
      return { by: "gateway", cause: Cause.noAnswer };
    case "mediaTimeout":
      return { by: "gateway", cause: Cause.mediaTimeout };
    case "shutdown":
      return { by: "gateway", cause: event.cause ?? Cause.systemShutdown };
    default:
      return { by: "gateway", cause: Cause.systemShutdown };
  }
}
