import { expect, test } from "bun:test";
import { BitWriter } from "../../src/bytes/bit-writer.ts";

test("bits follow each other from the highest down, and zeros fill the last byte", () => {
  const bits = new BitWriter(8);
  bits.write(0b101, 3);
  bits.write(0, 0);
  bits.write(0xabcdef, 24);
  bits.write(1, 1);
  expect(bits.bitLength).toBe(28);
  expect(bits.finish()).toEqual(Uint8Array.of(0xb5, 0x79, 0xbd, 0xf0));
});

test("24 bits fit at each place within a byte", () => {
  for (let before = 0; before < 8; before++) {
    const bits = new BitWriter(8);
    bits.write(0, before);
    bits.write(0x800001, 24);
    const expected = ((0x800001n << BigInt(32 - 24 - before)) & 0xffffffffn).toString(16).padStart(8, "0");
    const length = Math.ceil((before + 24) / 8);
    expect(Buffer.from(bits.finish()).toString("hex")).toBe(expected.slice(0, 2 * length));
  }
});

test("after reset it begins anew, without a trace of what was", () => {
  const bits = new BitWriter(4);
  bits.write(0xffffff, 23);
  bits.reset();
  bits.write(0, 7);
  expect(bits.finish()).toEqual(Uint8Array.of(0));
  bits.reset();
  expect(bits.finish()).toEqual(new Uint8Array(0));
});

test("more than fits is a bug", () => {
  const bits = new BitWriter(2);
  bits.write(1, 16);
  expect(bits.finish()).toHaveLength(2);
  bits.write(1, 1);
  expect(() => bits.finish()).toThrow("bits.too-many (have 3, limit 2)");
});
