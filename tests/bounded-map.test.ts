import { expect, test } from "bun:test";
import { keepNewest } from "../src/bounded-map.ts";

test("the entry that was set longest ago is forgotten first", () => {
  const map = new Map<string, number>();
  for (const [n, key] of ["a", "b", "a", "c", "d"].entries()) keepNewest(map, key, n, 3);
  expect([...map]).toEqual([
    ["a", 2],
    ["c", 3],
    ["d", 4],
  ]);
});
