import { type Clock, systemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { decodeFrame, encodeRequest, encodeResponse } from "../protocols/signaling/codec.ts";
import type { Method, Request, RequestData, Response, ResponseData } from "../protocols/signaling/message.ts";
import type { Trust } from "./trust.ts";

export type SignalingClientOptions = {
  /** `ws://host:port/ws`, or the same with `wss` */
  readonly url: string;
  readonly trust?: Trust;
  readonly user: string;
  readonly version?: "1.0" | "1.1";
  readonly appname?: string;
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** What to respond to the server's requests; without it, or on undefined, `200ok`. */
  readonly onRequest?: (request: Request) => ResponseData | "silence" | undefined;
};

type Waiter = { readonly matches: (request: Request) => boolean; readonly done: (request: Request) => void };

const DEFAULT_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 1_000;
const MAX_KEPT_REQUESTS = 1_000;

/** A thin client of the signaling protocol: what a probe, a bench or a test needs of a mini-program. */
export class SignalingClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #options: SignalingClientOptions;
  readonly #clock: Clock;
  readonly #pending = new Map<string, (response: Response) => void>();
  readonly #answered = new Map<string, string>();
  readonly #kept: Request[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #closed = Promise.withResolvers<{ code: number; reason: string }>();
  #order = 0;

  private constructor(socket: WebSocket, options: SignalingClientOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    socket.onmessage = (event) => this.#receive(String(event.data));
    socket.onclose = (event) => this.#closed.resolve({ code: event.code, reason: event.reason });
  }

  /** Resolves once the WebSocket is open; throws `environment` `signaling-client.no-connection` if it never is. */
  static async connect(options: SignalingClientOptions): Promise<SignalingClient> {
    const socket = new WebSocket(options.url, { tls: { ...options.trust } });
    const client = new SignalingClient(socket, options);
    const opened = Promise.withResolvers<void>();
    let reason: string | undefined;
    socket.onerror = (event) => {
      reason = "message" in event ? String(event.message) : undefined;
    };
    const refuse = () =>
      opened.reject(
        new AppError("environment", "signaling-client.no-connection", { url: options.url, reason }),
      );
    socket.onopen = () => opened.resolve();
    void client.#closed.promise.then(refuse);
    const timer = client.#clock.after(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, refuse);
    try {
      await opened.promise;
    } catch (thrown) {
      socket.terminate();
      throw thrown;
    } finally {
      timer.cancel();
    }
    return client;
  }

  /** Settles when the socket is closed, with the server's close code. */
  get closed(): Promise<{ code: number; reason: string }> {
    return this.#closed.promise;
  }

  /** Sends a request and waits for its response; throws `environment` `signaling-client.no-response`. */
  async request(method: Method, fields: RequestFields = {}): Promise<Response> {
    const { sessionid = crypto.randomUUID(), order = ++this.#order, data = {} } = fields;
    const answer = Promise.withResolvers<Response>();
    const key = keyOf(sessionid, method, order);
    this.#pending.set(key, answer.resolve);
    const full = { caller_number: this.#options.user, ...data };
    this.send(encodeRequest({ ...this.#envelope(), method, sessionid, order, data: full }));
    try {
      return await this.#before(answer.promise, "signaling-client.no-response", method);
    } finally {
      this.#pending.delete(key);
    }
  }

  register(password: string): Promise<Response> {
    return this.request("register", { data: { password } });
  }

  /** Opens a call; `response.data` has the URLs to push to and to pull from. */
  async invite(calleeNumber: string, data: RequestData = {}, sessionid: string = crypto.randomUUID()) {
    const response = await this.request("invite", {
      sessionid,
      data: { callee_number: calleeNumber, ...data },
    });
    return { sessionid, response };
  }

  answer(sessionid: string): Promise<Response> {
    return this.request("answer", { sessionid, data: {} });
  }

  cancel(sessionid: string): Promise<Response> {
    return this.request("cancel", { sessionid });
  }

  bye(sessionid: string): Promise<Response> {
    return this.request("bye", { sessionid });
  }

  message(sessionid: string, calleeNumber: string, msg: string): Promise<Response> {
    return this.request("message", { sessionid, data: { callee_number: calleeNumber, msg } });
  }

  /** The next request of the server that fits, one that came earlier included; each is handed out once. */
  nextRequest(method: Method, sessionid?: string): Promise<Request> {
    const matches = (request: Request) =>
      request.method === method && (sessionid === undefined || request.sessionid === sessionid);
    const index = this.#kept.findIndex(matches);
    const kept = this.#kept[index];
    if (kept !== undefined) {
      this.#kept.splice(index, 1);
      return Promise.resolve(kept);
    }
    const found = Promise.withResolvers<Request>();
    const waiter = { matches, done: found.resolve };
    this.#waiters.add(waiter);
    return this.#before(found.promise, "signaling-client.no-request", method).finally(() =>
      this.#waiters.delete(waiter),
    );
  }

  /** Sends any text as it is. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** Closes in good order, or without the server's consent if that does not come, and waits until the socket is gone. */
  async close(): Promise<void> {
    this.#socket.close();
    const patience = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#socket.terminate());
    await this.#closed.promise;
    patience.cancel();
  }

  /** Drops the connection without a closing handshake, as a phone in a tunnel does. */
  terminate(): void {
    this.#socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(text: string): void {
    const frame = decodeFrame(text);
    if (frame === undefined || frame.type === "misfit") return;
    if (frame.type === "request") this.#serve(frame);
    else this.#pending.get(keyOf(frame.sessionid, frame.method, frame.order))?.(frame);
  }

  #serve(request: Request): void {
    const key = keyOf(request.sessionid, request.method, request.order);
    const before = this.#answered.get(key);
    if (before !== undefined) {
      this.send(before);
      return;
    }
    const data = this.#options.onRequest?.(request) ?? { code: "200ok", msg: "OK" };
    if (data !== "silence") {
      const text = encodeResponse({ echo: request, data, appname: this.#envelope().appname });
      remember(this.#answered, key, text);
      this.send(text);
    }
    this.#handOut(request);
  }

  #handOut(request: Request): void {
    const waiter = this.#waiters.values().find(({ matches }) => matches(request));
    if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      waiter.done(request);
    } else if (this.#kept.length < MAX_KEPT_REQUESTS) {
      this.#kept.push(request);
    }
  }

  #envelope() {
    const { version = "1.1", appname = "wx" } = this.#options;
    return { type: "request", version, appname, protoname: "rtmp", realm: "" } as const;
  }

  async #before<T>(promise: Promise<T>, code: string, method: Method): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, user } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(timeoutMs, () => {
      late.reject(new AppError("environment", code, { method, user, timeoutMs }));
    });
    try {
      return await Promise.race([promise, late.promise]);
    } finally {
      timer.cancel();
    }
  }
}

export type RequestFields = { sessionid?: string; order?: number; data?: RequestData };

function keyOf(sessionid: string, method: string, order: number): string {
  return `${method} ${order} ${sessionid}`;
}

function remember(answered: Map<string, string>, key: string, text: string): void {
  answered.set(key, text);
  const oldest = answered.keys().next().value;
  if (answered.size > MAX_KEPT_REQUESTS && oldest !== undefined) answered.delete(oldest);
}
