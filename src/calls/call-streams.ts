import type { MediaAttribute } from "../protocols/signaling/message.ts";
import type { Side } from "./machine.ts";
import type { CallMedia, CallStream, Urls } from "./ports.ts";
import type { StreamGuests } from "./stream-guests.ts";
import type { BoundKey, StreamKeys } from "./stream-keys.ts";
import { addToken, type Reach, type StreamUrls } from "./stream-urls.ts";

export type StreamServices = {
  readonly media: CallMedia;
  readonly keys: StreamKeys;
  readonly urls: StreamUrls;
};

/** A URL that the caller named for a side's stream, and the key in it. */
export type ChosenStream = { readonly url: string; readonly key: string };

type SideStream = {
  readonly stream: CallStream;
  readonly bound: BoundKey;
  readonly chosenUrl: string | undefined;
};

export type StreamsWanted = {
  readonly callId: string;
  readonly attribute: MediaAttribute;
  readonly chosen: Readonly<Partial<Record<Side, ChosenStream>>>;
  /** Of the stream that this side pushes, where it was chosen; absent: nobody. */
  readonly guests?: (pushing: Side) => StreamGuests;
};

/** The streams of one call by who pushes them; a side that may not push, seen from `media_attribute`, has none. */
export class CallStreams {
  readonly #services: StreamServices;
  readonly #sides = new Map<Side, SideStream>();

  private constructor(services: StreamServices) {
    this.#services = services;
  }

  /** Undefined: a key that the client chose is in use by another call. */
  static open(services: StreamServices, wanted: StreamsWanted): CallStreams | undefined {
    const streams = new CallStreams(services);
    for (const side of pushingSides(wanted.attribute)) {
      if (streams.#openSide(side, wanted)) continue;
      streams.close();
      return undefined;
    }
    return streams;
  }

  get(side: Side): CallStream | undefined {
    return this.#sides.get(side)?.stream;
  }

  keys(): string[] {
    return [...this.#sides.values()].map(({ bound }) => bound.key);
  }

  /** Both URLs as `viewer` may use them: it pushes its own stream and pulls the other. */
  urlsFor(viewer: Side, reach: Reach): Urls {
    return { caller_url: this.#url("caller", viewer, reach), callee_url: this.#url("callee", viewer, reach) };
  }

  close(): void {
    for (const { stream, bound } of this.#sides.values()) {
      this.#services.keys.release(bound);
      stream.close();
    }
    this.#sides.clear();
  }

  #openSide(side: Side, { callId, chosen, guests }: StreamsWanted): boolean {
    const choice = chosen[side];
    const bound = this.#services.keys.bind(callId, choice && { key: choice.key, guests: guests?.(side) });
    if (bound === undefined) return false;
    const stream = this.#services.media.open(bound.key, callId);
    if (stream === undefined) {
      this.#services.keys.release(bound);
      return false;
    }
    this.#sides.set(side, { stream, bound, chosenUrl: choice?.url });
    return true;
  }

  #url(side: Side, viewer: Side, reach: Reach): string {
    const found = this.#sides.get(side);
    if (found === undefined) return "";
    const { bound, chosenUrl } = found;
    const token = side === viewer ? bound.publishToken : bound.playToken;
    // Only the caller can name URLs; the callee gets its own, in case it reaches us by another way.
    if (chosenUrl !== undefined && viewer === "caller") return addToken(chosenUrl, token);
    const { urls } = this.#services;
    return side === viewer ? urls.push(reach, bound.key, token) : urls.pull(reach, bound.key, token);
  }
}

function pushingSides(attribute: MediaAttribute): readonly Side[] {
  if (attribute === "sendonly") return ["caller"];
  if (attribute === "recvonly") return ["callee"];
  return ["caller", "callee"];
}
