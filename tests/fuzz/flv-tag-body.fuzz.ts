import { inspectAudioBody, inspectVideoBody } from "../../src/protocols/flv/tag-body.ts";
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
    "97 ff 0003 00000000 05 01 4f707573 00 fc",
  ].map(fromHex),
  run(input) {
    inspectAudioBody(input);
    inspectVideoBody(input);
  },
};
