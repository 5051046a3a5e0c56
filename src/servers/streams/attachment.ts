import type { Logger } from "../../log.ts";
import type { Subscriber } from "../../media/audience.ts";
import type { StreamAction } from "../../media/gate.ts";
import type { Publication } from "../../media/publication.ts";
import type { Subscription } from "../../media/stream.ts";
import type { SignsOfReading, Watch } from "../tcp/delivery-watch.ts";
import { Outbound } from "../tcp/outbound.ts";
import type { PeerSocket } from "../tcp/peer-listener.ts";
import { MAX_QUEUED_BYTES, type MediaServerOptions } from "./media-server.ts";

/** What one connection has to do with streams, whatever its protocol: it publishes at most one, and plays at most one. */
export class Attachment {
  readonly outbound: Outbound;
  #address: string;
  #log: Logger;
  #publishedLog: Logger;
  #playedLog: Logger;
  #publication: Publication | undefined;
  #subscription: Subscription | undefined;
  #watch: Watch | undefined;

  constructor(
    readonly protocol: string,
    readonly socket: PeerSocket,
    readonly options: MediaServerOptions,
    /** Of the peer, as far as it is known. */
    address: string,
  ) {
    this.#address = address;
    this.#log = this.#logOf(address);
    this.#publishedLog = this.#log;
    this.#playedLog = this.#log;
    const queue = { maxAgeMs: options.slowReaderMs, maxBytes: MAX_QUEUED_BYTES };
    this.outbound = new Outbound(socket, { clock: options.clock, queue, isSecure: this.isSecure });
  }

  /** Whether the connection is encrypted. */
  get isSecure(): boolean {
    return this.options.certificate !== undefined;
  }

  /** Names the peer and what it was admitted to last: its call and stream. */
  get log(): Logger {
    return this.#log;
  }

  get address(): string {
    return this.#address;
  }

  /** The peer is a proxy, and the client comes from there. */
  set address(address: string) {
    this.#address = address;
    this.#log = this.#logOf(address);
  }

  get publication(): Publication | undefined {
    return this.#publication;
  }

  get isPlaying(): boolean {
    return this.#subscription !== undefined;
  }

  get isAttached(): boolean {
    return this.#publication !== undefined || this.isPlaying;
  }

  /**
   * Asks the gate what the peer publishes or plays, which may have another key than the one that it named; undefined
   * means no.
   *
   * @param key undefined where the peer named none that is valid
   */
  admit(action: StreamAction, key: string | undefined, token: string | undefined): string | undefined {
    const from = this.#address;
    const grant = key === undefined ? undefined : this.options.gate.authorize({ key, token, action, from });
    if (grant === undefined) {
      this.#log.warn("stream.refused", { action, stream: key });
      return undefined;
    }
    this.#log = this.#logOf(this.#address).with({ call: grant.callId, stream: grant.key });
    const isBounded = grant.callId !== undefined && action === "play";
    return isBounded && !this.#hasRoom(grant.key) ? undefined : grant.key;
  }

  /** One token must not buy a broadcast. */
  #hasRoom(key: string): boolean {
    const { streams, maxPlayers } = this.options;
    if ((streams.get(key)?.playerCount ?? 0) < maxPlayers) return true;
    this.#log.warn("stream.too-many-players", { limit: maxPlayers });
    return false;
  }

  /** `onReplaced`: another publisher took the stream over, or its call ended. */
  publish(key: string, onReplaced: () => void): Publication {
    const onFlood = () => {
      this.stopPublishing();
      this.outbound.end();
    };
    const info = { from: this.#address, protocol: this.protocol, onReplaced, onFlood };
    this.#publication = this.options.streams.open(key).publish(info);
    this.#publishedLog = this.#log;
    this.#publishedLog.info("stream.published");
    return this.#publication;
  }

  play(key: string, subscriber: Subscriber, signs: SignsOfReading): void {
    const { delivery, streams } = this.options;
    this.#playedLog = this.#log;
    this.#watch = delivery.add(this.outbound, this.#playedLog, signs);
    this.#subscription = streams.open(key).subscribe(subscriber);
    this.#playedLog.info("stream.played");
  }

  /** The peer answered a ping. */
  answered(): void {
    this.#watch?.answered();
  }

  /** Stops whatever it publishes and plays; twice is safe. */
  leave(): void {
    this.stopPublishing();
    this.stopPlaying();
  }

  stopPublishing(): void {
    if (this.#publication === undefined) return;
    this.#publication.end();
    this.#publication = undefined;
    this.#publishedLog.info("stream.left");
  }

  stopPlaying(): void {
    if (this.#subscription === undefined) return;
    this.#subscription.end();
    this.#subscription = undefined;
    this.outbound.endFrames();
    this.#watch?.end();
    this.#watch = undefined;
    this.#playedLog.info("stream.left", { dropped: this.outbound.droppedFrameCount });
  }

  #logOf(from: string): Logger {
    const { protocol, isSecure } = this;
    return this.options.log.with({ protocol, from, ...(isSecure && { tls: true }) });
  }
}
