import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { FreeSwitchResponse } from "esl";
import type { Clock, Timer } from "../clock.ts";
import { AppError, errorCodeOf, messageOf } from "../errors.ts";
import type { ChannelEvent } from "./channel-event.ts";
import { MessageFramer } from "./message-framer.ts";

export type LinkOptions = {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly clock: Clock;
  readonly onEvent: (event: ChannelEvent) => void;
  /** It is called once, with the reason. After it nothing else comes. */
  readonly onEnd: (why: AppError) => void;
};

/** What is listened to. */
export const EVENT_NAMES = [
  "BACKGROUND_JOB",
  "CHANNEL_CREATE",
  "CHANNEL_PROGRESS",
  "CHANNEL_PROGRESS_MEDIA",
  "CHANNEL_ANSWER",
  "CHANNEL_EXECUTE",
  "CHANNEL_HANGUP_COMPLETE",
  "HEARTBEAT",
  "SHUTDOWN",
] as const;

/** One filter lets only what matches any of them through, and jobs and heartbeats have no variables. */
const FILTERS = [
  "variable_nway_wx true",
  "Event-Name BACKGROUND_JOB",
  "Event-Name HEARTBEAT",
  "Event-Name SHUTDOWN",
];

const REPLY_MS = 10_000;
/** FreeSWITCH sends a heartbeat every 20 s, or as seldom as its settings say: one that is silent for longer is asked. */
const SILENCE_MS = 25_000;
const SILENCE_CHECK_MS = 5_000;
/** A FreeSWITCH that reads so little is as good as gone. */
const MAX_UNSENT_BYTES = 1024 * 1024;
const NO_LOG = { debug: () => {}, info: () => {}, error: () => {} };

type ReplyKind = "command" | "api";
type Pending = {
  readonly kind: ReplyKind;
  readonly sentAtMs: number;
  readonly timer: Timer;
  readonly resolve: (text: string) => void;
  readonly reject: (why: AppError) => void;
};

/**
 * One connection to the event socket, from dialling to its end. The package `esl` reads the messages and writes the
 * commands; here is what it does not do: it waits for each reply before it writes the next command, its promises may
 * stay open when the socket closes, and it keeps every job's result that nobody asked it for.
 */
export class EslLink {
  readonly #options: LinkOptions;
  readonly #socket: Socket;
  readonly #pipe: EslPipe;
  readonly #response: FreeSwitchResponse;
  readonly #framer = new MessageFramer();
  readonly #pending: Pending[] = [];
  readonly #silenceTimer: Timer;
  #lastHeardMs: number;
  #end: AppError | undefined;
  #greeting: PromiseWithResolvers<void> | undefined = Promise.withResolvers();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#lastHeardMs = options.clock.nowMs();
    this.#silenceTimer = options.clock.every(SILENCE_CHECK_MS, () => this.ask(SILENCE_MS));
    this.#socket = connect({ host: options.host, port: options.port, noDelay: true, keepAlive: true });
    this.#pipe = new EslPipe(this.#socket);
    this.#response = new FreeSwitchResponse(this.#pipe, NO_LOG);
    this.#listenToSocket();
    this.#listenToMessages();
  }

  /** Signs in and subscribes; rejects with the AppError that `onEnd` got. */
  async open(): Promise<void> {
    const timer = this.#options.clock.after(REPLY_MS, () =>
      this.end(new AppError("peer", "esl.no-greeting")),
    );
    try {
      await this.#greeting?.promise;
    } finally {
      timer.cancel();
    }
    const answer = await this.command(`auth ${this.#options.password}`);
    if (!answer.startsWith("+OK")) throw this.end(new AppError("config", "esl.wrong-password"));
    const commands = [`event json ${EVENT_NAMES.join(" ")}`, ...FILTERS.map((filter) => `filter ${filter}`)];
    const replies = await Promise.all(commands.map((command) => this.command(command)));
    const refused = commands.find((_, i) => !replies[i]?.startsWith("+OK"));
    if (refused !== undefined) throw this.end(new AppError("peer", "esl.subscription-refused", { refused }));
  }

  /** The `Reply-Text`, `-ERR …` included; rejects with the link's end. Written at once, whatever else is under way. */
  command(command: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#send("command", command, headers);
  }

  /** How long it has said nothing at all while something was asked of it; 0 while nothing is. */
  get unansweredMs(): number {
    const [oldest] = this.#pending;
    if (oldest === undefined) return 0;
    return this.#options.clock.nowMs() - Math.max(oldest.sentAtMs, this.#lastHeardMs);
  }

  /** Asks whether it is there, unless it has said something within that time or is being asked: without an answer it ends. */
  ask(silentMs: number): void {
    if (this.#options.clock.nowMs() - this.#lastHeardMs < silentMs || this.#pending.length > 0) return;
    this.api("uptime").catch(() => {});
  }

  /** The body of the answer, `-ERR …` included. */
  api(command: string): Promise<string> {
    return this.#send("api", `api ${command}`, {});
  }

  /** Ends it, unless it has ended; returns why it has. */
  end(why: AppError): AppError {
    if (this.#end !== undefined) return this.#end;
    this.#end = why;
    this.#silenceTimer.cancel();
    this.#socket.destroy();
    this.#greeting?.promise.catch(() => {});
    this.#greeting?.reject(why);
    for (const { timer, reject } of this.#pending.splice(0)) {
      timer.cancel();
      reject(why);
    }
    this.#pipe.emit("close");
    this.#options.onEnd(why);
    return why;
  }

  #send(kind: ReplyKind, command: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    if (this.#end !== undefined) {
      reject(this.#end);
      return promise;
    }
    const timer = this.#options.clock.after(REPLY_MS, () => this.end(new AppError("peer", "esl.no-reply")));
    this.#pending.push({ kind, sentAtMs: this.#options.clock.nowMs(), timer, resolve, reject });
    // The end of the link tells what this would reject with.
    this.#response.write(command, headers).catch(() => {});
    const unsent = this.#socket.writableLength;
    if (unsent > MAX_UNSENT_BYTES) this.end(new AppError("peer", "esl.not-reading", { have: unsent }));
    return promise;
  }

  #listenToSocket(): void {
    const { host, port } = this.#options;
    this.#socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    this.#socket.on("error", (error: Error) => {
      const reason = errorCodeOf(error) ?? error.message;
      const wasThere = this.#greeting === undefined;
      this.end(
        new AppError("environment", wasThere ? "esl.closed" : "esl.unreachable", { host, port, reason }),
      );
    });
    this.#socket.on("close", () => this.end(new AppError("peer", "esl.closed", { host, port })));
  }

  #listenToMessages(): void {
    this.#response
      .on("freeswitch_auth_request", () => this.#greet())
      .on("freeswitch_command_reply", ({ headers }) => this.#settle("command", headers["Reply-Text"]))
      .on("freeswitch_api_response", ({ body }) => this.#settle("api", body))
      .on("freeswitch_rude_rejection", () => this.end(new AppError("config", "esl.not-on-the-access-list")))
      .on("freeswitch_disconnect_notice", ({ body }) => this.#handleNotice(String(body)));
    for (const name of EVENT_NAMES) {
      this.#response.on(name, ({ body }) => this.#handleEvent(body));
    }
    this.#response.on("BACKGROUND_JOB", ({ body }) => this.#forgetJob(body));
  }

  #receive(bytes: Uint8Array): void {
    this.#lastHeardMs = this.#options.clock.nowMs();
    try {
      this.#framer.push(bytes, (message) => {
        if (this.#end === undefined) this.#pipe.emit("data", message);
      });
    } catch (thrown) {
      this.end(thrown instanceof AppError ? thrown : asBug(thrown));
    }
  }

  #greet(): void {
    this.#greeting?.resolve();
    this.#greeting = undefined;
  }

  #settle(kind: ReplyKind, text: unknown): void {
    const pending = this.#pending.shift();
    if (pending === undefined || pending.kind !== kind) {
      if (pending !== undefined) this.#pending.unshift(pending);
      this.end(new AppError("peer", "esl.unexpected-reply", { kind }));
      return;
    }
    pending.timer.cancel();
    pending.resolve(typeof text === "string" ? text : "");
  }

  /** A refused password is told by its reply; the notice behind it says nothing more. */
  #handleNotice(text: string): void {
    const isShutdown = text.includes("shut down");
    queueMicrotask(() => this.end(new AppError("peer", isShutdown ? "esl.shutdown" : "esl.disconnected")));
  }

  #handleEvent(body: unknown): void {
    if (this.#end === undefined && isEvent(body)) this.#options.onEvent(body);
  }

  /** `esl` keeps the results of jobs that it was not asked to wait for until it is. */
  #forgetJob(body: unknown): void {
    if (!isEvent(body)) return;
    this.#response.waitAsync(`BACKGROUND_JOB ${String(body["Job-UUID"])}`, 0, "").catch(() => {});
  }
}

function asBug(cause: unknown): AppError {
  return new AppError("bug", "esl.handler-failed", { reason: messageOf(cause) }, { cause });
}

function isEvent(body: unknown): body is ChannelEvent {
  return typeof body === "object" && body !== null;
}

/** Stands for the socket towards `esl`, which gets whole messages one by one and closes nothing. */
class EslPipe extends EventEmitter {
  constructor(readonly socket: Socket) {
    super();
  }

  setKeepAlive(): void {}

  setNoDelay(): void {}

  write(text: string, encoding: "utf8"): boolean {
    return this.socket.write(text, encoding);
  }

  end(): void {}
}
