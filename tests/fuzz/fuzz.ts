import { AppError } from "../../src/errors.ts";
import { mutate, Random } from "./mutator.ts";

/** What the fuzz runner needs of a decoder: `run` may throw nothing but an AppError. */
export type FuzzTarget = {
  readonly name: string;
  /** Well-formed inputs, which the runner mutates. */
  readonly seeds: readonly Uint8Array[];
  run(input: Uint8Array): void;
};

export type FuzzOptions = {
  readonly count: number;
  readonly seed: number;
  readonly maxInputMs?: number;
  /** After so much of this process's time no more inputs are made: a busy machine makes it last no longer. */
  readonly maxCpuMs?: number;
};

export type Memory = { readonly heapBytes: number; readonly rssBytes: number };

export type FuzzReport = {
  readonly name: string;
  readonly count: number;
  /** Inputs that were refused with an AppError. */
  readonly refusedCount: number;
  readonly elapsedMs: number;
  readonly slowestMs: number;
  /** After the warm-up and at the end, each after a full garbage collection. */
  readonly before: Memory;
  readonly after: Memory;
};

/** A decoder broke its promise; `message` has all that is needed to see it again. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
}

const MAX_INPUT_MS = 1000;
/** Above what the engine's own tables and caches take after the warm-up. */
const MAX_HEAP_GROWTH_BYTES = 8 * 1024 * 1024;
const MAX_SHOWN_BYTES = 4096;
/** Between two looks at the time that was spent. */
const INPUTS_PER_LOOK = 256;

/** Runs every seed as it is, then `count` mutated inputs. Throws FuzzFailure. */
export function fuzz(
  target: FuzzTarget,
  { count, seed, maxInputMs = MAX_INPUT_MS, maxCpuMs = Number.POSITIVE_INFINITY }: FuzzOptions,
): FuzzReport {
  for (const input of target.seeds) runOnce(target, input, seed, "seed");
  const random = new Random(seed);
  const warmUpCount = Math.ceil(count / 10);
  const startedMs = performance.now();
  let before = measureMemory();
  let refusedCount = 0;
  let slowestMs = 0;
  const startedCpu = process.cpuUsage();
  let doneCount = 0;
  for (let i = 0; i < count; i++) {
    if (i % INPUTS_PER_LOOK === 0 && i > warmUpCount && cpuMsSince(startedCpu) > maxCpuMs) break;
    doneCount++;
    if (i === warmUpCount) before = measureMemory();
    const input = mutate(target.seeds, random);
    const inputStartedMs = performance.now();
    const inputStartedCpu = process.cpuUsage();
    if (!runOnce(target, input, seed, i)) refusedCount++;
    // On a busy machine the process may have waited for its turn
    const tookMs = Math.min(performance.now() - inputStartedMs, cpuMsSince(inputStartedCpu));
    if (tookMs > slowestMs) slowestMs = tookMs;
    if (tookMs > maxInputMs) throw fail(target, input, seed, i, `took ${Math.round(tookMs)} ms`);
  }
  const after = measureMemory();
  const grownBytes = after.heapBytes - before.heapBytes;
  if (grownBytes > MAX_HEAP_GROWTH_BYTES) {
    throw new FuzzFailure(
      `${target.name}: the heap grew by ${grownBytes} bytes in ${doneCount - warmUpCount} inputs`,
    );
  }
  return {
    name: target.name,
    count: doneCount,
    refusedCount,
    elapsedMs: performance.now() - startedMs,
    slowestMs,
    before,
    after,
  };
}

/** Whether the input was accepted. */
function runOnce(target: FuzzTarget, input: Uint8Array, seed: number, index: number | "seed"): boolean {
  try {
    target.run(input);
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && (thrown.fault !== "bug" || index === "seed")) return false;
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    throw fail(target, input, seed, index, `threw ${what}`);
  }
}

function fail(
  target: FuzzTarget,
  input: Uint8Array,
  seed: number,
  index: number | "seed",
  what: string,
): FuzzFailure {
  const shown = input.subarray(0, MAX_SHOWN_BYTES).toHex();
  return new FuzzFailure(
    `${target.name}, seed ${seed}, input ${index} ${what}\ninput of ${input.length} bytes: ${shown}`,
  );
}

function measureMemory(): Memory {
  Bun.gc(true);
  const { heapUsed, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, rssBytes: rss };
}

function cpuMsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

/** All targets beside this file. */
export async function loadTargets(): Promise<FuzzTarget[]> {
  const files = [...new Bun.Glob("*.fuzz.ts").scanSync(import.meta.dir)].sort();
  return Promise.all(
    files.map(async (file) => {
      const { target }: { target: FuzzTarget } = await import(`./${file}`);
      return target;
    }),
  );
}
