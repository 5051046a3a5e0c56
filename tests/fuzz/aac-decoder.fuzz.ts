import { AacDecoder, type AacDecoderOptions } from "../../src/codecs/aac/decoder.ts";
import { AppError } from "../../src/errors.ts";
import { CAPTURED_NAMES, readCaptured } from "../codecs/aac/captured.ts";
import { UnitSource } from "../codecs/aac/random-units.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { Random } from "./mutator.ts";

const RANDOM_UNITS_EACH = 20;
const RATE_INDEX_48_KHZ = 3;

/** Two channels are added before or after the filter bank, depending on the windows before. */
const MAX_ROUNDING = 1e-6;

const OPTIONS: readonly AacDecoderOptions[] = [
  { channels: "as-coded", decimation: 1 },
  { channels: "mono", decimation: 1 },
  { channels: "mono", decimation: 2 },
  { channels: "mono", decimation: 4 },
];

/** A decoder and two good units, after which it must sound as if nothing had been before them. */
type Patient = {
  readonly decoder: AacDecoder;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly healthy: Float32Array;
};

// A stream without noise substitution, of which no two decodes are alike.
const patients = ([1, 2] as const).flatMap((channelCount) =>
  OPTIONS.map((options) => makePatient(channelCount, options)),
);

export const target: FuzzTarget = {
  name: "aac-decoder",
  seeds: [...CAPTURED_NAMES.flatMap((name) => readCaptured(name).units), ...makeRandomUnits()],
  run(input) {
    const patient = patients[input.length % patients.length];
    if (patient === undefined) throw new Error("nobody to feed");
    const { decoder, first, second, healthy } = patient;
    let refusal: AppError | undefined;
    try {
      checkFinite(decoder.decode(input));
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      refusal = thrown;
    }
    decoder.decode(first);
    const samples = decoder.decode(second);
    for (let i = 0; i < samples.length; i++) {
      const difference = (samples[i] ?? 0) - (healthy[i] ?? 0);
      if (!(Math.abs(difference) < MAX_ROUNDING)) throw new Error(`sample ${i} is off by ${difference}`);
    }
    if (refusal !== undefined) throw refusal;
  },
};

function makePatient(channelCount: 1 | 2, options: AacDecoderOptions): Patient {
  const { units } = readCaptured(channelCount === 1 ? "faac-short" : "faac-he");
  const sampleRate = channelCount === 1 ? 48_000 : 24_000;
  const config = { objectType: 2, sampleRate, channelCount, frameLength: 1024 } as const;
  const decoder = new AacDecoder(config, options);
  const [first = new Uint8Array(0), second = first] = units.slice(4);
  decoder.decode(first);
  return { decoder, first, second, healthy: decoder.decode(second).slice() };
}

function makeRandomUnits(): Uint8Array[] {
  return ([1, 2] as const).flatMap((channelCount) => {
    const source = new UnitSource(new Random(channelCount), RATE_INDEX_48_KHZ, channelCount);
    return Array.from({ length: RANDOM_UNITS_EACH }, () => source.makeUnit());
  });
}

function checkFinite(samples: Float32Array): void {
  let sum = 0;
  for (const sample of samples) sum += sample;
  if (!Number.isFinite(sum)) throw new Error("not a finite sample");
}
