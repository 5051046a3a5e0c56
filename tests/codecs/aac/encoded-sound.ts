import { SAMPLE_RATES } from "../../../src/codecs/aac/band-offsets.ts";
import { AacEncoder, type AacEncoderOptions } from "../../../src/codecs/aac/encoder.ts";
import { runProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";

export type EncodedSound = {
  readonly units: readonly Uint8Array[];
  readonly options: AacEncoderOptions;
  readonly delaySamples: number;
};

/** 20 ms of telephone sound. */
export const PACKET_SAMPLES = 160;

export function encodeSound(
  samples: Float32Array,
  options: AacEncoderOptions,
  chunkSamples = PACKET_SAMPLES,
): EncodedSound {
  const encoder = new AacEncoder(options);
  const units: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += chunkSamples) {
    encoder.encode(samples.subarray(at, at + chunkSamples), (unit) => units.push(unit.slice()));
  }
  return { units, options, delaySamples: encoder.delaySamples };
}

/** Each unit behind an ADTS header without checksum, ISO/IEC 14496-3 1.A.2.2.1: AAC-LC, mono, buffer fullness of VBR. */
export function wrapAdts({ units, options }: EncodedSound): Uint8Array {
  const rates: readonly number[] = SAMPLE_RATES;
  const rateIndex = rates.indexOf(options.outputRate);
  return new Uint8Array(
    Buffer.concat(units.flatMap((unit) => [adtsHeader(unit.length + 7, rateIndex), unit])),
  );
}

function adtsHeader(length: number, rateIndex: number): Uint8Array {
  const profileAndRate = (1 << 6) | (rateIndex << 2);
  const channelAndLength = (1 << 6) | (length >> 11);
  return Uint8Array.of(
    0xff,
    0xf1,
    profileAndRate,
    channelAndLength,
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  );
}

/** Mono samples; throws when ffmpeg says anything at all. */
export async function decodeWithFfmpeg(sound: EncodedSound): Promise<Float32Array> {
  const command = [pathOf("ffmpeg"), "-nostdin", "-hide_banner", "-loglevel", "warning", "-f", "aac"];
  const { stdoutBytes, stderr } = await runProcess([...command, "-i", "pipe:0", "-f", "f32le", "pipe:1"], {
    stdin: wrapAdts(sound),
  });
  if (stderr !== "") throw new Error(`ffmpeg: ${stderr}`);
  return new Float32Array(stdoutBytes.buffer, 0, stdoutBytes.length / 4);
}

/** A second or two in three languages, band-limited to a telephone's 85 % of half the rate. */
export async function makeSpeech(sampleRate: number): Promise<Float32Array> {
  const sentences = [
    ["en-us", "Please hold the line, she sells sea shells by the sea shore. Peter piper picked a peck."],
    ["de+f3", "Guten Tag, bitte sprechen Sie nach dem Signalton."],
    ["cmn", "您好，欢迎致电客户服务中心，请稍候。"],
  ] as const;
  const parts: Uint8Array[] = [];
  for (const [voice, sentence] of sentences) parts.push(await speak(voice, sentence, sampleRate));
  const bytes = new Uint8Array(Buffer.concat(parts));
  return new Float32Array(bytes.buffer, 0, bytes.length / 4);
}

async function speak(voice: string, sentence: string, sampleRate: number): Promise<Uint8Array> {
  const spoken = await runProcess([pathOf("espeak-ng"), "--stdout", "-v", voice, "-s", "150", sentence]);
  const raw = ["-t", "raw", "-e", "floating-point", "-b", "32", "-r", String(sampleRate), "-"];
  const effects = ["gain", "-6", "rate", String(sampleRate), "sinc", `-${(0.85 * sampleRate) / 2}`];
  const { stdoutBytes } = await runProcess(
    [pathOf("sox"), "-D", "-t", "wav", "--ignore-length", "-", ...raw, ...effects],
    { stdin: spoken.stdoutBytes },
  );
  return stdoutBytes;
}

/** Half the length of the interpolating kernel: far more than any filter in the code. */
const REACH = 96;

/** What a perfect codec would give: the samples at another rate and `delaySamples` later, which need not be whole. */
export function delaySound(
  samples: Float32Array,
  { options, delaySamples }: EncodedSound,
  sampleCount: number,
): Float32Array {
  const kernels = new Map<number, Float64Array>();
  return Float32Array.from({ length: sampleCount }, (_, n) => {
    const at = ((n - delaySamples) * options.inputRate) / options.outputRate;
    const fraction = Math.round((at - Math.floor(at)) * 1e7) / 1e7;
    const kernel = kernels.get(fraction) ?? makeKernel(fraction);
    kernels.set(fraction, kernel);
    let sum = 0;
    const first = Math.floor(at) - REACH + 1;
    for (let k = 0; k < kernel.length; k++) sum += (samples[first + k] ?? 0) * (kernel[k] ?? 0);
    return sum;
  });
}

function makeKernel(fraction: number): Float64Array {
  return Float64Array.from({ length: 2 * REACH }, (_, k) => {
    const x = fraction + REACH - 1 - k;
    if (x === 0) return 1;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / REACH));
  });
}

/** The mean of the SNRs, in dB, of all 20 ms in which the reference is louder than -50 dB; each counts as at most 60. */
export function measureSegmentalSnr(
  reference: Float32Array,
  decoded: Float32Array,
  sampleRate: number,
): number {
  const length = sampleRate / 50;
  const ratios: number[] = [];
  for (let from = 0; from + length <= Math.min(reference.length, decoded.length); from += length) {
    const signal = energyOf(reference, from, from + length);
    if (signal / length < 1e-5) continue;
    const error = energyOf(reference, from, from + length, decoded);
    ratios.push(Math.min(60, 10 * Math.log10(signal / error)));
  }
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}

/** Of `samples`, or of their difference from others. */
export function energyOf(samples: Float32Array, from: number, to: number, others?: Float32Array): number {
  let energy = 0;
  for (let n = Math.round(from); n < Math.round(to); n++)
    energy += ((samples[n] ?? 0) - (others?.[n] ?? 0)) ** 2;
  return energy;
}
