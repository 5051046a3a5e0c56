import type { SipHeader, SipHeaders } from "./headers.ts";

/** RFC 4028, section 5: no shorter session may be asked for. */
const MIN_SE_S = 90;
const MAX_INTERVAL_S = 86_400;
/** Section 10: how long before its end an unrefreshed session is hung up. */
const HANG_UP_AHEAD_S = 32;

type Session = { readonly intervalS: number; readonly refresher: "us" | "peer" };

/** What the session timer asks for: refresh the session, or hang up because the peer did not. */
export type SessionDue = "refresh" | "expired";

/** Keeps a session from lasting for ever after its peer is gone (RFC 4028). Runs only if the peer asks for it. */
export class SessionTimer {
  #session: Session | undefined;
  /** What a 422 of the peer asked for. */
  #minSeS = MIN_SE_S;
  #refreshMs = Number.POSITIVE_INFINITY;
  #expireMs = Number.POSITIVE_INFINITY;

  get deadlineMs(): number {
    return Math.min(this.#refreshMs, this.#expireMs);
  }

  /** Whether the peer wants a session shorter than is allowed: answer 422 with Min-SE. */
  static isTooShort(request: SipHeaders): boolean {
    const asked = readSessionExpires(request);
    return asked !== undefined && asked.intervalS < MIN_SE_S && request.tokens("supported").includes("timer");
  }

  static readonly minSe: SipHeader = { name: "Min-SE", value: String(MIN_SE_S) };

  /** What the INVITE of a new call says; the peer chooses who refreshes. */
  static ask(intervalS: number, minSeS = MIN_SE_S): SipHeader[] {
    return [
      { name: "Session-Expires", value: String(Math.max(intervalS, minSeS)) },
      { name: "Min-SE", value: String(minSeS) },
    ];
  }

  /** What a 422 asks for at least, in seconds; undefined where it says nothing that can be had. */
  static readMinSe(refusal: SipHeaders): number | undefined {
    const digits = /^[0-9]{1,9}/.exec(refusal.first("min-se") ?? "")?.[0];
    const minSeS = Number(digits ?? 0);
    return minSeS > MIN_SE_S && minSeS <= MAX_INTERVAL_S ? minSeS : undefined;
  }

  /** Takes over what an INVITE or UPDATE of the peer asks for; returns what the 2xx says of it. */
  agree(request: SipHeaders, nowMs: number): SipHeader[] {
    const asked = readSessionExpires(request);
    if (asked === undefined) {
      this.#run(undefined, nowMs);
      return [];
    }
    const supportsTimer = request.tokens("supported").includes("timer");
    const refresher = asked.refresher === "uas" || !supportsTimer ? "us" : "peer";
    const intervalS = Math.max(asked.intervalS, MIN_SE_S);
    this.#run({ intervalS, refresher }, nowMs);
    const value = `${intervalS};refresher=${refresher === "us" ? "uas" : "uac"}`;
    return [
      ...(refresher === "peer" ? [{ name: "Require", value: "timer" }] : []),
      { name: "Session-Expires", value },
    ];
  }

  /** What our own INVITE or UPDATE says. */
  offer(): SipHeader[] {
    if (this.#session === undefined) return [];
    const { intervalS, refresher } = this.#session;
    const value = `${intervalS};refresher=${refresher === "us" ? "uac" : "uas"}`;
    return [
      { name: "Session-Expires", value },
      { name: "Min-SE", value: String(this.#minSeS) },
    ];
  }

  /** Takes a longer session that a 422 asks for; false where it asks for nothing new. It runs once it is agreed on. */
  raise(minSeS: number): boolean {
    if (this.#session === undefined || minSeS <= this.#minSeS) return false;
    this.#minSeS = minSeS;
    this.#session = { ...this.#session, intervalS: Math.max(this.#session.intervalS, minSeS) };
    return true;
  }

  /** Takes over what a 2xx to it says; the session goes on as it was where it says nothing. */
  confirm(response: SipHeaders, nowMs: number): void {
    const given = readSessionExpires(response);
    if (given === undefined) {
      this.#run(this.#session, nowMs);
      return;
    }
    // Shorter than Min-SE is not the peer's to choose, and would be a storm of refreshes, or the end at once.
    const intervalS = Math.max(given.intervalS, MIN_SE_S);
    this.#run({ intervalS, refresher: given.refresher === "uas" ? "peer" : "us" }, nowMs);
  }

  /** What is due now, once. A refresh that does not come through lets the session expire. */
  takeDue(nowMs: number): SessionDue | undefined {
    if (nowMs >= this.#expireMs) {
      this.stop();
      return "expired";
    }
    if (nowMs < this.#refreshMs) return undefined;
    this.#refreshMs = Number.POSITIVE_INFINITY;
    return "refresh";
  }

  stop(): void {
    this.#refreshMs = Number.POSITIVE_INFINITY;
    this.#expireMs = Number.POSITIVE_INFINITY;
  }

  #run(session: Session | undefined, nowMs: number): void {
    this.#session = session;
    this.stop();
    if (session === undefined) return;
    const { intervalS, refresher } = session;
    const aheadS = Math.min(HANG_UP_AHEAD_S, intervalS / 3);
    this.#expireMs = nowMs + (intervalS - aheadS) * 1000;
    if (refresher === "us") this.#refreshMs = nowMs + (intervalS * 1000) / 2;
  }
}

const SESSION_EXPIRES = /^([0-9]{1,9})[ \t]*(?:;|$)/;
const REFRESHER = /;[ \t]*refresher[ \t]*=[ \t]*(uac|uas)[ \t]*(?:;|$)/i;

function readSessionExpires(
  headers: SipHeaders,
): { readonly intervalS: number; readonly refresher: string | undefined } | undefined {
  const value = headers.first("session-expires") ?? "";
  const digits = SESSION_EXPIRES.exec(value)?.[1];
  if (digits === undefined) return undefined;
  const refresher = REFRESHER.exec(value)?.[1]?.toLowerCase();
  return { intervalS: Math.min(Number(digits), MAX_INTERVAL_S), refresher };
}
