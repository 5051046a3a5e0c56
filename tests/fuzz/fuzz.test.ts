import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { type FuzzTarget, fuzz, loadTargets } from "./fuzz.ts";

const targets = await loadTargets();
const options = { count: 20_000, seed: 20_240_229, maxCpuMs: 3000 };
const DEADLINE_MS = 60_000;

test("there are targets, each with its own name and with seeds", () => {
  expect(targets.length).toBeGreaterThan(5);
  expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length);
  expect(targets.filter(({ seeds }) => seeds.length === 0)).toEqual([]);
});

test.each(targets.map((target) => [target.name, target] as const))(
  "%s",
  (_, target) => {
    const { count, refusedCount } = fuzz(target, options);
    // A target that refuses everything reaches nothing.
    expect(refusedCount).toBeLessThan(count);
  },
  DEADLINE_MS,
);

describe("the runner", () => {
  const seeds = [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)];
  const refuse = () => {
    throw new AppError("peer", "test.refused");
  };
  const target = (run: (input: Uint8Array) => void): FuzzTarget => ({ name: "test", seeds, run });

  test("counts what was refused", () => {
    expect(fuzz(target(refuse), { count: 100, seed: 1 }).refusedCount).toBe(100);
    expect(
      fuzz(
        target(() => undefined),
        { count: 100, seed: 1 },
      ).refusedCount,
    ).toBe(0);
  });

  test("gives the same inputs for the same seed, and others for another", () => {
    const inputsOf = (seed: number) => {
      const inputs: string[] = [];
      fuzz(
        target((input) => inputs.push(input.toHex())),
        { count: 100, seed },
      );
      return inputs;
    };
    expect(inputsOf(1)).toEqual(inputsOf(1));
    expect(inputsOf(1)).not.toEqual(inputsOf(2));
    expect(new Set(inputsOf(1)).size).toBeGreaterThan(80);
  });

  test("catches what is no AppError, with the input", () => {
    const run = (input: Uint8Array) => {
      if (input.length < 4) throw new RangeError("too short");
    };
    expect(() => fuzz(target(run), { count: 1000, seed: 1 })).toThrow(
      /test, seed 1, input \d+ threw RangeError/,
    );
  });

  test("catches our own mistakes among the AppErrors", () => {
    let count = 0;
    const run = () => {
      if (++count > 10) throw new AppError("bug", "test.bug");
    };
    expect(() => fuzz(target(run), { count: 1000, seed: 1 })).toThrow("test.bug");
  });

  test("stops when its share of the processor is spent, and says how far it came", () => {
    let ranCount = 0;
    const run = () => void ranCount++;
    const { count } = fuzz(target(run), { count: 1_000_000, seed: 1, maxCpuMs: 0 });
    // The inputs of the warm-up, and no more than are made between two looks.
    expect(count).toBeGreaterThan(100_000);
    expect(count).toBeLessThanOrEqual(100_352);
    expect(ranCount).toBe(seeds.length + count);
  });

  test("catches an input that takes long", () => {
    const run = () => {
      const untilMs = performance.now() + 3;
      while (performance.now() < untilMs);
    };
    expect(() => fuzz(target(run), { count: 10, seed: 1, maxInputMs: 2 })).toThrow(/took \d+ ms/);
  });

  test("catches memory that stays", () => {
    const kept: Uint8Array[] = [];
    const run = () => {
      kept.push(new Uint8Array(16_384));
    };
    expect(() => fuzz(target(run), { count: 1000, seed: 1 })).toThrow(/the heap grew by \d+ bytes/);
  });
});
