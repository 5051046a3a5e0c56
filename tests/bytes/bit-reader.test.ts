import { describe, expect, test } from "bun:test";
import { BitReader } from "../../src/bytes/bit-reader.ts";
import { errorCodeOf } from "../protocols/error-code.ts";

function load(...bytes: number[]): BitReader {
  const reader = new BitReader(64, "test");
  reader.load(Uint8Array.from(bytes));
  return reader;
}

describe("the bit reader", () => {
  test("reads from the most significant bit on, across words", () => {
    const reader = load(0b1010_0000, 0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc);
    expect(reader.read(1)).toBe(1);
    expect(reader.readFlag()).toBe(false);
    expect(reader.read(2)).toBe(2);
    expect(reader.read(12)).toBe(0x0ff);
    expect(reader.read(24)).toBe(0x001234);
    expect(reader.peek32() >>> 0).toBe(0x56789abc);
    expect(reader.read(31)).toBe(0x56789abc >>> 1);
    expect([reader.position, reader.isOverrun]).toEqual([71, false]);
  });

  test("reads every count at every place as a bit string says", () => {
    const bytes = Array.from({ length: 24 }, (_, i) => (i * 167 + 29) & 0xff);
    const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const reader = load(...bytes);
    for (let count = 1; count <= 31; count++) {
      for (let at = 0; at + count <= bits.length; at++) {
        reader.position = at;
        expect(reader.read(count)).toBe(Number.parseInt(bits.slice(at, at + count), 2));
        expect(reader.position).toBe(at + count);
      }
    }
  });

  test.each([0, 1, 2, 3, 4, 5, 7, 8])("gives zeros after %d bytes of ones, and tells", (length) => {
    const reader = load(...new Array(length).fill(0xff));
    expect(reader.position).toBe(0);
    for (let i = 0; i < length; i++) expect(reader.read(8)).toBe(0xff);
    expect(reader.isOverrun).toBe(false);
    reader.checkOverrun();
    expect(reader.read(31)).toBe(0);
    expect(reader.isOverrun).toBe(true);
    expect(errorCodeOf(() => reader.checkOverrun())).toBe("test.truncated");
  });

  test("forgets a longer input before", () => {
    const reader = load(...new Array(64).fill(0xff));
    reader.skip(100);
    reader.load(Uint8Array.of(1));
    expect(reader.read(8)).toBe(1);
    for (let i = 0; i < 20; i++) expect(reader.read(31)).toBe(0);
  });

  test("reads zeros however far it is beyond the end", () => {
    const reader = load(0xff);
    reader.skip(1_000_000);
    expect([reader.read(31), reader.peek32(), reader.isOverrun]).toEqual([0, 0, true]);
  });

  test("aligns to the next byte, or stays", () => {
    const reader = load(0, 1, 2);
    reader.align();
    expect(reader.position).toBe(0);
    reader.skip(9);
    reader.align();
    expect(reader.read(8)).toBe(2);
  });

  test("refuses more than it is made for", () => {
    expect(errorCodeOf(() => new BitReader(4, "test").load(new Uint8Array(5)))).toBe("test.too-long");
  });
});
