import { joinAdts, splitAdts } from "../../codecs/aac/adts.ts";
import { runProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";

const QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error"];
const SENTENCE =
  "Good morning, this is the mini program speaking. Can you hear me well? The quick brown fox jumps over the lazy dog.";

/** About 7 s of a spoken sentence, mono at `sampleRate`. */
export async function speak(sampleRate: number): Promise<Float32Array> {
  const { stdoutBytes } = await runProcess([pathOf("espeak-ng"), "-s", "160", "--stdout", SENTENCE]);
  return await convert(stdoutBytes, ["-i", "pipe:0"], sampleRate);
}

/** As ffmpeg's encoder makes them of mono samples. */
export async function encodeAac(samples: Float32Array, sampleRate: number): Promise<readonly Uint8Array[]> {
  const input = ["-f", "f32le", "-ar", `${sampleRate}`, "-ac", "1", "-i", "pipe:0"];
  const output = ["-c:a", "aac", "-b:a", "64k", "-f", "adts", "pipe:1"];
  const { stdoutBytes } = await runProcess([pathOf("ffmpeg"), ...QUIET, ...input, ...output], {
    stdin: bytesOf(samples),
  });
  return splitAdts(stdoutBytes).units;
}

/** What ffmpeg makes of mono access units at 48,000, at `sampleRate`. Throws if it has anything to say about them. */
export async function decodeAac(units: readonly Uint8Array[], sampleRate: number): Promise<Float32Array> {
  return await convert(
    joinAdts({ sampleRate: 48_000, channelCount: 1, units }),
    ["-f", "aac", "-i", "pipe:0"],
    sampleRate,
  );
}

/** Changes the rate as ffmpeg does. */
export async function resample(samples: Float32Array, from: number, to: number): Promise<Float32Array> {
  return await convert(bytesOf(samples), ["-f", "f32le", "-ar", `${from}`, "-ac", "1", "-i", "pipe:0"], to);
}

async function convert(
  stdin: Uint8Array,
  input: readonly string[],
  sampleRate: number,
): Promise<Float32Array> {
  const output = ["-ac", "1", "-ar", `${sampleRate}`, "-f", "f32le", "pipe:1"];
  const { stdoutBytes, stderr } = await runProcess([pathOf("ffmpeg"), ...QUIET, ...input, ...output], {
    stdin,
  });
  if (stderr !== "") throw new Error(`ffmpeg says: ${stderr}`);
  return new Float32Array(stdoutBytes.slice().buffer, 0, Math.floor(stdoutBytes.length / 4));
}

function bytesOf(samples: Float32Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
