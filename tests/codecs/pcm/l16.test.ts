import { describe, expect, test } from "bun:test";
import { decodeL16, encodeL16 } from "../../../src/codecs/pcm/l16.ts";
import { fromHex } from "../../protocols/fixtures.ts";

// RFC 3551, 4.5.11: two's complement, most significant byte first; values by hand.
const SAMPLES = [0, 1 / 0x8000, -1 / 0x8000, 0x1234 / 0x8000, 0x7fff / 0x8000, -1];
const BIG_ENDIAN = fromHex("0000 0001 ffff 1234 7fff 8000");
const LITTLE_ENDIAN = fromHex("0000 0100 ffff 3412 ff7f 0080");

describe.each([
  ["big-endian", false, BIG_ENDIAN],
  ["little-endian", true, LITTLE_ENDIAN],
] as const)("%s", (_, littleEndian, bytes) => {
  test("decodes", () => {
    const samples = new Float32Array(SAMPLES.length);
    decodeL16(bytes, samples, littleEndian);
    expect([...samples]).toEqual(SAMPLES);
  });

  test("encodes", () => {
    const encoded = new Uint8Array(bytes.length);
    encodeL16(Float32Array.from(SAMPLES), encoded, littleEndian);
    expect(encoded).toEqual(bytes);
  });

  test("leaves an odd byte at the end", () => {
    const samples = new Float32Array(3).fill(9);
    decodeL16(bytes.subarray(0, 5), samples, littleEndian);
    expect([...samples]).toEqual([0, 1 / 0x8000, 9]);
  });
});

test("all 65,536 samples come back as they were", () => {
  const bytes = new Uint8Array(Int16Array.from({ length: 0x10000 }, (_, index) => index - 0x8000).buffer);
  const samples = new Float32Array(0x10000);
  const encoded = new Uint8Array(bytes.length);
  decodeL16(bytes, samples, true);
  encodeL16(samples, encoded, true);
  expect(encoded.every((byte, index) => byte === bytes[index])).toBe(true);
});

test.each([
  ["rounds to the nearest", [0.4, 0.6, -0.4, -0.6, 99.7], [0, 1, 0, -1, 100]],
  [
    "clips",
    [40_000, 32_767.6, -32_769, -1e9, Number.POSITIVE_INFINITY],
    [32_767, 32_767, -32_768, -32_768, 32_767],
  ],
])("%s", (_, levels, expected) => {
  const bytes = new Uint8Array(2 * levels.length);
  encodeL16(
    Float32Array.from(levels, (level) => level / 0x8000),
    bytes,
    true,
  );
  expect([...new Int16Array(bytes.buffer)]).toEqual(expected);
});
