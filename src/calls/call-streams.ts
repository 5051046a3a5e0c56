import type { MediaAttribute } from "../protocols/signaling/message.ts";
import type { Side } from "./machine.ts";
import type { CallMedia, CallStream, Urls } from "./ports.ts";
import type { CallKeys, KeysWanted, StreamKeys } from "./stream-keys.ts";
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
  readonly key: string;
  readonly chosenUrl: string | undefined;
};

export type StreamsWanted = Pick<KeysWanted, "callId" | "guests"> & {
  readonly attribute: MediaAttribute;
  readonly chosen: Readonly<Partial<Record<Side, ChosenStream>>>;
};

/** The streams of one call by who pushes them; a side that may not push, seen from `media_attribute`, has none. */
export class CallStreams {
  readonly #services: StreamServices;
  readonly #bound: CallKeys;
  readonly #sides = new Map<Side, SideStream>();

  private constructor(services: StreamServices, bound: CallKeys) {
    this.#services = services;
    this.#bound = bound;
  }

  /** Undefined: a key that the client chose is in use by another call. */
  static open(services: StreamServices, { attribute, ...wanted }: StreamsWanted): CallStreams | undefined {
    const pushing = pushingSides(attribute);
    const bound = services.keys.bind({ ...wanted, pushing });
    if (bound === undefined) return undefined;
    const streams = new CallStreams(services, bound);
    for (const side of pushing) {
      if (streams.#openSide(side, wanted.chosen[side]?.url)) continue;
      streams.close();
      return undefined;
    }
    return streams;
  }

  get(side: Side): CallStream | undefined {
    return this.#sides.get(side)?.stream;
  }

  keys(): string[] {
    return [...this.#sides.values()].map(({ key }) => key);
  }

  /** Both URLs as `viewer` may use them: it pushes its own stream and pulls the other. */
  urlsFor(viewer: Side, reach: Reach): Urls {
    return { caller_url: this.#url("caller", viewer, reach), callee_url: this.#url("callee", viewer, reach) };
  }

  close(): void {
    this.#services.keys.release(this.#bound);
    for (const { stream } of this.#sides.values()) stream.close();
    this.#sides.clear();
  }

  #openSide(side: Side, chosenUrl: string | undefined): boolean {
    const key = this.#bound.keys[side];
    const stream = key === undefined ? undefined : this.#services.media.open(key, this.#bound.callId);
    if (key === undefined || stream === undefined) return false;
    this.#sides.set(side, { stream, key, chosenUrl });
    return true;
  }

  #url(side: Side, viewer: Side, reach: Reach): string {
    const found = this.#sides.get(side);
    if (found === undefined) return "";
    const { key, chosenUrl } = found;
    const token = this.#bound.tokens[viewer];
    // Only the caller can name URLs; the callee gets its own, in case it reaches us by another way.
    if (chosenUrl !== undefined && viewer === "caller") return addToken(chosenUrl, token);
    const { urls } = this.#services;
    return side === viewer ? urls.push(reach, key, token) : urls.pull(reach, key, token);
  }
}

function pushingSides(attribute: MediaAttribute): readonly Side[] {
  if (attribute === "sendonly") return ["caller"];
  if (attribute === "recvonly") return ["callee"];
  return ["caller", "callee"];
}
