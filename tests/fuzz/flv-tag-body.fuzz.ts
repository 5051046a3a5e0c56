import { silentLogger } from "../../src/log.ts";
import { decodeAudioBody } from "../../src/media/body/audio-body.ts";
import { readAudioSampleRate } from "../../src/media/body/metadata.ts";
import { inspectAudioBody, inspectVideoBody } from "../../src/media/body/tag-body.ts";
import { TagType, tagToFrame } from "../../src/media/body/tag-frame.ts";
import { SoundHeader } from "../../src/media/sound-header.ts";
import { Tracks } from "../../src/media/tracks.ts";
import { fromHex } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";

export const target: FuzzTarget = {
  name: "flv-tag-body",
  seeds: [
    "af00 1188",
    "17 00 000000 01",
    "91 4f707573 fc",
    "90 68766331 01",
    "97 02 0000ff 06 00 61766331 00 01",
    "3f 0000 0000 b500 b500",
    "91 6d703461 de02",
    "02000a6f6e4d65746144617461 08 00000001 000f617564696f73616d706c6572617465 0040cf400000000000 000009",
    "af01 fff16080 0160fc 214a6c00",
    "97 ff 0003 00000000 05 01 4f707573 00 fc",
  ].map(fromHex),
  run(input) {
    inspectAudioBody(input);
    inspectVideoBody(input);
    decodeAudioBody(input);
    readAudioSampleRate(input);
    const tracks = new Tracks();
    const stage = new SoundHeader(silentLogger, { push: (frame) => tracks.take(frame, () => undefined) });
    for (const type of Object.values(TagType)) {
      const frame = tagToFrame(type, 0, input);
      if (frame !== undefined) stage.push(frame, 0);
    }
  },
};
