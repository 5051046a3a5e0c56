import { describe, expect, test } from "bun:test";
import { createSharedRing, RingReader, RingWriter } from "../../src/bytes/shared-ring.ts";

const SIZE = 256;

function openRing() {
  const memory = createSharedRing(SIZE);
  let wakeCount = 0;
  const writer = new RingWriter(memory, () => void wakeCount++);
  const reader = new RingReader(memory);
  const write = (...bytes: number[]) => {
    const at = writer.reserve(bytes.length);
    if (at < 0) return false;
    writer.bytes.set(bytes, at);
    writer.commit();
    return true;
  };
  const read = () => {
    const records: number[][] = [];
    reader.readAll((at, byteCount) => records.push([...reader.bytes.subarray(at, at + byteCount)]));
    return records;
  };
  return { memory, writer, reader, write, read, wakeCount: () => wakeCount };
}

describe("a shared ring", () => {
  test("gives what was written, in order, and nothing twice", () => {
    const { write, read } = openRing();
    write(1);
    write();
    write(2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(read()).toEqual([[1], [], [2, 3, 4, 5, 6, 7, 8, 9, 10]]);
    expect(read()).toEqual([]);
  });

  test("wakes the reader once until it reads", () => {
    const { write, read, wakeCount } = openRing();
    for (let round = 1; round <= 3; round++) {
      write(1);
      write(2);
      expect(wakeCount()).toBe(round);
      read();
    }
  });

  test("takes records of all lengths over many rounds, each in one piece", () => {
    const { write, read } = openRing();
    for (let round = 0; round < 10_000; round++) {
      const first = Array.from({ length: round % 61 }, (_, index) => (round + index) & 255);
      const second = Array.from({ length: (round * 7) % 53 }, (_, index) => (round ^ index) & 255);
      expect(write(...first)).toBe(true);
      expect(write(...second)).toBe(true);
      expect(read()).toEqual([first, second]);
    }
  });

  test("refuses what has no room, and takes it after the reader has read", () => {
    const { write, read } = openRing();
    const record = Array.from({ length: 56 }, (_, index) => index);
    let count = 0;
    while (write(...record)) count++;
    expect(count).toBe(4);
    expect(read()).toEqual(Array.from({ length: 4 }, () => record));
    expect(write(...record)).toBe(true);
    expect(read()).toEqual([record]);
  });

  test("refuses a record of more than a quarter of it", () => {
    const { writer } = openRing();
    expect(writer.reserve(SIZE / 4 + 1)).toBe(-1);
    expect(writer.reserve(SIZE / 4)).toBeGreaterThanOrEqual(0);
  });

  test("counts a record that was thrown at as read", () => {
    const { write, read, reader } = openRing();
    write(1);
    write(2);
    expect(() =>
      reader.readAll(() => {
        throw new Error("bug");
      }),
    ).toThrow("bug");
    expect(read()).toEqual([[2]]);
  });

  test("goes on where positions pass 32 bits", () => {
    const { memory, write, read } = openRing();
    // Both at the last multiple of the size below 2 ** 32.
    new Int32Array(memory, 0, 2).fill((2 ** 32 - SIZE) | 0);
    for (let round = 0; round < 20; round++) {
      expect(write(round, 1, 2, 3, 4, 5, 6, 7, 8, 9)).toBe(true);
      expect(read()).toEqual([[round, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    }
  });

  test("crosses threads without losing or changing anything", async () => {
    const memory = createSharedRing(1 << 12);
    const reader = new RingReader(memory);
    const worker = new Worker(new URL("./ring-writer.ts", import.meta.url).href);
    const count = 50_000;
    let next = 0;
    const faults: number[] = [];
    const done = Promise.withResolvers<void>();
    worker.onmessage = () => {
      reader.readAll((at, byteCount) => {
        const isRight =
          reader.view.getUint32(at) === next &&
          reader.bytes.subarray(at + 4, at + byteCount).every((byte) => byte === (next & 255));
        if (!isRight || byteCount !== 4 + (next % 97)) faults.push(next);
        next++;
      });
      if (next === count) done.resolve();
    };
    worker.onerror = ({ message }) => done.reject(new Error(message));
    worker.postMessage({ memory, count });
    await done.promise;
    worker.terminate();
    expect(faults).toEqual([]);
  });
});
