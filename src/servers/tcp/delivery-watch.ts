import type { Clock, Timer } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { AcknowledgementProbe, PingProbe } from "./delivery-probe.ts";
import type { Outbound } from "./outbound.ts";
import { minRoundTripMs, unacknowledgedBytes } from "./socket-options.ts";

const SWEEP_MS = 50;
const PING_MS = 200;

export type DeliveryWatchOptions = {
  readonly clock: Clock;
  readonly log: Logger;
  /** `[media] slow_reader_ms`. Half of it may be under way in the network before frames are held back. */
  readonly slowReaderMs: number;
};

export type Watch = {
  /** The peer answered the ping. */
  answered(): void;
  end(): void;
};

type Watched = {
  readonly outbound: Outbound;
  readonly log: Logger;
  readonly sendPing: (() => void) | undefined;
  readonly acknowledgements: AcknowledgementProbe;
  readonly pings: PingProbe;
  heldAtMs: number;
  droppedBefore: number;
};

/**
 * Notices players whose network or program has stopped taking frames, long before the kernel's buffers are full: at
 * telephone rates those hold minutes of sound. One sweep serves all players.
 */
export class DeliveryWatch {
  readonly #watched = new Set<Watched>();
  #sweep: Timer | undefined;

  constructor(readonly options: DeliveryWatchOptions) {}

  /** `sendPing` is absent where the protocol has no ping (HTTP). */
  add(outbound: Outbound, log: Logger, sendPing?: () => void): Watch {
    const watched: Watched = {
      outbound,
      log,
      sendPing,
      acknowledgements: new AcknowledgementProbe(),
      pings: new PingProbe(),
      heldAtMs: 0,
      droppedBefore: 0,
    };
    this.#watched.add(watched);
    this.#sweep ??= this.options.clock.every(SWEEP_MS, () => this.#inspectAll());
    return {
      answered: () => {
        watched.pings.answered();
        if (watched.outbound.isHeld) this.#inspect(watched, this.options.clock.nowMs());
      },
      end: () => this.#remove(watched),
    };
  }

  #remove(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#sweep?.cancel();
    this.#sweep = undefined;
  }

  #inspectAll(): void {
    const nowMs = this.options.clock.nowMs();
    for (const watched of this.#watched) this.#inspect(watched, nowMs);
  }

  #inspect(watched: Watched, nowMs: number): void {
    const { outbound, pings, sendPing } = watched;
    const isLate = this.#isLate(watched, nowMs);
    if (isLate && !outbound.isHeld) this.#hold(watched, nowMs);
    else if (!isLate && outbound.isHeld) this.#release(watched, nowMs);
    if (isLate || sendPing === undefined || !outbound.isIdle) return;
    if (!pings.isDue(nowMs, PING_MS, outbound.sentByteCount)) return;
    sendPing();
    pings.asked(nowMs, outbound.sentByteCount);
  }

  #isLate({ outbound, acknowledgements, pings }: Watched, nowMs: number): boolean {
    const { fd } = outbound.socket;
    const limitMs = this.options.slowReaderMs / 2;
    const unacknowledged = unacknowledgedBytes(fd) ?? 0;
    const underWayMs = acknowledgements.sample(nowMs, outbound.sentByteCount, unacknowledged);
    const lateMs = Math.max(underWayMs, pings.ageMs(nowMs));
    return lateMs > limitMs && lateMs > limitMs + minRoundTripMs(fd);
  }

  #hold(watched: Watched, nowMs: number): void {
    watched.heldAtMs = nowMs;
    watched.droppedBefore = watched.outbound.droppedFrameCount;
    watched.outbound.hold();
    watched.log.warn("player.slow", { limitMs: this.options.slowReaderMs });
  }

  #release(watched: Watched, nowMs: number): void {
    const { outbound, heldAtMs, droppedBefore } = watched;
    outbound.release();
    const dropped = outbound.droppedFrameCount - droppedBefore;
    watched.log.info("player.caught-up", { afterMs: Math.round(nowMs - heldAtMs), dropped });
  }
}
