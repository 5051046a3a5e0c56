import type { Clock, Timer } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { ChannelEvent } from "./channel-event.ts";
import { EslLink } from "./link.ts";

export type LinkKeeperOptions = {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** The link is signed in and subscribed. */
  readonly onUp: (link: EslLink) => void;
  readonly onEvent: (event: ChannelEvent) => void;
  /** The link is lost. It comes only after `onUp`. */
  readonly onDown: (why: AppError) => void;
};

export type LinkStatus = {
  readonly state: "up" | "connecting" | "waiting" | "stopped";
  /** Why the last attempt or link ended, as an error code like `esl.wrong-password`; undefined while it is up. */
  readonly problem: string | undefined;
  readonly connectCount: number;
  readonly lossCount: number;
};

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 10_000;
/** A link that ended sooner was no success: FreeSWITCH may be restarting, or another may have taken its port. */
const PROVEN_MS = 10_000;

/** Between half of a time and the whole, which doubles with each failure: 0.5 s … 10 s. */
export function retryDelayMs(failureCount: number, random: number): number {
  const longestMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failureCount);
  return (longestMs * (1 + random)) / 2;
}

/** Keeps one link to FreeSWITCH for as long as it lives: whatever ends it, the next is tried. */
export class LinkKeeper implements AsyncDisposable {
  readonly #options: LinkKeeperOptions;
  #link: EslLink | undefined;
  #state: LinkStatus["state"] = "waiting";
  #problem: string | undefined;
  #retryTimer: Timer | undefined;
  #failureCount = 0;
  #upSinceMs = 0;
  #connectCount = 0;
  #lossCount = 0;

  constructor(options: LinkKeeperOptions) {
    this.#options = options;
    // A line end would make a command of what stands behind it.
    if (/[^\x20-\x7e\x80-\uffff]/.test(options.password)) throw new AppError("config", "esl.bad-password");
  }

  get status(): LinkStatus {
    return {
      state: this.#state,
      problem: this.#problem,
      connectCount: this.#connectCount,
      lossCount: this.#lossCount,
    };
  }

  /** Undefined while it is not up. */
  get link(): EslLink | undefined {
    return this.#state === "up" ? this.#link : undefined;
  }

  start(): void {
    const { host, port, password, clock, onEvent } = this.#options;
    this.#state = "connecting";
    const link = new EslLink({ host, port, password, clock, onEvent, onEnd: (why) => this.#lose(why) });
    this.#link = link;
    // `onEnd` is told too why it failed.
    link.open().then(
      () => this.#rise(link),
      () => {},
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retryTimer?.cancel();
    const wasUp = this.#state === "up";
    this.#state = "stopped";
    const why = new AppError("environment", "esl.stopped");
    this.#link?.end(why);
    if (wasUp) this.#options.onDown(why);
  }

  #rise(link: EslLink): void {
    if (this.#link !== link || this.#state !== "connecting") return;
    this.#state = "up";
    this.#problem = undefined;
    this.#connectCount++;
    this.#upSinceMs = this.#options.clock.nowMs();
    this.#options.log.info("freeswitch.connected", { host: this.#options.host, port: this.#options.port });
    this.#options.onUp(link);
  }

  #lose(why: AppError): void {
    if (this.#state === "stopped") return;
    const { clock, log, onDown, random } = this.#options;
    const wasUp = this.#state === "up";
    const isNews = wasUp || this.#problem !== why.code;
    this.#link = undefined;
    this.#state = "waiting";
    this.#problem = why.code;
    if (wasUp) this.#lossCount++;
    if (wasUp && clock.nowMs() - this.#upSinceMs >= PROVEN_MS) this.#failureCount = 0;
    const retryMs = Math.round(retryDelayMs(this.#failureCount++, random()));
    log[isNews ? "warn" : "debug"]("freeswitch.no-link", { why: why.message, retryMs });
    this.#retryTimer = clock.after(retryMs, () => this.start());
    if (wasUp) onDown(why);
  }
}
