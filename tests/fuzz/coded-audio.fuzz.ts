import { AppError } from "../../src/errors.ts";
import { AudioDecoder } from "../../src/media/audio/coding/audio-decoder.ts";
import type { CodedAudio } from "../../src/media/audio/coding/coded-audio.ts";
import { Transcoder } from "../../src/media/audio/coding/transcoder.ts";
import type { AudioCodec } from "../../src/media/frame.ts";
import { ToTelephone } from "../../src/media/sound/telephone/to-telephone.ts";
import { aacOf, codedOf, tone } from "../media/audio/sounds.ts";
import type { FuzzTarget } from "./fuzz.ts";

const CODECS: readonly AudioCodec[] = ["AAC", "AAC", "AAC", "AAC", "G711A", "G711U", "L16", "MP3"];
const RATES: readonly number[] = [8_000, 16_000, 44_100, 5_512, 0, 48_000, 11_025, 1];
const HEAD_BYTES = 2;
/** What is invented out of noise may add up; the telephone's codec clips it. */
const LOUDEST = 8;

let nowMs = 0;
// One for all inputs, so that each meets the state that others left behind.
const decoder = new AudioDecoder(16_000);
const telephone = new ToTelephone({ codec: "PCMA", ptimeMs: 20 });
const transcoder = new Transcoder("AAC");

function seedOf({ codec, role, data, sampleRate, channelCount }: CodedAudio): Uint8Array {
  const first = (CODECS.indexOf(codec) << 5) | (role === "config" ? 16 : 0);
  const rate = RATES.indexOf(sampleRate);
  return Uint8Array.of(first | (rate << 1) | (channelCount - 1), 20, ...data);
}

export const target: FuzzTarget = {
  name: "coded-audio",
  seeds: [
    ...aacOf(tone(440, 8_000, 1_600), 8_000).map(seedOf),
    ...aacOf(tone(3_000, 16_000, 2_000), 16_000, 44_100).map(seedOf),
    seedOf(codedOf({})),
    seedOf(codedOf({ codec: "L16", data: new Uint8Array(640), sampleRate: 16_000, channelCount: 2 })),
  ],
  run(input) {
    const [first = 0, step = 0] = input;
    nowMs += step;
    const coded: CodedAudio = {
      codec: CODECS[first >> 5] ?? "unknown",
      role: first & 16 ? "config" : "key",
      timestampMs: (nowMs + (step === 255 ? 1_000_000 : 0)) >>> 0,
      data: input.subarray(HEAD_BYTES),
      sampleRate: RATES[(first >> 1) & 7] ?? 0,
      channelCount: 1 + (first & 1),
    };
    const refusal = catchRefusal(() => {
      for (const sample of decoder.decode(coded)) {
        if (!(Math.abs(sample) <= LOUDEST)) throw new Error(`a sample of ${sample}`);
      }
    });
    catchRefusal(() => telephone.push(coded, nowMs));
    catchRefusal(() => transcoder.push(coded, () => {}));
    if (telephone.pull(nowMs).length !== 160) throw new Error("no packet came out");
    if (refusal !== undefined) throw refusal;
  },
};

function catchRefusal(run: () => void): AppError | undefined {
  try {
    run();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.fault === "peer") return thrown;
    throw thrown;
  }
}
