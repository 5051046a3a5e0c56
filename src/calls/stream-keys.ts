import {
  STREAM_KEY,
  type StreamAction,
  type StreamGate,
  type StreamGrant,
  type StreamRequest,
} from "../media/gate.ts";
import { areEqualSecrets } from "../secrets.ts";
import type { Side } from "./machine.ts";
import type { StreamGuests } from "./stream-guests.ts";

/** What a call's streams are to be called. */
export type KeysWanted = {
  readonly callId: string;
  /** Who pushes a stream, in the order of its keys. */
  readonly pushing: readonly Side[];
  /** The keys that a client named; the others are made up. */
  readonly chosen: Readonly<Partial<Record<Side, { readonly key: string }>>>;
  /** Who needs no token for the keys that a client named; absent: nobody. */
  readonly guests?: StreamGuests | undefined;
};

/** The stream keys of one call by who pushes them, and a token for each side. */
export type CallKeys = {
  readonly callId: string;
  readonly keys: Readonly<Partial<Record<Side, string>>>;
  readonly tokens: Readonly<Record<Side, string>>;
};

type Bound = CallKeys & Pick<KeysWanted, "chosen" | "guests">;

export type StreamKeysOptions = {
  /** `[media] open`: keys of no call are let in too. */
  readonly open: boolean;
  /** `[media] client_urls`: guests of keys that a client chose need no token while the call lives. */
  readonly clientUrls: boolean;
};

const SECRET_BYTES = 16;

/**
 * The keys of all live calls: what may be published and played, by whom. Clients read the two URLs of a call in two ways,
 * so that the side decides and not the key: it publishes its own stream and plays the other's, by either key of its call.
 */
export class StreamKeys implements StreamGate {
  readonly #options: StreamKeysOptions;
  readonly #bound = new Map<string, Bound>();

  constructor(options: StreamKeysOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#bound.size;
  }

  /** Undefined when a key that was chosen is none, or belongs to another call or to the other side. */
  bind({ callId, pushing, chosen, guests }: KeysWanted): CallKeys | undefined {
    const named = pushing.map((side) => [side, chosen[side]?.key ?? makeSecret()] as const);
    const keys = named.map(([, key]) => key);
    const areFree = keys.every((key) => STREAM_KEY.test(key) && !this.#bound.has(key));
    if (!areFree || new Set(keys).size < keys.length) return undefined;
    const tokens = { caller: makeSecret(), callee: makeSecret() };
    const bound = { callId, keys: Object.fromEntries(named), tokens, chosen, guests };
    for (const key of keys) this.#bound.set(key, bound);
    return bound;
  }

  release(bound: CallKeys): void {
    for (const key of Object.values(bound.keys)) {
      if (this.#bound.get(key) === bound) this.#bound.delete(key);
    }
  }

  authorize(request: StreamRequest): StreamGrant | undefined {
    const { key, token, action } = request;
    const bound = this.#bound.get(key);
    if (bound === undefined) return this.#options.open ? { callId: undefined, key } : undefined;
    const granted =
      token === undefined ? this.#grantGuest(bound, request) : grant(bound, findSide(bound, token), action);
    return granted === undefined ? undefined : { callId: bound.callId, key: granted };
  }

  /** A guest gets what a client named, and nothing that was made up. */
  #grantGuest(bound: Bound, { key, action, from }: StreamRequest): string | undefined {
    const { chosen, guests } = bound;
    const named = [chosen.caller?.key, chosen.callee?.key];
    if (!this.#options.clientUrls || !named.includes(key)) return undefined;
    const sides = guests?.sidesAt(from) ?? [];
    // Where both sides come from one place, only the URL tells them apart.
    const granted = sides.length > 1 ? key : grant(bound, sides[0], action);
    return named.includes(granted) ? granted : undefined;
  }
}

function findSide({ tokens }: CallKeys, token: string): Side | undefined {
  if (areEqualSecrets(token, tokens.caller)) return "caller";
  return areEqualSecrets(token, tokens.callee) ? "callee" : undefined;
}

/** The key of what a side publishes or plays; undefined where `media_attribute` leaves that stream out. */
function grant({ keys }: CallKeys, side: Side | undefined, action: StreamAction): string | undefined {
  if (side === undefined) return undefined;
  if (action === "publish") return keys[side];
  return side === "caller" ? keys.callee : keys.caller;
}

/** 128 random bits in hexadecimal. */
export function makeSecret(): string {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
}
