import type { ClientRequest } from "../../calls/ports.ts";
import { encodeRequest } from "../../protocols/signaling/codec.ts";
import type { Protoname, Response } from "../../protocols/signaling/message.ts";

/** How the server introduces itself in its requests to one client. */
export type OutgoingProfile = {
  readonly version: string;
  readonly protoname: Protoname;
  readonly realm: string;
};

type Waiting = {
  readonly request: ClientRequest;
  readonly order: number;
  readonly text: string;
  attempts: number;
  sentAtMs: number;
};

/** An unanswered request is sent again so often, this far apart. WebSocket loses nothing: peers do. */
const REPEAT_MS = 2_000;
const MAX_ATTEMPTS = 5;
/** Waiting for one client, unanswered or unsent. */
const MAX_WAITING = 256;
const MAX_WAITING_CHARS = 524_288;
/** Of these, texts of one sender. */
const MAX_TEXTS = 64;
const MAX_TEXT_CHARS = 65_536;

/** Sends a text; false, and nothing sent, while the socket has not taken what it was given before. */
export type Send = (text: string, urgency: Urgency) => boolean;
type Urgency = "call" | "text" | "repeated text";

/** The server's requests to one client that are not answered yet, in order, over all of its sockets. */
export class Outbox {
  readonly #waiting: Waiting[] = [];
  #order = 0;
  #charCount = 0;

  get size(): number {
    return this.#waiting.length;
  }

  /** Whether one more text of this sender may wait. */
  hasRoomFor(sender: string, text: string): boolean {
    if (this.#waiting.length >= MAX_WAITING || this.#charCount + text.length > MAX_WAITING_CHARS)
      return false;
    let count = 1;
    let charCount = text.length;
    for (const { request } of this.#waiting) {
      if (request.method !== "message" || request.data.caller_number !== sender) continue;
      count += 1;
      charCount += request.data.msg?.length ?? 0;
    }
    return count === 1 || (count <= MAX_TEXTS && charCount <= MAX_TEXT_CHARS);
  }

  /** Queues a request. When there is too much the oldest give way and are returned: texts first, calls last. */
  add(request: ClientRequest, profile: OutgoingProfile): ClientRequest[] {
    const order = ++this.#order;
    const { method, sessionid, data } = request;
    const envelope = { type: "request", method, sessionid, order, appname: "fs", ...profile } as const;
    const text = encodeRequest({ ...envelope, data });
    this.#waiting.push({ request, order, text, attempts: 0, sentAtMs: 0 });
    this.#charCount += text.length;
    const dropped: ClientRequest[] = [];
    while (this.#waiting.length > MAX_WAITING || this.#charCount > MAX_WAITING_CHARS) {
      const oldest =
        this.#waiting.find((waiting) => waiting.request.method === "message") ?? this.#waiting[0];
      if (oldest === undefined) break;
      this.#remove(oldest);
      dropped.push(oldest.request);
      oldest.request.onOutcome?.(undefined);
    }
    return dropped;
  }

  /**
   * Sends what is due: the new at once, the unanswered again. Gives up on what was repeated often enough. Texts wait for
   * the socket, and those behind them, but no call does.
   */
  flush(nowMs: number, send: Send): ClientRequest[] {
    const givenUp: ClientRequest[] = [];
    let textsWait = false;
    for (const waiting of [...this.#waiting]) {
      if (waiting.attempts > 0 && nowMs - waiting.sentAtMs < REPEAT_MS) continue;
      if (waiting.attempts >= MAX_ATTEMPTS) {
        this.#remove(waiting);
        givenUp.push(waiting.request);
        waiting.request.onOutcome?.(undefined);
        continue;
      }
      const urgency = urgencyOf(waiting);
      if (urgency !== "call" && textsWait) continue;
      if (!send(waiting.text, urgency)) {
        textsWait = true;
        continue;
      }
      waiting.attempts++;
      waiting.sentAtMs = nowMs;
    }
    return givenUp;
  }

  /** A new socket: whatever the old one may have lost is due again. */
  rewind(): void {
    for (const waiting of this.#waiting) waiting.attempts = 0;
  }

  settle(response: Response): void {
    const { sessionid, method, order } = response;
    const found = this.#waiting.find(
      (waiting) =>
        waiting.order === order &&
        waiting.request.sessionid === sessionid &&
        waiting.request.method === method,
    );
    if (found === undefined) return;
    this.#remove(found);
    found.request.onOutcome?.(response.data);
  }

  withdraw(sessionid: string, method: ClientRequest["method"]): void {
    const found = this.#find(sessionid, method);
    if (found !== undefined) this.#remove(found);
  }

  /** Whether the client does not know yet that a call ended. */
  get hasEnding(): boolean {
    return this.#waiting.some(({ request: { method } }) => method === "bye" || method === "cancel");
  }

  has(sessionid: string, method: ClientRequest["method"]): boolean {
    return this.#find(sessionid, method) !== undefined;
  }

  #find(sessionid: string, method: ClientRequest["method"]): Waiting | undefined {
    return this.#waiting.find(({ request }) => request.sessionid === sessionid && request.method === method);
  }

  #remove(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#charCount -= waiting.text.length;
  }
}

function urgencyOf({ request, attempts }: Waiting): Urgency {
  if (request.method !== "message") return "call";
  return attempts > 0 ? "repeated text" : "text";
}
