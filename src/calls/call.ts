import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { type CallBook, CallNotes } from "./call-notes.ts";
import type { CallSetup } from "./call-setup.ts";
import type { CallSounds } from "./call-sounds.ts";
import type { CallStreams } from "./call-streams.ts";
import { Cause } from "./causes.ts";
import {
  type CallEvent,
  type CallState,
  type Codecs,
  type Effect,
  type Ending,
  endingOf,
  type Side,
  step,
} from "./machine.ts";
import { type MediaTimes, MediaWatch } from "./media-watch.ts";
import type { CallParty, LegMedia, NotedParty } from "./ports.ts";
import type { CallMeter } from "./spending/call-meter.ts";

export type CallTimes = { readonly ringMs: number; readonly media: MediaTimes };

export type CallParts = {
  readonly setup: CallSetup;
  readonly caller: CallParty;
  readonly callee: CallParty;
  readonly streams: CallStreams;
  readonly sounds: CallSounds;
  readonly times: CallTimes;
  /** False where streams go to a server whose frames we may never see. */
  readonly seesAllMedia: boolean;
  /** Undefined: nothing is written down. */
  readonly book: CallBook | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEnded: (call: Call) => void;
};

export type CallSnapshot = {
  readonly callId: string;
  readonly sessionid: string;
  readonly state: CallState;
  readonly caller: string;
  readonly callee: string;
  readonly calleeKind: NotedParty["kind"];
  readonly mediaAttribute: string;
  /** Keys, without tokens. */
  readonly streams: readonly string[];
  readonly calleeCodecs: Codecs;
  /** The counters of the telephone in it. */
  readonly media: LegMedia | undefined;
  readonly callerAway: boolean;
  readonly calleeAway: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly answeredAt: string | undefined;
};

/** A client that still pushes into a call has not been started anew. */
const FORGOTTEN_MS = 2_000;

/** Runs one call: takes events, asks the table, and does what it says. */
export class Call {
  readonly setup: CallSetup;
  readonly caller: CallParty;
  readonly callee: CallParty;
  readonly streams: CallStreams;
  /** Counts what it spends; undefined: nobody counts. */
  meter: CallMeter | undefined;
  readonly #parts: CallParts;
  readonly #log: Logger;
  readonly #away = new Set<Side>();
  /** Whoever has come back and has not said a word of this call since. */
  readonly #returned = new Set<Side>();
  readonly #startedWallMs: number;
  readonly #startedMs: number;
  #state: CallState = "idle";
  #calleeCodecs: Codecs;
  #answeredWallMs: number | undefined;
  #watch: MediaWatch | undefined;
  #ending: Ending | undefined;
  readonly #notes: CallNotes | undefined;

  constructor(parts: CallParts) {
    this.setup = parts.setup;
    this.caller = parts.caller;
    this.callee = parts.callee;
    this.streams = parts.streams;
    this.#parts = parts;
    this.#calleeCodecs = parts.setup.codecs;
    this.#startedWallMs = parts.clock.wallMs();
    this.#startedMs = parts.clock.nowMs();
    this.#log = parts.log.with({ call: parts.setup.callId });
    this.#notes = parts.book && new CallNotes(parts.book, parts, this.#startedMs);
  }

  get state(): CallState {
    return this.#state;
  }

  /** Undefined while it lives. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** An effect may cause the next event at once: a row has one effect, or leads to the end where nothing counts. */
  dispatch(event: CallEvent): void {
    const from = this.#state;
    const found = step(from, event.name);
    if (found === undefined) {
      this.#log.debug("call.late-event", { event: event.name, state: from });
      return;
    }
    if ("codecs" in event && event.codecs !== undefined) this.#calleeCodecs = event.codecs;
    this.#state = found.next;
    const ending = found.next === "ended" ? endingOf(from, event) : undefined;
    this.#ending = ending;
    if (ending !== undefined) this.#logEnd(ending);
    else this.#log.info(`call.${event.name}`, { state: found.next });
    this.#notes?.note(event, ending, this.#calleeCodecs.video);
    for (const effect of found.effects) this.#perform(effect, ending);
  }

  /** The side has shown that it knows of the call. */
  goOn(side: Side): void {
    this.#returned.delete(side);
  }

  /**
   * Whether the side has come back without going on: neither with a request nor with sound or picture. A callee that is
   * still called is told so again when it comes back.
   */
  isForgottenBy(side: Side): boolean {
    if (side === "callee" && this.#state !== "talking") return false;
    const frameAtMs = this.streams.get(side)?.lastFrameAtMs() ?? Number.NEGATIVE_INFINITY;
    return this.#returned.has(side) && this.#parts.clock.nowMs() - frameAtMs > FORGOTTEN_MS;
  }

  /** Does what is due by time. Somebody must call it regularly. */
  checkTime(nowMs: number): void {
    this.#notes?.checkTime(nowMs);
    if (this.#watch === undefined) {
      if (nowMs - this.#startedMs >= this.#parts.times.ringMs) this.dispatch({ name: "deadline" });
      return;
    }
    const limit = this.meter?.check(nowMs);
    if (limit !== undefined) {
      this.#log.warn("call.over-limit", { limit, reached: "minutes a day" });
      this.dispatch({ name: "shutdown", cause: Cause.outgoingCallBarred });
      return;
    }
    const { changes, isTimedOut } = this.#watch.check(nowMs);
    for (const { event, side } of changes) {
      this.#log.info(`call.${event}`, { side });
      this.caller.event(event, side);
      this.callee.event(event, side);
    }
    if (isTimedOut) this.dispatch({ name: "mediaTimeout" });
  }

  snapshot(): CallSnapshot {
    const { callId, sessionid, mediaAttribute } = this.setup;
    return {
      callId,
      sessionid,
      state: this.#state,
      caller: this.caller.name,
      callee: this.callee.name,
      calleeKind: this.callee.describe().kind,
      mediaAttribute,
      streams: this.streams.keys(),
      calleeCodecs: this.#calleeCodecs,
      media: this.caller.media ?? this.callee.media,
      callerAway: this.#away.has("caller"),
      calleeAway: this.#away.has("callee"),
      startedAt: new Date(this.#startedWallMs).toISOString(),
      answeredAt:
        this.#answeredWallMs === undefined ? undefined : new Date(this.#answeredWallMs).toISOString(),
    };
  }

  #logEnd({ by, cause }: Ending): void {
    const durationMs = Math.round(this.#parts.clock.nowMs() - this.#startedMs);
    this.#log.info("call.ended", { by, cause, durationMs, answered: this.#answeredWallMs !== undefined });
  }

  #perform(effect: Effect, ending: Ending | undefined): void {
    const effects: Record<Effect, () => void> = {
      inviteCallee: () => this.#inviteCallee(),
      tellRinging: () => this.caller.event("ringing"),
      tellEarlyMedia: () => this.caller.event("early_media"),
      answerCaller: () => this.#answerCaller(),
      cancelCallee: () => ending && this.callee.cancel(ending.cause),
      byeCaller: () => ending && this.caller.bye(ending),
      byeCallee: () => ending && this.callee.bye(ending),
      holdCaller: () => this.#away.add("caller"),
      holdCallee: () => this.#away.add("callee"),
      unholdCaller: () => this.#comeBack("caller"),
      unholdCallee: () => this.#comeBack("callee"),
      release: () => this.#release(),
    };
    effects[effect]();
  }

  #comeBack(side: Side): void {
    this.#away.delete(side);
    this.#returned.add(side);
  }

  /** Sends the invitation first, since it takes time to arrive. The caller's player is not there yet anyway. */
  #inviteCallee(): void {
    if (this.callee.pushes) this.streams.get("callee")?.holdBack();
    this.callee.invite((event) => this.dispatch(event));
    if (this.#watch === undefined) this.#play("waiting");
  }

  #answerCaller(): void {
    const { clock, times, seesAllMedia } = this.#parts;
    this.#play("silence");
    this.streams.get("callee")?.letThrough();
    this.#answeredWallMs = clock.wallMs();
    this.meter?.start(clock.nowMs());
    this.#watch = new MediaWatch(this.#pushedStreams(), clock.nowMs(), times.media, !seesAllMedia);
    this.caller.answered(this.#calleeCodecs);
  }

  /** Plays a sound to the caller while the callee's own sound is not there yet. */
  #play(sound: "waiting" | "silence"): void {
    if (this.caller.isTold || this.callee.playsOwnSound) return;
    this.streams.get("callee")?.play(this.#parts.sounds[sound]);
  }

  #pushedStreams() {
    const parties: [Side, CallParty][] = [
      ["caller", this.caller],
      ["callee", this.callee],
    ];
    return parties.flatMap(([side, party]) => {
      const stream = this.streams.get(side);
      return party.pushes && stream !== undefined ? [{ side, stream }] : [];
    });
  }

  #release(): void {
    this.meter?.end(this.#parts.clock.nowMs());
    this.streams.close();
    this.#parts.onEnded(this);
  }
}
