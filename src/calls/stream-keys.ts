import { STREAM_KEY, type StreamGate, type StreamGrant, type StreamRequest } from "../media/gate.ts";
import { areEqualSecrets } from "../secrets.ts";

/** A stream key bound to one call and one role of it, with a token for either action. */
export type BoundKey = {
  readonly key: string;
  readonly callId: string;
  readonly publishToken: string;
  readonly playToken: string;
  /** The client named the key itself. */
  readonly isChosen: boolean;
};

export type StreamKeysOptions = {
  /** `[media] open`: keys of no call are let in too. */
  readonly open: boolean;
  /** `[media] client_urls`: keys that a client chose need no token while their call lives. */
  readonly clientUrls: boolean;
};

const SECRET_BYTES = 16;

/** The keys of all live calls: what may be published and played, by whom. */
export class StreamKeys implements StreamGate {
  readonly #options: StreamKeysOptions;
  readonly #bound = new Map<string, BoundKey>();

  constructor(options: StreamKeysOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#bound.size;
  }

  /** Binds a new unguessable key, or the client's own; undefined when that one belongs to another call. */
  bind(callId: string, chosenKey?: string): BoundKey | undefined {
    const key = chosenKey ?? makeSecret();
    if (!STREAM_KEY.test(key) || this.#bound.has(key)) return undefined;
    const publishToken = makeSecret();
    const playToken = makeSecret();
    const bound = { key, callId, publishToken, playToken, isChosen: chosenKey !== undefined };
    this.#bound.set(key, bound);
    return bound;
  }

  release(bound: BoundKey): void {
    if (this.#bound.get(bound.key) === bound) this.#bound.delete(bound.key);
  }

  authorize({ key, token, action }: StreamRequest): StreamGrant | undefined {
    const bound = this.#bound.get(key);
    if (bound === undefined) return this.#options.open ? { callId: undefined } : undefined;
    return this.#isAdmitted(bound, token, action) ? { callId: bound.callId } : undefined;
  }

  #isAdmitted(bound: BoundKey, token: string | undefined, action: StreamRequest["action"]): boolean {
    if (token === undefined) return bound.isChosen && this.#options.clientUrls;
    return areEqualSecrets(token, action === "publish" ? bound.publishToken : bound.playToken);
  }
}

/** 128 random bits in hexadecimal. */
export function makeSecret(): string {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
}
