import { expect, test } from "bun:test";
import { PortPool } from "../../../src/servers/rtp/port-pool.ts";
import { Random } from "../../fuzz/mutator.ts";

function makePool(first: number, last: number) {
  const random = new Random(3);
  return { pool: new PortPool({ first, last, chance: (limit) => random.below(limit) }) };
}

const takeAll = (pool: PortPool) => {
  const ports: number[] = [];
  for (let port = pool.take(); port !== undefined; port = pool.take()) ports.push(port);
  return ports;
};

test.each([
  [10_000, 10_009, [10_000, 10_002, 10_004, 10_006, 10_008]],
  [10_001, 10_006, [10_002, 10_004]],
  [10_000, 10_000, []],
  [10_000, 10_001, [10_000]],
  [65_530, 65_535, [65_530, 65_532, 65_534]],
])("%d to %d: even ports with the odd one above", (first, last, ports) => {
  const { pool } = makePool(first, last);
  expect(pool.size).toBe(ports.length);
  expect(takeAll(pool).sort((left, right) => left - right)).toEqual(ports);
  expect(pool.takenCount).toBe(ports.length);
});

test("nobody can guess the next", () => {
  const ports = takeAll(makePool(10_000, 10_199).pool);
  expect(new Set(ports).size).toBe(100);
  const steps = ports.slice(1).filter((port, index) => port - (ports[index] ?? 0) === 2);
  expect(steps.length).toBeLessThan(10);
});

test("the longest unused is first, and none that is free is refused", () => {
  const { pool } = makePool(10_000, 10_005);
  const [first = 0, second = 0, third = 0] = takeAll(pool);
  pool.give(second);
  pool.give(first);
  pool.give(first);
  pool.give(4);
  expect([pool.take(), pool.take(), pool.take()]).toEqual([second, first, undefined]);
  pool.give(third);
  expect([pool.size, pool.takenCount]).toEqual([3, 2]);
  expect(pool.take()).toBe(third);
});
