import type { Gateway } from "../peers/gateway.ts";

/** What an attacker knows: more than strangers can. */
export type Target = {
  readonly ports: Gateway["ports"];
  readonly pid: number;
  /** Of one side of a call that goes on. */
  readonly live: { readonly push: string; readonly pull: string };
  /** Of another call that goes on. */
  readonly other: { readonly push: string; readonly pull: string };
  /** Of a call that has ended. */
  readonly ended: { readonly push: string; readonly pull: string };
  /** The key of a stream of a live call, which a client named. */
  readonly namedKey: string;
  readonly recordsFolder: string;
};

/** Goes on until `untilMs` of `performance.now()`; throws when it got what nobody must get. */
export type Attack = (target: Target, untilMs: number) => Promise<void>;

/** By name. */
export type Attacks = Readonly<Record<string, Attack>>;

/** Beside those whose calls are listened to. */
export const USERS = {
  newcomer: "newcomer",
  spender: "spender",
  barred: "barred",
  texter: "texter",
  victim: "victim",
};

/** An address of this machine that is nobody's in the calls. */
export const ELSEWHERE = "127.0.0.9";

/** @param what happened where it does not hold */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
