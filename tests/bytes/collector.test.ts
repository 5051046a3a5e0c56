import { expect, test } from "bun:test";
import { Collector } from "../../src/bytes/collector.ts";

test("gathers pieces until it has what it was made for, and no more", () => {
  const collector = new Collector(5);
  expect(collector.take(Uint8Array.of(9, 1, 2), 1)).toBe(2);
  expect(collector.complete()).toBeUndefined();
  expect(collector.take(Uint8Array.of(3, 4, 5, 6, 7), 0)).toBe(3);
  expect(collector.complete()).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
});

test("grows to an exact length past its first capacity", () => {
  const source = Uint8Array.from({ length: 300_001 }, (_, i) => i % 251);
  const collector = new Collector(source.length);
  for (let at = 0; at < source.length; at += 7000) collector.take(source.subarray(at, at + 7000), 0);
  expect(collector.complete()).toEqual(source);
});

test("is complete from the start when nothing is to come", () => {
  expect(new Collector(0).complete()).toEqual(new Uint8Array(0));
});
