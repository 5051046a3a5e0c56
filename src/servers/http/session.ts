import type { Clock } from "../../clock.ts";
import { AppError, isPeerFault, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { bodyLength, type RequestHead, RequestHeadReader } from "../../protocols/http/request-head.ts";
import { encodeResponseHead } from "../../protocols/http/response-head.ts";
import { Outbound } from "../tcp/outbound.ts";
import type { PeerSession, PeerSocket } from "../tcp/peer-listener.ts";

/** More than the longest order of a call. */
const MAX_BODY_BYTES = 8192;
/** So long a client may take to read a whole answer. */
const READ_MS = 10_000;
const NO_FRAMES = { maxAgeMs: 0, maxBytes: 0 };
const encoder = new TextEncoder();

/** Answers requests. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** One connection: one request, then its answer, then its end. Whatever else the client sends means nothing. */
export class HttpSession implements PeerSession {
  readonly outbound: Outbound;
  #reader: RequestHeadReader | undefined = new RequestHeadReader();
  #head: RequestHead | undefined;
  #body: Uint8Array[] = [];
  #missingByteCount = 0;

  constructor(
    socket: PeerSocket,
    clock: Clock,
    readonly log: Logger,
    readonly answer: Answer,
  ) {
    this.outbound = new Outbound(socket, { clock, queue: NO_FRAMES });
  }

  receive(bytes: Uint8Array): void {
    try {
      if (this.#reader !== undefined) this.#receiveHead(this.#reader, bytes);
      else if (this.#head !== undefined) this.#receiveBody(this.#head, bytes);
    } catch (error) {
      if (!isPeerFault(error)) throw error;
      this.#refuse(STATUS[error.code] ?? 400, error.message);
    }
  }

  stop(): void {
    this.#head = undefined;
  }

  #receiveHead(reader: RequestHeadReader, bytes: Uint8Array): void {
    const request = reader.push(bytes);
    if (request === undefined) return;
    this.#reader = undefined;
    this.#head = request.head;
    const length = bodyLength(request.head);
    if (length === "chunked") throw new AppError("peer", "http.length-required");
    if (length > MAX_BODY_BYTES) {
      throw new AppError("peer", "http.body-too-long", { have: length, limit: MAX_BODY_BYTES });
    }
    this.#missingByteCount = length;
    this.#receiveBody(request.head, request.rest);
  }

  #receiveBody(head: RequestHead, bytes: Uint8Array): void {
    const taken = bytes.slice(0, this.#missingByteCount);
    this.#body.push(taken);
    this.#missingByteCount -= taken.length;
    if (this.#missingByteCount > 0) return;
    this.#head = undefined;
    this.#respond(head, Buffer.concat(this.#body)).catch((thrown) => {
      this.log.error("http.bug", { path: head.path, error: messageOf(thrown) });
      this.#refuse(500, "http.bug");
    });
  }

  async #respond(head: RequestHead, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const { method, target, headers } = head;
    const url = URL.parse(target, "http://localhost");
    const hasBody = method !== "GET" && method !== "HEAD";
    if (url === null || !/^[A-Z]+$/.test(method)) {
      this.#refuse(400, "http.bad-request-line");
      return;
    }
    const request = new Request(url.href, { method, headers: [...headers], ...(hasBody ? { body } : {}) });
    const response = await this.answer(request);
    const content = method === "HEAD" ? new Uint8Array(0) : new Uint8Array(await response.arrayBuffer());
    this.#send(response.status, Object.fromEntries(response.headers), content);
  }

  #refuse(status: number, code: string): void {
    this.#head = undefined;
    this.#reader = undefined;
    this.#send(status, { "Content-Type": "text/plain; charset=utf-8" }, encoder.encode(`${code}\n`));
  }

  #send(status: number, headers: Readonly<Record<string, string>>, content: Uint8Array): void {
    const full = { ...headers, "Content-Length": String(content.length), Connection: "close" };
    this.outbound.sendControl(Buffer.concat([encodeResponseHead(status, full), content]));
    this.outbound.end(READ_MS);
  }
}

const STATUS: Readonly<Record<string, number>> = {
  "http.length-required": 411,
  "http.body-too-long": 413,
  "http.head-too-long": 431,
};
