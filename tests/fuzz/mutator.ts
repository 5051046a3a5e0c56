const INTERESTING = [
  0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffffe, 0xffffff, 0x1000000,
  0x7fffffff, 0x80000000, 0xffffffff,
];
const MAX_INSERTED_BYTES = 64;
const MAX_MUTATIONS = 4;

type Mutation = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array;

/** A generator of 32-bit numbers that is the same on every run (Marsaglia's xorshift, 13/17/5). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** An integer from 0 to below `limit`; 0 when `limit` is 0. */
  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return limit === 0 ? 0 : this.#state % limit;
  }
}

/** A seed with one to four mutations, in memory of its own. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = (seeds[random.below(seeds.length)] ?? new Uint8Array(0)).slice();
  const count = 1 + random.below(MAX_MUTATIONS);
  for (let i = 0; i < count; i++)
    bytes = (MUTATIONS[random.below(MUTATIONS.length)] ?? flipBit)(bytes, random, seeds);
  return bytes;
}

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

/** In the first bytes, where headers and lengths are. */
const setEarlyByte: Mutation = (bytes, random) => {
  bytes[random.below(Math.min(bytes.length, 16))] = random.below(256);
  return bytes;
};

/** One to four bytes wide, in either byte order. */
const setInteger: Mutation = (bytes, random) => {
  const value = INTERESTING[random.below(INTERESTING.length)] ?? 0;
  const width = 1 + random.below(4);
  const isLittleEndian = random.below(4) === 0;
  const at = random.below(Math.max(1, bytes.length - width + 1));
  for (let i = 0; i < width && at + i < bytes.length; i++) {
    bytes[at + i] = value >>> (8 * (isLittleEndian ? i : width - 1 - i));
  }
  return bytes;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const cutOut: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  return join(bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(bytes.length - from)));
};

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const inserted = new Uint8Array(1 + random.below(MAX_INSERTED_BYTES));
  for (let i = 0; i < inserted.length; i++) inserted[i] = random.below(256);
  return join(bytes.subarray(0, at), inserted, bytes.subarray(at));
};

const repeat: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  const part = bytes.subarray(from, from + 1 + random.below(MAX_INSERTED_BYTES));
  return join(bytes.subarray(0, from), part, part, bytes.subarray(from + part.length));
};

const splice: Mutation = (bytes, random, seeds) => {
  const other = seeds[random.below(seeds.length)] ?? bytes;
  return join(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length)));
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  setByte,
  setEarlyByte,
  setInteger,
  truncate,
  cutOut,
  insert,
  repeat,
  splice,
];

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
