import { expect, test } from "bun:test";
import { FairQueue } from "../../src/users/fair-queue.ts";

function open(limits = { atOnce: 1, perKey: 3, inAll: 5 }) {
  const queue = new FairQueue(limits);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const run = (key: string, name: string) =>
    queue.run(key, () => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      return promise;
    });
  const endOne = async () => {
    ends.shift()?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { run, begun, endOne };
}

test("those that wait take turns by key", async () => {
  const { run, begun, endOne } = open();
  for (const name of ["a1", "a2", "a3", "b1", "c1"]) void run(name.slice(0, 1), name);
  for (let count = 0; count < 5; count++) await endOne();
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3"]);
});

test("never more run than may, also when one comes just as another ends", async () => {
  const { run, begun, endOne } = open({ atOnce: 2, perKey: 3, inAll: 5 });
  for (const name of ["a1", "a2", "a3"]) void run("a", name);
  expect(begun).toEqual(["a1", "a2"]);
  const ended = endOne();
  void run("b", "b1");
  await ended;
  expect(begun).toEqual(["a1", "a2", "a3"]);
  await endOne();
  expect(begun).toEqual(["a1", "a2", "a3", "b1"]);
});

test("what is too much is refused: of one key, and of all", () => {
  const { run } = open();
  const names = ["a", "a", "a", "a", "a", "b", "c", "d"];
  expect(names.map((key) => run(key, key) !== undefined)).toEqual([
    true,
    true,
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
});

test("a task that fails gives its place on", async () => {
  const queue = new FairQueue({ atOnce: 1, perKey: 1, inAll: 1 });
  const failed = queue.run("a", () => Promise.reject(new Error("bug")));
  const next = queue.run("b", () => Promise.resolve("done"));
  expect(failed).rejects.toThrow("bug");
  expect(await next).toBe("done");
});
