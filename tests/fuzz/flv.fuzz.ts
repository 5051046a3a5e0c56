import { FlvDecoder } from "../../src/protocols/flv/flv-decoder.ts";
import { readFixture } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

const maxTagBytes = 65_536;

export const target: FuzzTarget = {
  name: "flv",
  seeds: [
    readFixture("flv/gst-pcma.flv"),
    readFixture("flv/ffmpeg-aac.flv"),
    readFixture("flv/ffmpeg-wrap24.flv").subarray(0, 700),
    readFixture("flv/gst-aac-h264.flv").subarray(0, 3000),
  ],
  run(input) {
    compareSplit(input, (note) => {
      const decoder = new FlvDecoder({ maxTagBytes });
      return (bytes) =>
        decoder.push(bytes, ({ type, timestampMs, body }) => note(type, timestampMs, body.length, body[0]));
    });
  },
};
