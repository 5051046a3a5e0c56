import { describe, expect, test } from "bun:test";
import { type AmfValue, decodeAmf0, encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { AppError } from "../../../src/errors.ts";
import { decodeParts, RECORDINGS, readChunks } from "../../protocols/rtmp/recorded.ts";

const fromHex = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

/** Sections of the AMF0 specification (amf0-file-format-specification). */
const BOTH_WAYS: readonly (readonly [name: string, hex: string, values: AmfValue[]])[] = [
  ["nothing", "", []],
  ["2.2 numbers", "00 3ff0000000000000 00 c000000000000000", [1, -2]],
  ["2.3 booleans", "01 01 01 00", [true, false]],
  ["2.4 a string", "02 0004 6c697665", ["live"]],
  ["2.4 a string in UTF-8", "02 0006 e59d90e5b8ad", ["坐席"]],
  ["2.4 a string with a byte order mark", "02 0004 efbbbf61", ["\ufeffa"]],
  ["2.5 an object", "03 0003 617070 02 0004 6c697665 000009", [{ app: "live" }]],
  ["2.5 an empty object", "03 000009", [{}]],
  ["2.5 an object with an empty key", "03 0000 05 000009", [{ "": null }]],
  ["2.7 null", "05", [null]],
  ["2.8 undefined", "06", [undefined]],
  ["2.12 a strict array", "0a 00000002 05 01 01", [[null, true]]],
  ["2.13 a date", "0b 4271f71fb0800000 0000", [new Date(1_234_567_890_944)]],
  [
    "objects in arrays in objects",
    "03 0001 61 0a 00000001 03 0001 62 05 000009 000009",
    [{ a: [{ b: null }] }],
  ],
];

/** What peers may send and we do not. */
const DECODED_ONLY: readonly (readonly [name: string, hex: string, values: AmfValue[]])[] = [
  ["2.3 any number but 0 is true", "01 02", [true]],
  ["2.9 a reference", "03 0001 61 05 000009 07 0000", [{ a: null }, { a: null }]],
  ["2.10 an ECMA array", "08 00000001 0001 61 05 000009", [{ a: null }]],
  ["2.10 an ECMA array with a wrong count", "08 ffffffff 0001 61 05 000009", [{ a: null }]],
  ["2.13 a date with a time zone", "0b 4271f71fb0800000 ffc4", [new Date(1_234_567_890_944)]],
  ["2.14 a long string", "0c 00000002 6869", ["hi"]],
  ["2.15 unsupported", "0d", [undefined]],
  ["2.17 an XML document", "0f 00000004 3c612f3e", ["<a/>"]],
  ["2.18 a typed object", "10 0003 466f6f 0001 61 05 000009", [{ a: null }]],
  ["bytes that are not UTF-8", "02 0002 61ff", ["a\ufffd"]],
];

test.each(BOTH_WAYS)("%s: decodes and encodes", (_, hex, values) => {
  expect<AmfValue[]>(decodeAmf0(fromHex(hex))).toEqual(values);
  expect(encodeAmf0(...values).toHex()).toBe(hex.replaceAll(" ", ""));
});

test.each(DECODED_ONLY)("%s: decodes", (_, hex, values) => {
  expect<AmfValue[]>(decodeAmf0(fromHex(hex))).toEqual(values);
});

test.each([...BOTH_WAYS, ...DECODED_ONLY])("%s: every truncation is told", (_, hex, values) => {
  const bytes = fromHex(hex);
  const ends = new Set<number>();
  for (let length = 0; length < bytes.length; length++) {
    try {
      decodeAmf0(bytes.subarray(0, length));
      ends.add(length);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(AppError);
      expect(String(thrown)).toContain("amf0.truncated (need");
    }
  }
  // Only the ends of whole values, the empty payload among them, may be mistaken for an end.
  expect(ends.size).toBe(values.length);
});

test("what nginx-rtmp puts into onMetaData", () => {
  const messages = decodeParts([readChunks("ffmpeg/rtmp-play-aac-h264.server.bin")]);
  const data = messages.filter(({ typeId }) => typeId === 18).map(({ payload }) => decodeAmf0(payload));
  expect<unknown>(data).toEqual([
    ["|RtmpSampleAccess", true, true],
    [
      "onMetaData",
      expect.objectContaining({ width: 64, height: 48, fps: 5, audiocodecid: 10, videocodecid: 7 }),
    ],
  ]);
});

test("the connect of ffmpeg", () => {
  const [connect] = decodeParts([readChunks("ffmpeg/rtmp-publish-aac.client.bin")]);
  expect<unknown>(decodeAmf0(connect?.payload ?? new Uint8Array(0))).toEqual([
    "connect",
    1,
    {
      app: "live",
      type: "nonprivate",
      flashVer: expect.stringContaining("FMLE/3.0"),
      tcUrl: expect.stringMatching(/^rtmp:/),
    },
  ]);
  expect(RECORDINGS.length).toBeGreaterThan(20);
});

describe("hostile values", () => {
  test("__proto__ and its kind are keys like any other", () => {
    const key = (name: string) =>
      `00${name.length.toString(16).padStart(2, "0")}${Buffer.from(name).toString("hex")}`;
    const evil = `03 ${key("polluted")} 0101 000009`;
    const [value] = decodeAmf0(
      fromHex(`03 ${key("__proto__")} ${evil} ${key("constructor")} ${evil} 000009`),
    );
    expect(Object.keys(value ?? {})).toEqual(["__proto__", "constructor"]);
    expect("polluted" in {}).toBe(false);
    expect("polluted" in Object(value)).toBe(false);
  });

  test("a depth of 32 is the limit", () => {
    const nested = (depth: number) => fromHex(`${"0a00000001".repeat(depth)}05`);
    expect(decodeAmf0(nested(32))).toHaveLength(1);
    expect(() => decodeAmf0(nested(33))).toThrow("amf0.too-deep (limit 32)");
    const [deep] = decodeAmf0(nested(32));
    expect(() => encodeAmf0([deep])).toThrow("amf0.too-deep (limit 32)");
  });

  test("65,536 values are the limit", () => {
    const nulls = (count: number) => new Uint8Array(count).fill(5);
    expect(decodeAmf0(nulls(65_536))).toHaveLength(65_536);
    expect(() => decodeAmf0(nulls(65_537))).toThrow("amf0.too-many-values (limit 65536)");
    expect(() => encodeAmf0(new Array(65_536).fill(null))).toThrow("amf0.too-many-values");
  });

  test("an array that announces 4 G values costs nothing", () => {
    expect(() => decodeAmf0(fromHex("0a ffffffff 05"))).toThrow("amf0.truncated (need 1, have 0)");
  });

  test("a string that announces 4 GiB costs nothing", () => {
    expect(() => decodeAmf0(fromHex("0c ffffffff 61"))).toThrow("amf0.truncated (need 4294967295, have 1)");
  });

  test("references cannot make a few bytes into endless work", () => {
    // Each array holds the one before it twice.
    const doubling = Array.from({ length: 40 }, (_, i) => {
      const reference = `07${i.toString(16).padStart(4, "0")}`;
      return `0a00000002${reference}${reference}`;
    });
    const values = decodeAmf0(fromHex(`0a00000000${doubling.join("")}`));
    expect(values).toHaveLength(41);
    expect(() => encodeAmf0(...values)).toThrow(/amf0.too-(deep|many-values)/);
  });

  test.each([
    ["a reference to nothing", "07 0000", "amf0.bad-reference (index 0, limit 0)"],
    ["a value that holds itself", "0a 00000001 07 0000", "amf0.bad-reference (index 0, limit 1)"],
    ["AMF3", "05 11 0a", "amf0.amf3-not-supported (at 1)"],
    ["a movie clip", "04", "amf0.unknown-marker (marker 4, at 0)"],
    ["an object's end without an object", "09", "amf0.unknown-marker (marker 9, at 0)"],
    ["a record set", "05 05 0e", "amf0.unknown-marker (marker 14, at 2)"],
    ["a marker from nowhere", "ff", "amf0.unknown-marker (marker 255, at 0)"],
  ])("%s is refused", (_, hex, message) => {
    expect(() => decodeAmf0(fromHex(hex))).toThrow(message);
  });
});

describe("long strings", () => {
  test("65,535 bytes are the most for a short one", () => {
    expect(encodeAmf0("a".repeat(65_535)).subarray(0, 3).toHex()).toBe("02ffff");
    expect(encodeAmf0("a".repeat(65_536)).subarray(0, 5).toHex()).toBe("0c00010000");
    const text = "好".repeat(30_000);
    expect(decodeAmf0(encodeAmf0(text))).toEqual([text]);
  });

  test("a key of more is refused", () => {
    expect(() => encodeAmf0({ ["a".repeat(65_536)]: 1 })).toThrow(
      "amf0.key-too-long (have 65536, limit 65535)",
    );
  });
});
