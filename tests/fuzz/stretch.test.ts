import { expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { type FuzzTarget, loadTargets } from "./fuzz.ts";

/** As long as a peer's largest message. */
const STRETCHED_BYTES = 60_000;
/** A hundred times what most take; where the time grows with the square of the length it is more. */
const MAX_CPU_MS = 300;
const MAX_SEEDS = 3;

/** What separates things somewhere, and what may stand between. */
const PARTS = [
  ...["\r\n", "\n", " ", "\t", ",", ";", ":", "=", "/", ".", "-", "&", "?", "%", "a", "0"],
  ...['"', "'", "\\", "(", "<", "[", "{", "@", "\r\n ", "a:\r\n", "a=b;", '"",', "\0", "\xff"],
].map((text) => Uint8Array.from(text, (character) => character.charCodeAt(0)));

const targets = await loadTargets();

test.each(targets.map((target) => [target.name, target] as const))(
  "%s takes no longer than its length, whatever comes again and again",
  (_, target) => {
    const slow: string[] = [];
    for (const seed of target.seeds.slice(0, MAX_SEEDS)) {
      for (const part of PARTS) {
        const ms = measure(target, stretch(seed, part));
        if (ms > MAX_CPU_MS) slow.push(`${part.toHex()}: ${Math.round(ms)} ms`);
      }
    }
    expect(slow).toEqual([]);
  },
  60_000,
);

/** The seed with the part thousands of times, where the seed has it, or in its middle. */
function stretch(seed: Uint8Array, part: Uint8Array): Uint8Array {
  const found = Buffer.from(seed).indexOf(part);
  const at = found < 0 ? seed.length >> 1 : found;
  const repeated = Buffer.alloc(STRETCHED_BYTES, part);
  return new Uint8Array(Buffer.concat([seed.subarray(0, at), repeated, seed.subarray(at)]));
}

/** Of this process's time: a busy machine makes it no longer. */
function measure(target: FuzzTarget, input: Uint8Array): number {
  const before = process.cpuUsage();
  try {
    target.run(input);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
