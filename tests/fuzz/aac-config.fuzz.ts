import { decodeAudioSpecificConfig } from "../../src/codecs/aac/audio-specific-config.ts";
import { AacDecoder } from "../../src/codecs/aac/decoder.ts";
import { fromHex } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";

/** Whatever configuration is accepted must make a decoder. Making one takes longer than refusing, so few are made. */
const DECODERS_ONE_IN = 64;

export const target: FuzzTarget = {
  name: "aac-config",
  seeds: [
    "1188",
    "1210",
    "1188 56e500",
    "2b118800",
    "eb098800",
    "1780560c08",
    "118004c40000200d4c61766335392e33372e31303056e500",
  ].map(fromHex),
  run(input) {
    const config = decodeAudioSpecificConfig(input);
    if ((input.at(-1) ?? 0) % DECODERS_ONE_IN !== 0) return;
    new AacDecoder(config, { channels: "mono", decimation: 4 }).decode(Uint8Array.of(0, 0xc8, 0, 0, 0, 0, 7));
  },
};
