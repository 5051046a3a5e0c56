import { STREAM_KEY, type StreamGate, type StreamGrant, type StreamRequest } from "../media/gate.ts";
import { areEqualSecrets } from "../secrets.ts";
import type { StreamGuests } from "./stream-guests.ts";

/** A stream key bound to one call and one role of it, with a token for either action. */
export type BoundKey = {
  readonly key: string;
  readonly callId: string;
  readonly publishToken: string;
  readonly playToken: string;
  /** Of a key that a client named: who needs no token. */
  readonly guests: StreamGuests | undefined;
};

export type StreamKeysOptions = {
  /** `[media] open`: keys of no call are let in too. */
  readonly open: boolean;
  /** `[media] client_urls`: guests of keys that a client chose need no token while the call lives. */
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
  bind(
    callId: string,
    chosen?: { readonly key: string; readonly guests?: StreamGuests | undefined },
  ): BoundKey | undefined {
    const key = chosen?.key ?? makeSecret();
    if (!STREAM_KEY.test(key) || this.#bound.has(key)) return undefined;
    const publishToken = makeSecret();
    const playToken = makeSecret();
    const bound = { key, callId, publishToken, playToken, guests: chosen?.guests };
    this.#bound.set(key, bound);
    return bound;
  }

  release(bound: BoundKey): void {
    if (this.#bound.get(bound.key) === bound) this.#bound.delete(bound.key);
  }

  authorize(request: StreamRequest): StreamGrant | undefined {
    const bound = this.#bound.get(request.key);
    if (bound === undefined) return this.#options.open ? { callId: undefined } : undefined;
    return this.#isAdmitted(bound, request) ? { callId: bound.callId } : undefined;
  }

  #isAdmitted(
    { guests, publishToken, playToken }: BoundKey,
    { token, action, from }: StreamRequest,
  ): boolean {
    if (token === undefined) return this.#options.clientUrls && guests?.admits(action, from) === true;
    return areEqualSecrets(token, action === "publish" ? publishToken : playToken);
  }
}

/** 128 random bits in hexadecimal. */
export function makeSecret(): string {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
}
