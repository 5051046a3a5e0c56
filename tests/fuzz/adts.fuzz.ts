import { splitAdts } from "../../src/codecs/aac/adts.ts";
import { AppError } from "../../src/errors.ts";
import { createLogger } from "../../src/log.ts";
import { TagType, tagToFrame } from "../../src/media/body/tag-frame.ts";
import { SoundHeader } from "../../src/media/sound-header.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { fromHex } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";

const log = createLogger({ level: "error", write: () => {}, clock: new FakeClock() });
let outCount = 0;
let nowMs = 0;
// One for all inputs, so that each meets the state that others left behind.
const stage = new SoundHeader(log, {
  push() {
    outCount += 1;
  },
});

/** The body of an audio tag with AAC in ADTS: whatever is split off fills the bytes, and nothing is swallowed whole. */
export const target: FuzzTarget = {
  name: "adts",
  seeds: [
    "af01 fff16080 0160fc 214a6c00 fff16080 0160fc 214a6c00",
    "af01 fff14c40 0160fc 01020304",
    "af01 fff04c40 01a0fc abcd 01020304",
    "af00 1188 56e500",
    "af01 214a6c00",
  ].map(fromHex),
  run(input) {
    const units = splitAdts(input.subarray(2));
    for (const { sampleRate, channelCount, accessUnit } of units ?? []) {
      if (!(sampleRate >= 7350 && channelCount >= 1 && channelCount <= 2 && accessUnit.length > 0)) {
        throw new Error(`${sampleRate} Hz, ${channelCount} channels, ${accessUnit.length} bytes`);
      }
    }
    nowMs += 21;
    const frame = tagToFrame(TagType.audio, nowMs >>> 0, input);
    if (frame === undefined) throw new AppError("peer", "test.no-frame");
    const before = outCount;
    stage.push(frame, nowMs);
    if (outCount === before && frame.role === "config") throw new Error("the header was swallowed");
    if (outCount === before && units === undefined) throw new Error("the frame was swallowed");
  },
};
