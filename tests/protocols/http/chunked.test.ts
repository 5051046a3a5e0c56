import { describe, expect, test } from "bun:test";
import {
  ChunkedDecoder,
  chunkFiller,
  chunkOfOneByte,
  encodeChunk,
  encodeChunkRest,
  encodeLastChunk,
} from "../../../src/protocols/http/chunked.ts";
import { RequestHeadReader } from "../../../src/protocols/http/request-head.ts";
import { errorCodeOf } from "../error-code.ts";
import { readFixture } from "../fixtures.ts";

const flv = Buffer.from(readFixture("flv/ffmpeg-aac.flv"));

describe.each([{ name: "curl-post-chunked" }, { name: "ffmpeg-post" }])("$name", ({ name }) => {
  const body = new RequestHeadReader().push(readFixture(`http/${name}.bin`))?.rest ?? new Uint8Array(0);

  test("carries the FLV stream that went in", () => {
    expect(decode([body])).toEqual({ data: flv, finished: true });
  });

  test("gives the same data however it is split", () => {
    for (let at = 0; at <= body.length; at++) {
      const { data, finished } = decode([body.subarray(0, at), body.subarray(at)]);
      if (!finished || !data.equals(flv)) throw new Error(`split at ${at}: ${data.length} bytes`);
    }
    expect(decode(Array.from(body, (byte) => Uint8Array.of(byte)))).toEqual({ data: flv, finished: true });
  });

  test("is unfinished wherever it is cut", () => {
    for (let at = 0; at < body.length; at++) {
      const { data, finished } = decode([body.subarray(0, at)]);
      if (finished || !flv.subarray(0, data.length).equals(data)) throw new Error(`cut at ${at}`);
    }
  });
});

describe("accepts", () => {
  test.each([
    ["extensions and blanks", '2 ;a="b"\r\nhi\r\n0\r\n\r\n', "hi"],
    [
      "leading zeros and either case",
      "0000000a\r\n0123456789\r\n0A\r\nabcdefghij\r\n0\r\n\r\n",
      "0123456789abcdefghij",
    ],
    ["trailers, which are dropped", "1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n", "x"],
    ["sixteen trailers", `0\r\n${"A: b\r\n".repeat(16)}\r\n`, ""],
    ["nothing at all", "0\r\n\r\n", ""],
    ["bytes after the end, which are ignored", "1\r\nx\r\n0\r\n\r\nGET /", "x"],
  ])("%s", (_, text, expected) => {
    const { data, finished } = decode([Buffer.from(text)]);
    expect({ text: data.toString(), finished }).toEqual({ text: expected, finished: true });
  });
});

describe("refuses", () => {
  test.each([
    ["no digits", "\r\n", "http.bad-chunk-size"],
    ["other digits", "xyz\r\n", "http.bad-chunk-size"],
    ["a sign", "-1\r\n", "http.bad-chunk-size"],
    ["a prefix", "0x1\r\n", "http.bad-chunk-size"],
    ["nine digits", "100000000\r\n", "http.bad-chunk-size"],
    ["a line end without CR", "1\nx\r\n", "http.bad-chunk-line"],
    ["a chunk longer than it said", "1\r\nxy\r\n", "http.bad-chunk-end"],
    ["a size line over 4096 bytes", `1;${"a".repeat(4095)}`, "http.bad-chunk-line"],
    ["a 17th trailer", `0\r\n${"A: b\r\n".repeat(17)}`, "http.bad-chunk-trailer"],
  ])("%s", (_, text, code) => {
    expect(errorCodeOf(() => decode([Buffer.from(text)]))).toBe(code);
    expect(errorCodeOf(() => decode(Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte))))).toBe(
      code,
    );
  });
});

function decode(pieces: readonly Uint8Array[]): { data: Buffer; finished: boolean } {
  const decoder = new ChunkedDecoder();
  const data: Uint8Array[] = [];
  let finished = false;
  for (const piece of pieces) finished = decoder.push(piece, (bytes) => data.push(bytes));
  return { data: Buffer.concat(data), finished };
}

test("what is encoded is what a decoder gives back, at any split", () => {
  const parts = [1, 15, 16, 300].map((length) => new Uint8Array(length).fill(length));
  const body = Buffer.concat([...parts.map(encodeChunk), encodeLastChunk()]);
  expect(body.subarray(0, 6).toString("latin1")).toBe("1\r\n\u0001\r\n");
  for (let cut = 0; cut <= body.length; cut++) {
    const decoder = new ChunkedDecoder();
    const data: Uint8Array[] = [];
    const finished = [body.subarray(0, cut), body.subarray(cut)].map((piece) =>
      decoder.push(piece, (bytes) => data.push(new Uint8Array(bytes))),
    );
    expect(finished.includes(true)).toBe(true);
    expect(Buffer.concat(data)).toEqual(Buffer.concat(parts));
  }
});

test("what is begun and filled for long is, once it is ended, the bytes and nothing else", () => {
  const filler = Array<Uint8Array>(1000).fill(chunkFiller);
  const body = [chunkOfOneByte, ...filler, encodeChunkRest(Buffer.from("frame")), encodeLastChunk()];
  const { data, finished } = decode(body);
  expect({ text: data.toString(), finished }).toEqual({ text: "frame", finished: true });
});
