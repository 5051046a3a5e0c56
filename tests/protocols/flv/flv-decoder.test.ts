import { describe, expect, test } from "bun:test";
import { inspectAudioBody, inspectVideoBody } from "../../../src/media/body/tag-body.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import { encodeFlvHeader, encodeTag, type Tag } from "../../../src/protocols/flv/tag.ts";
import { errorCodeOf } from "../error-code.ts";
import { fromHex, readFixture } from "../fixtures.ts";

const captures = [
  { name: "ffmpeg-aac", audio: "AAC", has: { audio: true, video: false } },
  { name: "ffmpeg-aac-h264", audio: "AAC", has: { audio: true, video: true } },
  { name: "ffmpeg-late-video", audio: "AAC", has: { audio: true, video: true } },
  { name: "ffmpeg-wrap24", audio: "AAC", has: { audio: true, video: false } },
  { name: "ffmpeg-pcma", audio: "G711A", has: { audio: true, video: false } },
  { name: "ffmpeg-pcmu", audio: "G711U", has: { audio: true, video: false } },
  { name: "ffmpeg-mp3", audio: "MP3", has: { audio: true, video: false } },
  { name: "ffmpeg-l16", audio: "L16", has: { audio: true, video: false } },
  { name: "gst-aac", audio: "AAC", has: { audio: true, video: false } },
  { name: "gst-aac-h264", audio: "AAC", has: { audio: true, video: true } },
  { name: "gst-pcma", audio: "G711A", has: { audio: true, video: false } },
] as const;

describe.each(captures)("$name", ({ name, audio, has }) => {
  const file = readFixture(`flv/${name}.flv`);
  const tags = decodeAll(file);

  test("has the packets that ffprobe sees", () => {
    const lines = Buffer.from(readFixture(`flv/${name}.packets.csv`))
      .toString()
      .trim()
      .split("\n");
    // ffprobe takes a repeated onMetaData for a subtitle.
    const expected = lines.filter((line) => !line.startsWith("subtitle"));
    expect(tags.flatMap((tag) => describePacket(tag, audio))).toEqual(expected);
  });

  test("is encoded to the very same bytes", () => {
    const pieces = [encodeFlvHeader(has), ...tags.map(encodeTag)];
    expect(Buffer.concat(pieces).equals(file)).toBeTrue();
  });

  test("gives the same tags whole ones first, however it is split or cut", () => {
    const ends = bodyEnds(tags);
    for (let at = 0; at <= file.length; at++) {
      const decoder = new FlvDecoder();
      const found: Tag[] = [];
      decoder.push(file.subarray(0, at), (tag) => found.push(tag));
      const whole = ends.filter((end) => end <= at).length;
      if (found.length !== whole) throw new Error(`cut at ${at}: ${found.length} tags, not ${whole}`);
      decoder.push(file.subarray(at), (tag) => found.push(tag));
      if (!areSameTags(found, tags)) throw new Error(`split at ${at}: other tags`);
    }
  });

  test("gives the same tags byte by byte", () => {
    const decoder = new FlvDecoder();
    const found: Tag[] = [];
    for (let at = 0; at < file.length; at++) {
      decoder.push(file.subarray(at, at + 1), (tag) => found.push(tag));
    }
    expect(areSameTags(found, tags)).toBeTrue();
  });
});

test("the time stamp's eighth to last byte is the highest", () => {
  const times = decodeAll(readFixture("flv/ffmpeg-wrap24.flv")).map((tag) => tag.timestampMs);
  expect(times.some((ms) => ms > 0 && ms < 2 ** 24) && times.some((ms) => ms > 2 ** 24)).toBeTrue();
  const tag = { type: 8, timestampMs: 0xfedcba98, body: Uint8Array.of(1) };
  expect(encodeTag(tag)).toEqual(fromHex("08 000001 dcba98 fe 000000 01 0000000c"));
  expect(decodeAll(Buffer.concat([encodeFlvHeader(audioOnly), encodeTag(tag)]))).toEqual([tag]);
});

test("a body is the receiver's own, also out of a Buffer", () => {
  const file = Buffer.concat([
    encodeFlvHeader(audioOnly),
    fromHex("08 000002 000000 00 000000 af01 0000000d"),
  ]);
  const tags = decodeAll(file);
  file.fill(0);
  expect(tags.map((tag) => tag.body)).toEqual([fromHex("af01")]);
});

test("an empty body is given out without waiting for more", () => {
  const tags = decodeAll(fromHex("464c5601 00 00000009 00000000 08 000000 000005 00 000000"));
  expect(tags).toEqual([{ type: 8, timestampMs: 5, body: new Uint8Array(0) }]);
});

test("a longer file header, wrong PreviousTagSizes and stream ids are read over, also byte by byte", () => {
  const file = fromHex("464c5601 05 0000000c 010203 0040000b 08 000001 000000 00 000007 aa 00000001");
  expect(decodeAll(file).map((tag) => tag.body)).toEqual([fromHex("aa")]);
  const decoder = new FlvDecoder();
  const bodies: Uint8Array[] = [];
  for (const byte of file) decoder.push(Uint8Array.of(byte), (tag) => bodies.push(tag.body));
  expect(bodies).toEqual([fromHex("aa")]);
});

test("a long tag has its size in three bytes before and four bytes after", () => {
  const bytes = encodeTag({ type: TagType.video, timestampMs: 0, body: new Uint8Array(0x123456) });
  expect(bytes.subarray(0, 4)).toEqual(fromHex("09 123456"));
  expect(bytes.subarray(-4)).toEqual(fromHex("00123461"));
  const [tag] = decodeAll(Buffer.concat([encodeFlvHeader({ audio: false, video: true }), bytes]));
  expect(tag?.body).toHaveLength(0x123456);
});

test("the first tag of each kind that ffmpeg wrote", () => {
  const types = decodeAll(readFixture("flv/ffmpeg-aac-h264.flv")).map((tag) => tag.type);
  expect(types.slice(0, 3)).toEqual([TagType.script, TagType.video, TagType.audio]);
});

describe("refuses", () => {
  test.each([
    ["another signature", "flv.not-flv", "464c5701 05 00000009"],
    ["another version", "flv.not-flv", "464c5602 05 00000009"],
    ["a data offset inside the header", "flv.bad-data-offset", "464c5601 05 00000008"],
    ["a data offset far away", "flv.bad-data-offset", "464c5601 05 00000401"],
    ["an encrypted tag", "flv.encrypted-tag", "464c5601 05 00000009 00000000 28 000001 000000 00 000000"],
    [
      "a tag type over five bits",
      "flv.bad-tag-type",
      "464c5601 05 00000009 00000000 88 000001 000000 00 000000",
    ],
    ["a tag over the limit", "flv.tag-too-long", "464c5601 05 00000009 00000000 08 400001 000000 00 000000"],
    [
      "an impossible PreviousTagSize",
      "flv.bad-previous-tag-size",
      "464c5601 05 00000009 0040000c 08 000001 000000 00 000000",
    ],
  ])("%s", (_, code, hex) => {
    expect(errorCodeOf(() => decodeAll(fromHex(hex)))).toBe(code);
  });
});

test("a long tag announced costs memory only as it arrives", () => {
  const before = process.memoryUsage().arrayBuffers;
  const decoders = Array.from({ length: 200 }, () => {
    const decoder = new FlvDecoder();
    decoder.push(fromHex("464c5601 05 00000009 00000000 08 400000 000000 00 000000 01"), () => {});
    return decoder;
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(decoders.length * 128 * 1024);
});

const audioOnly = { audio: true, video: false };

function decodeAll(file: Uint8Array): Tag[] {
  const tags: Tag[] = [];
  new FlvDecoder().push(file, (tag) => tags.push(tag));
  return tags;
}

/** A line as ffprobe prints it: payload without the codec's header; nothing for what it does not call a packet. */
function describePacket({ type, timestampMs, body }: Tag, audio: string): string[] {
  if (type === 8) {
    const info = inspectAudioBody(body);
    expect(info.codec).toBe(audio as typeof info.codec);
    if (info.role === "config") return [];
    return [`audio,${timestampMs},${body.length - (audio === "AAC" ? 2 : 1)},K_`];
  }
  if (type !== 9) return [];
  const info = inspectVideoBody(body);
  expect(info.codec).toBe("H264");
  const isEnd = body[1] === 2;
  if (info.role === "config" || isEnd) return [];
  return [`video,${timestampMs},${body.length - 5},${info.role === "key" ? "K" : "_"}_`];
}

function bodyEnds(tags: readonly Tag[]): number[] {
  let end = 9;
  return tags.map((tag) => {
    end += 15 + tag.body.length;
    return end;
  });
}

function areSameTags(some: readonly Tag[], others: readonly Tag[]): boolean {
  return (
    some.length === others.length &&
    some.every((tag, i) => {
      const other = others[i];
      return (
        other !== undefined &&
        tag.type === other.type &&
        tag.timestampMs === other.timestampMs &&
        Buffer.compare(tag.body, other.body) === 0
      );
    })
  );
}
