import type { Outcome } from "../../calls/outcome.ts";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { decodeFrame, encodeResponse, refuseFrame } from "../../protocols/signaling/codec.ts";
import { CloseCode } from "../../protocols/signaling/codes.ts";
import type { Request } from "../../protocols/signaling/message.ts";
import { Bucket, type Rate } from "../bucket.ts";
import type { ClientSocket, Registration } from "./registration.ts";
import { ResponseMemory } from "./response-memory.ts";

/** Judges a request; later if it must ask a database. */
export type Serve = (connection: Connection, request: Request) => Outcome | Promise<Outcome>;

/** What a connection needs of its server. `fault` is told of whatever `serve` throws: the connection can't go on. */
export type ConnectionDuties = {
  readonly serve: Serve;
  readonly fault: (connection: Connection, thrown: unknown) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The socket of a connection. */
export interface ClientPeer {
  /** What it has not taken yet, as far as the system tells. */
  readonly unsentByteCount: number;
  setKnown(isKnown: boolean): void;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Where a client comes from, and how it reached us, as it stands in a URL. */
export type ClientOrigin = {
  readonly address: string;
  readonly from: string;
  readonly host: string;
  /** Encrypted. */
  readonly isSecure: boolean;
};

/** Frames that may wait while a request is being judged. */
const MAX_WAITING_FRAMES = 32;
/** A frame costs one, and one more for each 4 KiB. A client that calls and writes needs a few a second. */
const STRANGERS_RATE: Rate = { perSecond: 5, burst: 20 };
const CLIENTS_RATE: Rate = { perSecond: 1000, burst: 2000 };
const COST_BYTES = 4096;

/** One client's socket. There are thousands: it holds no timer and makes what it needs late. */
export class Connection implements ClientSocket {
  lastFrameMs: number;
  lastPingMs: number;
  #peer: ClientPeer | undefined;
  #allowance: Bucket;
  #registration: Registration | undefined;
  #responses: ResponseMemory | undefined;
  /** Frames that came while a request is being judged; undefined while none is. */
  #waiting: string[] | undefined;

  constructor(
    readonly origin: ClientOrigin,
    peer: ClientPeer,
    readonly duties: ConnectionDuties,
  ) {
    const nowMs = duties.clock.nowMs();
    this.#peer = peer;
    this.lastFrameMs = nowMs;
    this.lastPingMs = nowMs;
    this.#allowance = new Bucket(STRANGERS_RATE, nowMs);
  }

  /** The peer's `address:port`, for logs and listings. */
  get from(): string {
    return this.origin.from;
  }

  get isOpen(): boolean {
    return this.#peer !== undefined;
  }

  get unsentByteCount(): number {
    return this.#peer?.unsentByteCount ?? 0;
  }

  /** The registration that this socket holds; another socket may have taken it over since. */
  get registration(): Registration | undefined {
    return this.#registration?.socket === this ? this.#registration : undefined;
  }

  set registration(registration: Registration) {
    if (this.#registration === undefined) {
      this.#allowance = new Bucket(CLIENTS_RATE, this.duties.clock.nowMs());
      this.#peer?.setKnown(true);
    }
    this.#registration = registration;
  }

  /** The socket is closed: nothing more is sent or served. */
  forget(): void {
    this.#peer = undefined;
    this.#waiting = undefined;
  }

  send(text: string): void {
    this.#peer?.send(text);
  }

  ping(nowMs: number): void {
    this.lastPingMs = nowMs;
    this.#peer?.ping();
  }

  close(code: number, reason: string): void {
    this.#peer?.close(code, reason);
  }

  terminate(): void {
    this.#peer?.terminate();
  }

  /** To be asked of each frame. False, and the connection closed, when there are too many. */
  countFrame(byteCount: number): boolean {
    const nowMs = this.duties.clock.nowMs();
    const cost = 1 + Math.floor(byteCount / COST_BYTES);
    this.lastFrameMs = nowMs;
    if (this.#allowance.has(cost, nowMs)) {
      this.#allowance.spend(cost);
      return true;
    }
    this.duties.log.warn("signaling.too-many-frames", { from: this.from });
    this.close(CloseCode.tryAgainLater, "too many frames");
    return false;
  }

  /** Answers a frame that was not even looked into. */
  refuse(msg: string): void {
    const { echo, code } = refuseFrame(msg);
    this.send(encodeResponse({ echo, data: { code, msg } }));
  }

  receive(frame: string): void {
    if (this.#waiting === undefined) this.#take(frame);
    else if (this.#waiting.length < MAX_WAITING_FRAMES) this.#waiting.push(frame);
    else this.close(CloseCode.tryAgainLater, "too many requests at once");
  }

  #take(text: string): void {
    const frame = decodeFrame(text);
    if (frame === undefined) return;
    if (frame.type === "response") this.registration?.settle(frame);
    else if (frame.type === "request") this.#judge(frame);
    else this.send(encodeResponse({ echo: frame.echo, data: { code: frame.code, msg: frame.msg } }));
  }

  #judge(request: Request): void {
    const responses = this.#memoryFor(request);
    const before = responses.recall(request, this.from);
    if (before !== undefined) {
      this.send(before);
      return;
    }
    const outcome = this.duties.serve(this, request);
    if (outcome instanceof Promise) {
      this.#await(request, responses, outcome).catch((thrown) => this.duties.fault(this, thrown));
    } else this.#respond(request, responses, outcome);
  }

  async #await(request: Request, responses: ResponseMemory, outcome: Promise<Outcome>): Promise<void> {
    this.#waiting = [];
    const settled = await outcome;
    const frames = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#respond(request, responses, settled);
    for (const frame of frames) this.receive(frame);
  }

  #respond(request: Request, responses: ResponseMemory, { data, afterwards }: Outcome): void {
    const text = encodeResponse({ echo: request, data });
    responses.remember(request, this.from, text);
    this.send(text);
    afterwards?.();
  }

  /** A registration belongs to its socket; what was asked within calls is known on the next socket too. */
  #memoryFor({ method }: Request): ResponseMemory {
    const { registration } = this;
    if (registration !== undefined && method !== "register" && method !== "option")
      return registration.responses;
    this.#responses ??= new ResponseMemory();
    return this.#responses;
  }
}
