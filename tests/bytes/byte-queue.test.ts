import { describe, expect, test } from "bun:test";
import { ByteQueue } from "../../src/bytes/byte-queue.ts";

describe("a queue of bytes", () => {
  test("gives in order what came, whatever the pieces, and forgets what was taken", () => {
    for (let pieceLength = 1; pieceLength <= 20; pieceLength++) {
      for (let takeLength = 1; takeLength <= 20; takeLength++) {
        const queue = new ByteQueue(4);
        const given: number[] = [];
        for (let at = 0; at < 100; at += pieceLength) {
          queue.append(Uint8Array.from({ length: Math.min(pieceLength, 100 - at) }, (_, n) => at + n));
          while (queue.length >= takeLength) given.push(...queue.take(takeLength));
        }
        given.push(...queue.take(queue.length));
        expect(given).toEqual(Array.from({ length: 100 }, (_, n) => n));
        expect(queue.length).toBe(0);
      }
    }
  });

  test("finds a byte among those held only, counted from the first of them", () => {
    const queue = new ByteQueue(8);
    queue.append(Uint8Array.of(1, 9, 2, 9, 3));
    expect([queue.indexOf(9), queue.indexOf(9, 2), queue.indexOf(7)]).toEqual([1, 3, -1]);
    queue.take(2);
    expect([queue.indexOf(9), queue.indexOf(1)]).toEqual([1, -1]);
    queue.take(3);
    queue.append(Uint8Array.of(5));
    expect([queue.indexOf(9), queue.indexOf(5)]).toEqual([-1, 0]);
  });

  test("shows what is held without using it up", () => {
    const queue = new ByteQueue(2);
    queue.append(Uint8Array.of(1, 2, 3, 4));
    queue.take(1);
    expect([...queue.view()]).toEqual([2, 3, 4]);
    expect([...queue.view(1, 2)]).toEqual([3]);
    expect([...queue.view(2, 99)]).toEqual([4]);
  });

  test("what was taken stays readable until the next bytes come, also where it emptied a large queue", () => {
    const queue = new ByteQueue(4);
    queue.append(new Uint8Array(100_000).fill(7));
    const taken = queue.take(100_000);
    expect(taken.every((byte) => byte === 7)).toBe(true);
    queue.append(Uint8Array.of(1));
    expect(queue.view().buffer.byteLength).toBe(4);
  });
});
