import { AacEncoder, type AacEncoderOptions } from "../../../src/codecs/aac/encoder.ts";
import { makeVoice } from "../../codecs/pcm/signals.ts";
import type { AudioBench } from "./measure.ts";

const PACKETS_PER_SECOND = 50;
const SPEECH_SECONDS = 20;

/** Speech in packets of 20 ms, as it comes from the telephone. */
function prepare(options: AacEncoderOptions): () => void {
  const packetLength = options.inputRate / PACKETS_PER_SECOND;
  const speech = makeVoice(options.inputRate, SPEECH_SECONDS, 1);
  const packets = Array.from({ length: SPEECH_SECONDS * PACKETS_PER_SECOND }, (_, i) =>
    speech.subarray(i * packetLength, (i + 1) * packetLength),
  );
  const encoder = new AacEncoder(options);
  const ignore = (): void => {};
  let next = 0;
  return () => {
    for (let i = 0; i < PACKETS_PER_SECOND; i++) {
      encoder.encode(packets[next] ?? speech, ignore);
      next = (next + 1) % packets.length;
    }
  };
}

export const BENCHES: readonly AudioBench[] = [
  {
    name: "AAC encode 8 → 48 kHz, 48 kbit/s",
    limitMicros: 2_500,
    prepare: () => prepare({ inputRate: 8_000, outputRate: 48_000, bitsPerSecond: 48_000 }),
  },
  {
    name: "AAC encode 8 → 44.1 kHz, 32 kbit/s",
    prepare: () => prepare({ inputRate: 8_000, outputRate: 44_100, bitsPerSecond: 32_000 }),
  },
  {
    name: "AAC encode 16 → 48 kHz, 48 kbit/s",
    prepare: () => prepare({ inputRate: 16_000, outputRate: 48_000, bitsPerSecond: 48_000 }),
  },
];
