import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningProcess, runProcess, startProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";

/** Fine enough that AAC's delay of 1024 samples at 48 kHz falls on a sample. */
export const SAMPLE_RATE = 48_000;
const DECODE_DEADLINE_MS = 20_000;
/** Options of every ffmpeg here: no questions, errors only. */
const QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error"];

/** A spoken sentence: the file, and its samples at SAMPLE_RATE. */
export type Speech = { readonly wav: string; readonly samples: Float32Array };

/** A folder for recordings; disposing removes it. */
export function makeFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "nway-wx-speech-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Has espeak-ng say `sentence` into `folder`. */
export async function speak(folder: string, voice: string, sentence: string): Promise<Speech> {
  const wav = join(folder, `${crypto.randomUUID()}.wav`);
  await runProcess([pathOf("espeak-ng"), "-v", voice, "-s", "160", "-w", wav, sentence]);
  return { wav, samples: await decodeSound(wav) };
}

/** The same, some time after the microphone was opened. */
export async function speakLater({ wav }: Pick<Speech, "wav">, seconds: number): Promise<{ wav: string }> {
  const later = wav.replace(".wav", "-later.wav");
  const silence = ["-af", `adelay=${seconds * 1000}:all=1`];
  await runProcess([pathOf("ffmpeg"), ...QUIET, "-i", wav, ...silence, later]);
  return { wav: later };
}

/** What ffmpeg makes of a file's sound, mixed down to one channel. */
export async function decodeSound(file: string, sampleRate = SAMPLE_RATE): Promise<Float32Array> {
  const format = ["-vn", "-ac", "1", "-ar", String(sampleRate), "-f", "f32le", "pipe:1"];
  const { stdoutBytes } = await runProcess([pathOf("ffmpeg"), ...QUIET, "-i", file, ...format], {
    deadlineMs: DECODE_DEADLINE_MS,
  });
  return new Float32Array(stdoutBytes.buffer, 0, Math.floor(stdoutBytes.length / 4));
}

const PUSHED_AS = {
  /** As a mini-program does. */
  AAC: ["-c:a", "aac", "-ac", "1", "-ar", "48000", "-b:a", "96k"],
  /** As a machine on a wall does. */
  G711A: ["-c:a", "pcm_alaw", "-ac", "1", "-ar", "8000"],
  G711U: ["-c:a", "pcm_mulaw", "-ac", "1", "-ar", "8000"],
  /** At a rate that FLV cannot name: it stands in onMetaData only. */
  L16: ["-c:a", "pcm_s16le", "-ac", "1", "-ar", "16000"],
} as const;

/** Pushes at the pace of speech, and ends with the sentence. */
export function pushSpeech(
  url: string,
  { wav }: Pick<Speech, "wav">,
  loops = 0,
  codecName: keyof typeof PUSHED_AS = "AAC",
): RunningProcess {
  const input = ["-re", "-stream_loop", String(loops), "-i", wav];
  const codec = PUSHED_AS[codecName];
  // Half a second of silence, so that the last word is no fragment of a frame
  const filter = ["-af", "apad=pad_dur=0.5"];
  const command = [pathOf("ffmpeg"), ...QUIET, ...input, ...filter, ...codec, "-flush_packets", "1"];
  return startProcess([...command, "-f", "flv", url]);
}

/** Records until the stream ends, or for so many seconds of its sound, without touching what it gets. */
export function recordWithFfmpeg(url: string, file: string, seconds?: number): RunningProcess {
  const input = ["-analyzeduration", "500000", "-i", url];
  const limit = seconds === undefined ? [] : ["-t", String(seconds)];
  const output = ["-c", "copy", ...limit, "-flush_packets", "1", "-f", "flv", "-y", file];
  return startProcess([pathOf("ffmpeg"), ...QUIET, ...input, ...output]);
}

export function recordWithCurl(url: string, file: string): RunningProcess {
  return startProcess([pathOf("curl"), "--silent", "--show-error", "--fail", "--output", file, url]);
}

/** Of the only stream in a recording, as ffprobe calls it. */
export async function readCodec(file: string): Promise<string> {
  const what = ["-show_entries", "stream=codec_name", "-of", "csv=p=0"];
  const { stdout } = await runProcess([pathOf("ffprobe"), "-v", "error", ...what, file]);
  return stdout.trim();
}

/** The share of one frequency in a stretch of sound, 1 for a pure tone. */
export function shareOf(hz: number, samples: ArrayLike<number>, sampleRate = SAMPLE_RATE): number {
  let [re, im, energy] = [0, 0, 0];
  for (const [n, sample] of Array.from(samples).entries()) {
    const angle = (2 * Math.PI * hz * n) / sampleRate;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
    energy += sample * sample;
  }
  return energy === 0 ? 0 : (2 * (re * re + im * im)) / (samples.length * energy);
}

export function findPeak(samples: Float32Array): number {
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

/** From each audio packet in a recording to the next. */
export async function readSteps(file: string): Promise<number[]> {
  const timestampsMs = await readTimestamps(file);
  return timestampsMs.slice(1).map((value, n) => value - (timestampsMs[n] ?? 0));
}

/** Of every audio packet in a recording, in the order of the file. */
async function readTimestamps(file: string): Promise<number[]> {
  const what = ["-select_streams", "a", "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
  const { stdout } = await runProcess([pathOf("ffprobe"), "-v", "error", ...what, file]);
  // A packet with side data, such as a new decoder configuration, has an empty line after its own.
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => Math.round(Number.parseFloat(line) * 1000));
}
