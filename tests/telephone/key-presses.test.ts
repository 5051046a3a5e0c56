import { expect, test } from "bun:test";
import { type KeyPath, KeyPresses } from "../../src/telephone/key-presses.ts";

type Press = [key: string, path: KeyPath, atMs: number];

test.each<[what: string, presses: Press[], taken: string]>([
  [
    "by one way, also twice in a row",
    [
      ["1", "rtp", 0],
      ["1", "rtp", 150],
      ["2", "rtp", 300],
    ],
    "112",
  ],
  [
    "both ways, each twin once",
    [
      ["1", "rtp", 0],
      ["1", "info", 20],
      ["1", "rtp", 200],
      ["1", "info", 210],
    ],
    "11",
  ],
  [
    "the other way first",
    [
      ["5", "info", 0],
      ["5", "rtp", 5],
    ],
    "5",
  ],
  [
    "another key is no twin",
    [
      ["1", "rtp", 0],
      ["2", "info", 10],
    ],
    "12",
  ],
  [
    "a second later it is a key of its own",
    [
      ["1", "rtp", 0],
      ["1", "info", 1000],
    ],
    "11",
  ],
])("%s", (_, presses, taken) => {
  const keys = new KeyPresses();
  expect(presses.flatMap(([key, path, atMs]) => (keys.take(key, path, atMs) ? [key] : [])).join("")).toBe(
    taken,
  );
});
