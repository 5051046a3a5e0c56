import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Audience } from "./audience.ts";
import { type AudioConversion, Convert } from "./conversion.ts";
import type { AudioCodec, Frame, FrameStage } from "./frame.ts";
import { FrameAllowance } from "./frame-allowance.ts";
import { HoldBack } from "./hold-back.ts";
import { KeepFormat } from "./keep-format.ts";
import { LeaveOld } from "./leave-old.ts";
import { SoundHeader } from "./sound-header.ts";
import { Relieve, type StandInPlace } from "./stand-in.ts";
import type { Standstill } from "./standstill.ts";
import { Splice } from "./time-line.ts";

export interface Publication {
  push(frame: Frame): void;
  end(): void;
}

export type PublisherInfo = {
  readonly from: string;
  readonly protocol: string;
  /** Another publisher took the stream, or its call ended: close the connection. */
  readonly onReplaced: () => void;
  /** It pushes far more frames than there can be: close the connection. */
  readonly onFlood?: () => void;
};

/** What was pushed into a stream, by whomever. */
export class Arrivals {
  /** Bytes of frame bodies. */
  byteCount = 0;
  lastPushedAtMs: number | undefined;
  /** Told of the codec of each publisher's sound, before its first frame is taken. */
  readonly codecWatchers = new Set<(codec: AudioCodec) => void>();
  readonly #allowance: FrameAllowance;

  constructor(readonly clock: Clock) {
    this.#allowance = new FrameAllowance(clock.nowMs());
  }

  /** Returns the time; undefined if these are too many frames by now. */
  note(frame: Frame): number | undefined {
    const nowMs = this.clock.nowMs();
    if (!this.#allowance.take(nowMs)) return undefined;
    this.byteCount += frame.body.length;
    this.lastPushedAtMs = nowMs;
    return nowMs;
  }
}

type PublicationOptions = {
  readonly info: PublisherInfo;
  /** Names the stream. */
  readonly log: Logger;
  readonly arrivals: Arrivals;
  readonly isHeldBack: boolean;
  readonly conversion: AudioConversion | undefined;
  readonly standstill: Standstill | undefined;
  readonly standIn: StandInPlace;
  readonly audience: Audience;
  readonly onEnd: () => void;
};

/** What one publisher pushes. Its way: leave what is old → header → hold back → convert → keep the format → splice → relieve the stand-in → hand out. */
export class StreamPublication implements Publication {
  readonly info: PublisherInfo;
  /** False once another publisher took the stream, this one left or the stream is closed. */
  isCurrent = true;
  readonly #arrivals: Arrivals;
  readonly #onEnd: () => void;
  readonly #first: FrameStage;
  readonly #holdBack: HoldBack;
  readonly #convert: Convert;
  readonly #log: Logger;
  #codec: AudioCodec | undefined;
  #isFlooding = false;

  constructor(options: PublicationOptions) {
    const { info, log, arrivals, isHeldBack, conversion, standstill, standIn, audience, onEnd } = options;
    this.info = info;
    this.#log = log;
    this.#arrivals = arrivals;
    this.#onEnd = onEnd;
    // The stages from last to first, since each has to know the next
    const relieve = new Relieve(standIn, audience);
    const splice = new Splice(audience.timeLine, relieve);
    const keepFormat = new KeepFormat({ players: audience, clock: arrivals.clock, log }, splice);
    this.#convert = new Convert(conversion, keepFormat);
    this.#holdBack = new HoldBack(isHeldBack, this.#convert);
    this.#first = new LeaveOld(standstill, new SoundHeader(log, this.#holdBack), arrivals.clock.nowMs());
  }

  push(frame: Frame): void {
    if (!this.isCurrent) return;
    const nowMs = this.#arrivals.note(frame);
    if (nowMs === undefined) {
      this.#refuseFlood();
      return;
    }
    if (frame.kind === "audio" && frame.codec !== this.#codec) {
      this.#codec = frame.codec;
      for (const watch of this.#arrivals.codecWatchers) watch(frame.codec);
    }
    this.#first.push(frame, nowMs);
  }

  end(): void {
    if (this.isCurrent) this.#onEnd();
  }

  #refuseFlood(): void {
    if (this.#isFlooding) return;
    this.#isFlooding = true;
    this.#log.warn("stream.frame-flood");
    this.info.onFlood?.();
  }

  letThrough(): void {
    this.#holdBack.letThrough();
  }

  convertAudio(conversion: AudioConversion): void {
    this.#convert.switchTo(conversion);
  }
}
