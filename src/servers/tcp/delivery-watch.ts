import type { Clock, Timer } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import {
  AcknowledgementProbe,
  leastPatienceMs,
  PingProbe,
  patienceMs,
  type RoundTrips,
} from "./delivery-probe.ts";
import type { Outbound } from "./outbound.ts";
import { ReadingProbe, type SegmentCounts } from "./reading-probe.ts";
import { gatherSegments, roundTrips, segmentCounts, unacknowledgedBytes } from "./socket-options.ts";
import type { TrickleFormat } from "./trickle.ts";

const SWEEP_MS = 50;
/** Those held are asked more often: each millisecond that they wait too long is delay. */
const HELD_SWEEP_MS = 10;
/**
 * Players are pinged at every sixth look, 300 ms apart, all at once: their answers come together, and one wake-up
 * serves many. What a player that stops reading gets too late is what this and its patience allow.
 */
const SWEEPS_PER_PING = 6;
/** A player on a link that is too narrow loses frames all the time. */
const LOG_PERIOD_MS = 10_000;

/** What the system knows of a connection by its descriptor; undefined where it cannot be asked. */
export type Kernel = {
  unacknowledgedBytes(fd: number): number | undefined;
  roundTrips(fd: number): RoundTrips | undefined;
  segmentCounts(fd: number): SegmentCounts | undefined;
  gatherSegments(fd: number, gathers: boolean): void;
};

/** By what a protocol shows whether the player reads: it answers pings, or acknowledges what trickles. HTTP/1.0 has neither. */
export type SignsOfReading = {
  readonly makePing?: () => Uint8Array;
  readonly trickle?: TrickleFormat;
};

type DeliveryWatchOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  /** `[media] slow_reader_ms` */
  readonly slowReaderMs: number;
  /** By default the kernel of this machine. */
  readonly kernel?: Kernel;
};

export type Watch = {
  /** The peer answered the ping. */
  answered(): void;
  end(): void;
};

type Reading = { readonly probe: ReadingProbe; readonly trickle: TrickleFormat; gathers: boolean };

type Watched = {
  readonly outbound: Outbound;
  readonly log: Logger;
  readonly makePing: (() => Uint8Array) | undefined;
  readonly acknowledgements: AcknowledgementProbe;
  readonly pings: PingProbe;
  readonly reading: Reading | undefined;
  /** Since when bytes have been under way for too long; undefined while they are not. */
  lostTouchAtMs: number | undefined;
  heldAtMs: number;
  droppedBefore: number;
  isLogged: boolean;
  loggedAtMs: number;
};

/**
 * Notices players whose network or program has stopped taking frames, long before the kernel's buffers are full: at
 * telephone rates those hold minutes of sound. One sweep serves all players.
 */
export class DeliveryWatch {
  readonly #watched = new Set<Watched>();
  readonly #held = new Set<Watched>();
  #sweep: Timer | undefined;
  #sweepCount = 0;
  #heldSweep: Timer | undefined;
  readonly #kernel: Kernel;

  constructor(readonly options: DeliveryWatchOptions) {
    this.#kernel = options.kernel ?? { unacknowledgedBytes, roundTrips, segmentCounts, gatherSegments };
  }

  add(outbound: Outbound, log: Logger, { makePing, trickle }: SignsOfReading): Watch {
    const { clock } = this.options;
    const pings = new PingProbe();
    const watched: Watched = {
      outbound,
      log,
      makePing:
        makePing &&
        (() => {
          pings.asked(clock.nowMs());
          return makePing();
        }),
      acknowledgements: new AcknowledgementProbe(),
      pings,
      reading: trickle && { probe: new ReadingProbe(), trickle, gathers: false },
      lostTouchAtMs: undefined,
      heldAtMs: 0,
      droppedBefore: 0,
      isLogged: false,
      loggedAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#watched.add(watched);
    this.#sweep ??= clock.every(SWEEP_MS, () => this.#lookAtAll());
    return {
      answered: () => {
        watched.pings.answered();
        if (outbound.isHeld) this.#inspect(watched, clock.nowMs());
      },
      end: () => this.#remove(watched),
    };
  }

  #remove(watched: Watched): void {
    this.#watched.delete(watched);
    this.#forgetHeld(watched);
    if (this.#watched.size > 0) return;
    this.#sweep?.cancel();
    this.#sweep = undefined;
  }

  #forgetHeld(watched: Watched): void {
    this.#held.delete(watched);
    if (this.#held.size > 0) return;
    this.#heldSweep?.cancel();
    this.#heldSweep = undefined;
  }

  #lookAtAll(): void {
    this.#inspectAll(this.#watched);
    this.#sweepCount += 1;
    if (this.#sweepCount % SWEEPS_PER_PING === 0) this.#pingAll();
  }

  #pingAll(): void {
    const nowMs = this.options.clock.nowMs();
    for (const { makePing, outbound, pings } of this.#watched) {
      if (makePing !== undefined && pings.mayAsk(nowMs)) outbound.sendBehindNextFrame(makePing);
    }
  }

  #inspectAll(players: ReadonlySet<Watched>): void {
    const nowMs = this.options.clock.nowMs();
    for (const watched of players) this.#inspect(watched, nowMs);
  }

  #inspect(watched: Watched, nowMs: number): void {
    const { isHeld } = watched.outbound;
    if (this.#isLate(watched, nowMs)) {
      if (!isHeld) this.#hold(watched, nowMs);
      this.#logDrops(watched, nowMs);
    } else if (isHeld) {
      this.#release(watched, nowMs);
    }
  }

  #isLate(watched: Watched, nowMs: number): boolean {
    const { outbound, acknowledgements, pings } = watched;
    const unacknowledged = this.#kernel.unacknowledgedBytes(outbound.socket.fd) ?? 0;
    const sampledMs = acknowledgements.sample(nowMs, outbound.sentByteCount, unacknowledged);
    if (this.#isTooLong(outbound, sampledMs === 0 ? 0 : sampledMs + SWEEP_MS / 2)) {
      watched.lostTouchAtMs ??= nowMs;
      watched.reading?.probe.forget();
      return true;
    }
    if (watched.lostTouchAtMs !== undefined) {
      pings.excuse(nowMs + (nowMs - watched.lostTouchAtMs));
      watched.lostTouchAtMs = undefined;
    }
    return this.#isTooLong(outbound, pings.ageMs(nowMs)) || this.#hasStoppedReading(watched, nowMs);
  }

  #hasStoppedReading({ outbound, reading }: Watched, nowMs: number): boolean {
    if (reading === undefined) return false;
    const { probe, trickle } = reading;
    const { fd } = outbound.socket;
    if (!probe.wantsSample(nowMs)) return probe.hasStopped;
    const counts = this.#kernel.segmentCounts(fd);
    if (counts === undefined) return false;
    probe.sample(nowMs, counts);
    if (probe.gathers !== reading.gathers) {
      reading.gathers = probe.gathers;
      this.#kernel.gatherSegments(fd, probe.gathers);
    }
    if (probe.takeByteTurn(nowMs)) outbound.trickle(trickle);
    return probe.hasStopped;
  }

  #isTooLong({ socket: { fd } }: Outbound, ageMs: number): boolean {
    const { slowReaderMs } = this.options;
    return (
      ageMs >= leastPatienceMs(slowReaderMs) && ageMs >= patienceMs(this.#kernel.roundTrips(fd), slowReaderMs)
    );
  }

  #hold(watched: Watched, nowMs: number): void {
    watched.heldAtMs = nowMs;
    watched.droppedBefore = watched.outbound.droppedFrameCount;
    watched.isLogged = false;
    watched.outbound.hold();
    watched.log.debug("player.held");
    this.#held.add(watched);
    this.#heldSweep ??= this.options.clock.every(HELD_SWEEP_MS, () => this.#inspectAll(this.#held));
  }

  /** Waiting alone is the network's everyday life; frames that are lost are news. */
  #logDrops(watched: Watched, nowMs: number): void {
    if (watched.isLogged || watched.outbound.droppedFrameCount === watched.droppedBefore) return;
    if (nowMs - watched.loggedAtMs < LOG_PERIOD_MS) return;
    watched.isLogged = true;
    watched.loggedAtMs = nowMs;
    watched.log.warn("player.slow", { limitMs: this.options.slowReaderMs });
  }

  #release(watched: Watched, nowMs: number): void {
    const { outbound, heldAtMs, droppedBefore, isLogged, log } = watched;
    this.#forgetHeld(watched);
    outbound.release();
    if (!isLogged) return;
    const dropped = outbound.droppedFrameCount - droppedBefore;
    log.info("player.caught-up", { afterMs: Math.round(nowMs - heldAtMs), dropped });
  }
}
