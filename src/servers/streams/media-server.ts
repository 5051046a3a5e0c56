import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { StreamGate } from "../../media/gate.ts";
import type { StreamRegistry } from "../../media/stream-registry.ts";
import type { DeliveryWatch } from "../tcp/delivery-watch.ts";
import type { ByteSink } from "../tcp/outbound.ts";
import type { Certificate } from "../tls/certificate.ts";

export type MediaServerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Undefined: not encrypted. */
  readonly certificate?: Certificate | undefined;
  readonly streams: StreamRegistry;
  readonly gate: StreamGate;
  readonly delivery: DeliveryWatch;
  readonly connections: ConnectionLimit;
  /** `[media] slow_reader_ms` */
  readonly slowReaderMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Counts the connections of all media servers together: `[media] max_connections`. */
export class ConnectionLimit {
  #count = 0;

  constructor(readonly most: number) {}

  /** False, and nothing counted, if there are too many. */
  take(): boolean {
    if (this.#count >= this.most) return false;
    this.#count += 1;
    return true;
  }

  give(): void {
    this.#count -= 1;
  }
}

/** A connection as sessions see it. */
export type PeerSocket = ByteSink & {
  readonly remoteAddress: string;
};

export type MediaServer = AsyncDisposable & { readonly port: number };

/** A peer that neither publishes nor plays must have said what it wants by then. */
export const SETUP_TIMEOUT_MS = 10_000;
/** A publisher that sends nothing for so long is gone. */
export const PUBLISHER_SILENCE_SECONDS = 60;
/** A peer that acknowledges nothing for so long is gone. */
export const DEAD_PEER_MS = 30_000;
/** After this long without bytes the kernel asks a peer, such as a player that waits, whether it is still there. */
export const KEEP_ALIVE_MS = 15_000;
/** What may wait for one slow player, besides the limit of its age. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
