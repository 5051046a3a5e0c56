import { describe, expect, test } from "bun:test";
import { inspectAudioBody, inspectVideoBody } from "../../../src/media/body/tag-body.ts";
import { fromHex } from "../../protocols/fixtures.ts";

/** Enhanced RTMP writes its fourCCs as text. */
const fourCc = {
  Opus: "4f707573",
  mp4a: "6d703461",
  mp3: "2e6d7033",
  flac: "664c6143",
  avc1: "61766331",
  hvc1: "68766331",
  av01: "61763031",
};

describe("audio: what it says of", () => {
  test.each([
    ["AudioSpecificConfig", "af00 1188", "AAC", "config"],
    ["an AAC frame", "af01 2110", "AAC", "key"],
    ["an AAC body that ends after one byte", "af", "AAC", "key"],
    ["MP3", "2e ff", "MP3", "key"],
    ["MP3 at 8 kHz", "ee ff", "MP3", "key"],
    ["A-law", "72 d5", "G711A", "key"],
    ["µ-law", "82 ff", "G711U", "key"],
    ["little-endian PCM", "36 0000", "L16", "key"],
    ["PCM in the platform's order", "06 0000", "L16", "key"],
    ["Speex", "b2 00", "unknown", "key"],
    ["an empty body", "", "unknown", "key"],
    ["an OpusHead", `90 ${fourCc.Opus} 4f`, "OPUS", "config"],
    ["an Opus frame", `91 ${fourCc.Opus} fc`, "OPUS", "key"],
    ["the end of an Opus sequence", `92 ${fourCc.Opus}`, "OPUS", "key"],
    ["the channel order", `94 ${fourCc.Opus} 01`, "OPUS", "key"],
    ["AudioSpecificConfig behind a fourCC", `90 ${fourCc.mp4a} 1188`, "AAC", "config"],
    ["an MP3 frame behind a fourCC", `91 ${fourCc.mp3} ff`, "MP3", "key"],
    ["a codec of Enhanced RTMP that no client here has", `91 ${fourCc.flac} 00`, "unknown", "key"],
    ["a fourCC cut short", "91 4f7075", "unknown", "key"],
    ["the first track's frame of several", `95 01 ${fourCc.Opus} 00 fc`, "OPUS", "key"],
    ["the first track's header of several", `95 00 ${fourCc.Opus} 00 4f`, "OPUS", "config"],
    ["a second track's header", `95 00 ${fourCc.Opus} 01 4f`, "OPUS", "key"],
    ["a nanosecond offset before a header", `97 02 0000ff 00 ${fourCc.Opus} 4f`, "OPUS", "config"],
    [
      "a ModEx of 256 bytes before a frame",
      `97 ff 00ff ${"00".repeat(256)} 01 ${fourCc.Opus} fc`,
      "OPUS",
      "key",
    ],
    ["a ModEx cut short", "97 02 0000", "unknown", "key"],
    ["a ModEx without end", `97 ${"00 00 07".repeat(20)}`, "unknown", "key"],
  ])("%s", (_, hex, codec, role) => {
    const info: { codec: string; role: string } = inspectAudioBody(fromHex(hex));
    expect(info).toEqual({ codec, role });
  });
});

describe("video: what it says of", () => {
  test.each([
    ["an AVCDecoderConfigurationRecord", "17 00 000000 01", "H264", "config"],
    ["an AVC key picture", "17 01 000000 00", "H264", "key"],
    ["an AVC key picture that a server made", "47 01 000000 00", "H264", "key"],
    ["an AVC picture", "27 01 000000 00", "H264", "delta"],
    [
      "an AVC picture at a recovery point",
      "27 01 000000 00000002 09f0 00000004 06060184 00000002 4100",
      "H264",
      "key",
    ],
    ["an AVC picture with other SEI", "27 01 000000 00000004 06050184 00000002 4100", "H264", "delta"],
    [
      "an AVC picture with a recovery point behind it",
      "27 01 000000 00000002 4100 00000004 06060184",
      "H264",
      "delta",
    ],
    ["an AVC picture of bad lengths", "27 01 000000 00000000 0906 ffffffff 0606", "H264", "delta"],
    ["the end of an AVC sequence", "17 02 000000", "H264", "delta"],
    ["a client seek, which is no configuration", "57 00", "H264", "delta"],
    ["an AVC body that ends after one byte", "17", "H264", "delta"],
    ["an HEVCDecoderConfigurationRecord", "1c 00 000000 01", "H265", "config"],
    ["an HEVC key picture", "1c 01 000000 00", "H265", "key"],
    ["an HEVC picture", "2c 01 000000 00", "H265", "delta"],
    ["a Sorenson key picture", "12 00", "unknown", "key"],
    ["a Sorenson picture", "22 00", "unknown", "delta"],
    ["an empty body", "", "unknown", "delta"],
    ["hvc1, sequence start", `90 ${fourCc.hvc1} 01`, "H265", "config"],
    ["hvc1, key picture with a composition time", `91 ${fourCc.hvc1} 000000 00`, "H265", "key"],
    ["hvc1, key picture without one", `93 ${fourCc.hvc1} 00`, "H265", "key"],
    ["hvc1, picture", `a3 ${fourCc.hvc1} 00`, "H265", "delta"],
    ["hvc1, sequence end", `92 ${fourCc.hvc1}`, "H265", "delta"],
    ["hvc1, colour metadata", `94 ${fourCc.hvc1} 02`, "H265", "delta"],
    ["hvc1, MPEG-2 TS sequence start", `95 ${fourCc.hvc1} 01`, "H265", "config"],
    ["avc1, sequence start", `90 ${fourCc.avc1} 01`, "H264", "config"],
    ["av01, key picture", `91 ${fourCc.av01} 00`, "unknown", "key"],
    ["a command frame", "d0 00", "unknown", "delta"],
    ["a command frame as long as a header", `d0 ${fourCc.hvc1}`, "unknown", "delta"],
    ["a fourCC cut short", "90 6876", "unknown", "delta"],
    ["the first of several tracks, key picture", `96 01 ${fourCc.avc1} 00 00`, "H264", "key"],
    ["a second track's sequence start", `96 00 ${fourCc.avc1} 01 01`, "H264", "delta"],
    ["a nanosecond offset before a key picture", `97 02 0000ff 03 ${fourCc.hvc1} 00`, "H265", "key"],
  ])("%s", (_, hex, codec, role) => {
    const info: { codec: string; role: string } = inspectVideoBody(fromHex(hex));
    expect(info).toEqual({ codec, role });
  });
});
