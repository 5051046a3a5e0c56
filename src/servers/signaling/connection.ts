import type { ServerWebSocket } from "bun";
import type { Outcome } from "../../calls/outcome.ts";
import { decodeFrame, encodeResponse, refuseFrame } from "../../protocols/signaling/codec.ts";
import { CloseCode, MAX_TEXT_BYTES } from "../../protocols/signaling/codes.ts";
import type { Request } from "../../protocols/signaling/message.ts";
import type { ClientSocket, Registration } from "./registration.ts";
import { ResponseMemory } from "./response-memory.ts";

/** Judges a request; later if it must ask a database. */
export type Serve = (connection: Connection, request: Request) => Outcome | Promise<Outcome>;

/** What a connection needs of its server. `fault` is told of whatever `serve` throws: the connection can't go on. */
export type ConnectionDuties = {
  readonly serve: Serve;
  readonly fault: (connection: Connection, thrown: unknown) => void;
};

/** Frames that may wait while a request is being judged. */
const MAX_WAITING_FRAMES = 32;

/** One client's socket. There are thousands: it holds no timer and makes what it needs late. */
export class Connection implements ClientSocket {
  lastFrameMs: number;
  lastPingMs: number;
  #socket: ServerWebSocket<Connection> | undefined;
  #registration: Registration | undefined;
  #responses: ResponseMemory | undefined;
  /** Frames that came while a request is being judged; undefined while none is. */
  #waiting: string[] | undefined;

  /** `address` is the peer's, without its port; `host` is how it reached us, as it stands in a URL. */
  constructor(
    readonly address: string,
    readonly from: string,
    readonly host: string,
    /** Encrypted. */
    readonly isSecure: boolean,
    nowMs: number,
    readonly duties: ConnectionDuties,
  ) {
    this.lastFrameMs = nowMs;
    this.lastPingMs = nowMs;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** The registration that this socket holds; another socket may have taken it over since. */
  get registration(): Registration | undefined {
    return this.#registration?.socket === this ? this.#registration : undefined;
  }

  set registration(registration: Registration) {
    this.#registration = registration;
  }

  open(socket: ServerWebSocket<Connection>): void {
    this.#socket = socket;
  }

  /** The socket is closed: nothing more is sent or served. */
  forget(): void {
    this.#socket = undefined;
    this.#waiting = undefined;
  }

  send(text: string): void {
    this.#socket?.sendText(text);
  }

  ping(nowMs: number): void {
    this.lastPingMs = nowMs;
    this.#socket?.ping();
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  terminate(): void {
    this.#socket?.terminate();
  }

  receive(frame: string | Uint8Array): void {
    if (typeof frame !== "string") this.#refuse("binary frame", CloseCode.unsupportedData);
    else if (isTooLong(frame)) this.#refuse(`longer than ${MAX_TEXT_BYTES} bytes`, CloseCode.messageTooBig);
    else if (this.#waiting === undefined) this.#take(frame);
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

  #refuse(msg: string, closeCode: number): void {
    const { echo, code } = refuseFrame(msg);
    this.send(encodeResponse({ echo, data: { code, msg } }));
    this.close(closeCode, msg);
  }
}

/** UTF-8 is at most three bytes for each UTF-16 unit. */
function isTooLong(text: string): boolean {
  return text.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES;
}
