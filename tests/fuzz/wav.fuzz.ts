import { decodeWav } from "../../src/codecs/pcm/wav.ts";
import { makeFormat, makeWav } from "../codecs/pcm/wav-file.ts";
import type { FuzzTarget } from "./fuzz.ts";

const data = Uint8Array.from({ length: 48 }, (_, n) => 37 * n);
const list = ["LIST", new Uint8Array(7)] as const;

/** WAVE_FORMAT_EXTENSIBLE of 24-bit PCM, as SoX writes it. */
const extensible = Uint8Array.fromHex(
  "feff0100401f0000c05d000003001800160018000400000001000000000010008000 00aa00389b71".replace(" ", ""),
);

export const target: FuzzTarget = {
  name: "wav",
  seeds: [
    makeWav([["fmt ", makeFormat()], list, ["data", data]]),
    makeWav(
      [
        ["fmt ", makeFormat({ bits: 8, channelCount: 2 })],
        ["data", data],
      ],
      { riff: 0, data: 0 },
    ),
    makeWav([
      ["fmt ", makeFormat({ tag: 3, bits: 32, sampleRate: 96_000 })],
      ["data", data],
    ]),
    makeWav(
      [
        ["fmt ", makeFormat({ tag: 6, bits: 8 })],
        ["data", data],
      ],
      { data: 0xffffffff },
    ),
    makeWav([
      ["fmt ", extensible],
      ["data", data],
    ]),
  ],
  run(input) {
    const { samples } = decodeWav(input);
    for (const sample of samples) {
      if (!(Math.abs(sample) <= 1)) throw new Error(`a sample of ${sample}`);
    }
  },
};
