import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { StreamGate } from "../../media/gate.ts";
import type { StreamRegistry } from "../../media/stream-registry.ts";
import type { Entry } from "../access/entry.ts";
import type { DeliveryWatch } from "../tcp/delivery-watch.ts";
import type { Relievable } from "../tcp/descriptor-watch.ts";
import type { Places } from "../tcp/places.ts";
import type { Lanes } from "../tcp/turns.ts";
import type { Certificate } from "../tls/certificate.ts";

export type MediaServerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly entry: Entry;
  /** Undefined: not encrypted. */
  readonly certificate?: Certificate | undefined;
  readonly streams: StreamRegistry;
  readonly gate: StreamGate;
  readonly delivery: DeliveryWatch;
  /** For all media servers together: `[media] max_connections`. */
  readonly places: Places;
  readonly lanes: Lanes;
  /** `[media] slow_reader_ms` */
  readonly slowReaderMs: number;
  /** `[media] max_players` */
  readonly maxPlayers: number;
  readonly clock: Clock;
  readonly log: Logger;
};

export type MediaServer = AsyncDisposable & Relievable & { readonly port: number };

/** A peer that neither publishes nor plays must have shown its token by then: some round trips of a bad network. */
export const INTRODUCE_MEDIA_MS = 6_000;
/** A publisher that sends nothing for so long is gone. */
export const PUBLISHER_SILENCE_SECONDS = 60;
/** A peer that acknowledges nothing for so long is gone. */
export const DEAD_PEER_MS = 30_000;
/** After this long without bytes the kernel asks a peer, such as a player that waits, whether it is still there. */
export const KEEP_ALIVE_MS = 15_000;
/** What may wait for one slow player, besides the limit of its age. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
