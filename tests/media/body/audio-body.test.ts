import { describe, expect, test } from "bun:test";
import { decodeAudioBody, encodeAudioBody } from "../../../src/media/body/audio-body.ts";
import { encodeL16Metadata, readAudioSampleRate } from "../../../src/media/body/metadata.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import { fromHex, readFixture } from "../../protocols/fixtures.ts";

/**
 * Bodies as ffmpeg 5.1 wrote them, cut short: `ffmpeg -f lavfi -i sine=frequency=440:sample_rate=RATE -c:a CODEC -f flv`;
 * those of Enhanced RTMP by its specification (mp4a is 6d703461).
 */
const bodies = [
  ["AudioSpecificConfig", "af00 118856e500", "AAC", "config", 0, 0, "118856e500"],
  ["AAC at 48 kHz", "af01 de02004c", "AAC", "key", 0, 0, "de02004c"],
  ["pcm_alaw", "72 d5e0919e", "G711A", "key", 8000, 1, "d5e0919e"],
  ["pcm_alaw at 44.1 kHz, which G.711 never is", "72 d5c5caf2", "G711A", "key", 8000, 1, "d5c5caf2"],
  ["pcm_mulaw", "82 ffc8bab3", "G711U", "key", 8000, 1, "ffc8bab3"],
  ["pcm_s16le at 8 kHz", "32 00006b05", "L16", "key", 8000, 1, "00006b05"],
  ["pcm_s16le at 11.025 kHz", "36 0000f803", "L16", "key", 11_025, 1, "0000f803"],
  ["pcm_s16le at 22.05 kHz", "3a 0000ff01", "L16", "key", 22_050, 1, "0000ff01"],
  ["pcm_s16le at 44.1 kHz", "3e 0000ff00", "L16", "key", 44_100, 1, "0000ff00"],
  ["pcm_s16le in stereo", "3f 0000 0000 b500 b500", "L16", "key", 44_100, 2, "00000000b500b500"],
  ["the platform's byte order", "02 0000c002", "L16", "key", 8000, 1, "0000c002"],
  ["pcm_u8 at 11.025 kHz", "04 8083ff00", "L16", "key", 11_025, 1, "00000003007f0080"],
  ["an odd byte too many", "32 00006b0532", "L16", "key", 8000, 1, "00006b05"],
  ["mp4a, sequence start", "90 6d703461 1188", "AAC", "config", 0, 0, "1188"],
  ["mp4a, coded frame", "91 6d703461 de02", "AAC", "key", 0, 0, "de02"],
  ["mp4a behind a nanosecond offset", "97 02 0000ff 01 6d703461 de02", "AAC", "key", 0, 0, "de02"],
] as const;

test.each(bodies)("%s", (_, hex, codec, role, sampleRate, channelCount, data) => {
  const found = decodeAudioBody(fromHex(hex), 8000);
  expect(found).toEqual({ codec, role, sampleRate, channelCount, data: fromHex(data) });
});

test.each([
  ["MP3", "2e ff fb"],
  ["Speex", "b2 00"],
  ["Opus", "91 4f707573 fc"],
  ["an empty body", ""],
  ["AAC that ends too soon", "af 01"],
  ["A-law without a sample", "72"],
  ["L16 without a whole sample", "32 00"],
  ["several tracks", "95 01 6d703461 00 000002 de02"],
  ["the end of a sequence", "92 6d703461"],
  ["the channel order", "94 6d703461 01 02"],
  ["a fourCC without data", "91 6d703461"],
])("no sound to read: %s", (_, hex) => {
  expect(decodeAudioBody(fromHex(hex))).toBeUndefined();
});

test("L16 at rate bits 0 has 16 kHz where nobody says otherwise", () => {
  expect(decodeAudioBody(fromHex("32 0000"))?.sampleRate).toBe(16_000);
});

describe.each([
  ["ffmpeg-aac", "AAC"],
  ["ffmpeg-pcma", "G711A"],
  ["ffmpeg-pcmu", "G711U"],
  ["gst-pcma", "G711A"],
] as const)("%s.flv", (name, codec) => {
  test("is encoded to the very same bodies", () => {
    const found = readAudioBodies(`flv/${name}.flv`);
    expect(found.length).toBeGreaterThan(1);
    for (const body of found) {
      const audio = decodeAudioBody(body);
      expect(audio?.codec).toBe(codec);
      expect(encodeAudioBody({ role: "key", data: body, ...audio, codec })).toEqual(new Uint8Array(body));
    }
  });
});

test("L16 is encoded at rate bits 0, for its rate stands in onMetaData", () => {
  const body = encodeAudioBody({ codec: "L16", role: "key", data: fromHex("0000c002") });
  expect(body).toEqual(fromHex("32 0000c002"));
  expect(readAudioSampleRate(encodeL16Metadata(16_000))).toBe(16_000);
});

/** `ffmpeg … -c:a pcm_s16le -ar 16000 -f flv`: an ECMA array, of which this is the beginning. */
const METADATA = `02000a 6f6e4d65746144617461 08 00000002
  0008 6475726174696f6e 00 3fb999999999999a
  000f 617564696f73616d706c6572617465 00 40cf400000000000 000009`;

test("the rate in ffmpeg's onMetaData", () => {
  expect(readAudioSampleRate(fromHex(METADATA))).toBe(16_000);
});

test.each([
  ["cut short", METADATA.slice(0, -12)],
  ["without a rate", "02000a6f6e4d65746144617461 08 00000000 000009"],
  ["with a text for a rate", METADATA.replace("00 40cf400000000000", "02 0001 38")],
  ["with the rate 0", METADATA.replace("40cf400000000000", "0000000000000000")],
  ["with a rate that is no number", METADATA.replace("40cf400000000000", "7ff8000000000000")],
  ["with null for properties", "02000a6f6e4d65746144617461 05"],
  ["empty", ""],
])("no rate in metadata %s", (_, hex) => {
  expect(readAudioSampleRate(fromHex(hex))).toBeUndefined();
});

function readAudioBodies(fixture: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  new FlvDecoder().push(readFixture(fixture), ({ type, body }) => {
    if (type === TagType.audio) found.push(body);
  });
  return found;
}
