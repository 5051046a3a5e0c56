import type { Clock, Timer } from "../clock.ts";
import type { Call } from "./call.ts";
import { Cause } from "./causes.ts";
import type { Side } from "./machine.ts";
import type { ClientLink, ClientWatcher } from "./ports.ts";

const TICK_MS = 500;

type ClientEvent = "callerLost" | "calleeLost" | "callerBack" | "calleeBack" | "callerGone" | "calleeGone";

/** The calls that have not ended, by id, session and user, and the one tick that drives the time-outs of all. */
export class LiveCalls implements ClientWatcher {
  /** By their ids. */
  readonly #calls = new Map<string, Call>();
  /** The calls of each user by session. A user has at most one call in a session. */
  readonly #byUser = new Map<string, Map<string, Call>>();
  /** How many calls there are in each session. */
  readonly #sessions = new Map<string, number>();
  /** The timer runs only while there are calls. */
  #tick: Timer | undefined;

  constructor(readonly clock: Clock) {}

  get size(): number {
    return this.#calls.size;
  }

  list(): Call[] {
    return [...this.#calls.values()];
  }

  get(callId: string): Call | undefined {
    return this.#calls.get(callId);
  }

  /** The user's call in this session. Users who have nothing to do with each other may choose the same sessionid. */
  find(user: string, sessionid: string): Call | undefined {
    return this.#byUser.get(user)?.get(sessionid);
  }

  /** Whether anybody has a call in this session. */
  isOpen(sessionid: string): boolean {
    return this.#sessions.has(sessionid);
  }

  countOf(user: string): number {
    return this.#byUser.get(user)?.size ?? 0;
  }

  isCalling(from: string, to: string): boolean {
    const calls = this.#byUser.get(from);
    return calls?.values().some(({ caller, callee }) => caller.user === from && callee.user === to) ?? false;
  }

  add(call: Call): void {
    const { callId, sessionid } = call.setup;
    this.#calls.set(callId, call);
    this.#sessions.set(sessionid, (this.#sessions.get(sessionid) ?? 0) + 1);
    for (const user of usersOf(call)) {
      const calls = this.#byUser.get(user);
      if (calls === undefined) this.#byUser.set(user, new Map([[sessionid, call]]));
      else calls.set(sessionid, call);
    }
    this.#tick ??= this.clock.every(TICK_MS, () => this.#checkTime());
  }

  remove(call: Call): void {
    const { callId, sessionid } = call.setup;
    this.#calls.delete(callId);
    const others = (this.#sessions.get(sessionid) ?? 1) - 1;
    if (others > 0) this.#sessions.set(sessionid, others);
    else this.#sessions.delete(sessionid);
    for (const user of usersOf(call)) {
      const calls = this.#byUser.get(user);
      calls?.delete(sessionid);
      if (calls?.size === 0) this.#byUser.delete(user);
    }
    if (this.#calls.size > 0) return;
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  /** Ends the calls of an app that was started anew: it has come back, and knows nothing of them. */
  endForgotten(user: string): void {
    for (const call of [...(this.#byUser.get(user)?.values() ?? [])]) {
      const side = call.caller.user === user ? "caller" : "callee";
      if (call.isForgottenBy(side)) call.dispatch({ name: `${side}HungUp`, cause: Cause.replaced });
    }
  }

  clientLost(user: string): boolean {
    return this.#tellCalls(user, "callerLost", "calleeLost");
  }

  clientBack(user: string): boolean {
    return this.#tellCalls(user, "callerBack", "calleeBack");
  }

  clientGone(user: string): void {
    this.#tellCalls(user, "callerGone", "calleeGone");
  }

  #tellCalls(user: string, asCaller: ClientEvent, asCallee: ClientEvent): boolean {
    const calls = [...(this.#byUser.get(user)?.values() ?? [])];
    for (const call of calls) call.dispatch({ name: call.caller.user === user ? asCaller : asCallee });
    return calls.length > 0;
  }

  #checkTime(): void {
    const nowMs = this.clock.nowMs();
    for (const call of this.#calls.values()) call.checkTime(nowMs);
  }
}

function usersOf({ caller, callee }: Call): string[] {
  return [caller.user, callee.user].filter((user) => user !== undefined);
}

export function sideOf({ caller, callee }: Call, { user }: ClientLink): Side | undefined {
  if (caller.user === user) return "caller";
  return callee.user === user ? "callee" : undefined;
}
