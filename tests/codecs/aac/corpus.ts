import { join } from "node:path";
import { pathOf } from "../../peers/programs.ts";

/** A stream of the corpus: an encoder with its settings and one of the sources. */
export type CorpusStream = {
  readonly name: string;
  readonly source: string;
  readonly encode: Encode;
  readonly hasCorrelatedNoise: boolean;
};
type Encode =
  | { readonly by: "ffmpeg"; readonly arguments: readonly string[] }
  | { readonly by: "voaacenc"; readonly rate: number; readonly channels: number; readonly bitrate: number };

/** In sox's words, each 1.2 s at 48 kHz, two channels that differ. Speech is espeak-ng's. */
const SECONDS = 1.2;
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  chords: ["synth", `${SECONDS}`, "pluck", "196", "pluck", "247", "tremolo", "5", "40", "gain", "-6"],
  clicks: ["synth", `${SECONDS}`, "square", "3", "square", "7", "highpass", "2500", "gain", "-8"],
  sweep: ["synth", `${SECONDS}`, "sine", "50-20000", "sine", "20000-50", "gain", "-6"],
  noise: ["synth", `${SECONDS}`, "pinknoise", "whitenoise", "gain", "-12"],
};
const VOICES = [
  ["en", "The quick brown fox jumps over six lazy sheep."],
  ["cmn", "请拨打电话，稍等一下。"],
] as const;
const SOURCE_NAMES = ["speech", ...Object.keys(SOURCES), "mixture"];

const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const VO_RATES = [48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000];

export const CORPUS: readonly CorpusStream[] = [
  ...["twoloop", "fast", "anmr"].flatMap((coder) =>
    SOURCE_NAMES.map((source, i) =>
      byFfmpeg(
        `${coder} ${source}`,
        source,
        `-strict -2 -aac_coder ${coder} -b:a ${48 + 24 * (i % 3)}k -ac ${1 + (i % 2)}`,
      ),
    ),
  ),
  byFfmpeg("ms 0", "mixture", "-aac_ms 0 -b:a 56k -ar 44100 -ac 2"),
  // Intensity is off beside it, because ffmpeg does not read it by the letter there.
  byFfmpeg("ms 1", "mixture", "-aac_ms 1 -aac_is 0 -aac_pns 0 -b:a 56k -ar 44100 -ac 2"),
  byFfmpeg("ms 1 with noise", "mixture", "-aac_ms 1 -aac_is 0 -b:a 56k -ar 44100 -ac 2"),
  ...["tns", "pns", "is"].flatMap((tool) =>
    [0, 1].map((on) =>
      byFfmpeg(
        `${tool} ${on}`,
        "mixture",
        `-aac_${tool} ${on} -b:a 56k -ar 44100 -ac ${tool === "tns" ? 1 : 2}`,
      ),
    ),
  ),
  byFfmpeg("no tools", "speech", "-aac_tns 0 -aac_pns 0 -aac_is 0 -aac_ms 0 -b:a 64k -ac 2"),
  byFfmpeg("a program config in each unit", "speech", "-aac_pce 1 -b:a 64k -ac 2"),
  byFfmpeg("noise only", "noise", "-aac_pns 1 -b:a 24k -ac 1"),
  byFfmpeg("noise in a pair", "noise", "-aac_pns 1 -b:a 32k -ac 2"),
  byFfmpeg("starved", "speech", "-b:a 12k -ac 2 -ar 32000"),
  byFfmpeg("lavish", "mixture", "-b:a 256k -ac 1"),
  byFfmpeg("fine steps", "chords", "-b:a 500k -ac 2 -aac_pns 0"),
  ...RATES.flatMap((rate, i) => [
    byFfmpeg(`${rate} Hz mono`, "mixture", `-ar ${rate} -ac 1 -b:a ${Math.round(rate * 1.3)}`),
    byFfmpeg(`${rate} Hz stereo`, i % 2 === 0 ? "speech" : "chords", `-ar ${rate} -ac 2 -b:a ${2 * rate}`),
  ]),
  ...VO_RATES.map((rate, i) => {
    const channels = 1 + (i % 2);
    const encode = { by: "voaacenc", rate, channels, bitrate: Math.round(rate * 1.2) * channels } as const;
    return {
      name: `vo-aacenc ${rate} Hz ${channels} channels`,
      source: i % 3 === 0 ? "clicks" : "speech",
      encode,
      hasCorrelatedNoise: false,
    };
  }),
];

function byFfmpeg(name: string, source: string, options: string): CorpusStream {
  // With M/S forced on all bands, those of noise have it too: the sign that both channels share it, 4.6.13.
  const hasCorrelatedNoise = options.includes("-aac_ms 1") && !options.includes("-aac_pns 0");
  return {
    name: `ffmpeg ${name}`,
    source,
    encode: { by: "ffmpeg", arguments: options.split(" ") },
    hasCorrelatedNoise,
  };
}

export const CORPUS_PROGRAMS = ["ffmpeg", "gstreamer", "voaacenc", "espeak-ng", "sox"] as const;

/** Makes all streams, and what ffmpeg decodes them to, in `folder`: `<index>.aac` and `<index>.f32`. */
export async function makeCorpus(folder: string): Promise<void> {
  await makeSources(folder);
  await Promise.all([encodeByFfmpeg(folder), encodeByGstreamer(folder)]);
  const streams = CORPUS.map((_, i) => `${i}`);
  const half = streams.length >> 1;
  await Promise.all([
    decodeByFfmpeg(folder, streams.slice(0, half)),
    decodeByFfmpeg(folder, streams.slice(half)),
  ]);
}

async function makeSources(folder: string): Promise<void> {
  await Promise.all([
    ...VOICES.map(([voice, text]) => run(folder, "espeak-ng", "-v", voice, "-w", `${voice}.wav`, text)),
    ...Object.entries(SOURCES).map(([name, synth]) =>
      run(folder, "sox", "-R", "-n", "-r", "48000", "-b", "16", "-c", "2", `${name}.wav`, ...synth),
    ),
  ]);
  const [left, right] = VOICES.map(([voice]) => `${voice}.wav`);
  const speech = `sox -M ${left} ${right} -r 48000 speech.wav trim 0.1 ${SECONDS} pad 0 ${SECONDS} trim 0 ${SECONDS} gain -3`;
  await run(folder, ...words(speech));
  await run(folder, ...words("sox -m -v 0.6 speech.wav -v 0.4 chords.wav -v 0.2 noise.wav mixture.wav"));
}

/** One process a source makes all its streams. */
async function encodeByFfmpeg(folder: string): Promise<void> {
  for (const source of SOURCE_NAMES) {
    const outputs = CORPUS.flatMap((stream, i) =>
      stream.source === source && stream.encode.by === "ffmpeg"
        ? ["-c:a", "aac", ...stream.encode.arguments, "-f", "adts", `${i}.aac`]
        : [],
    );
    await run(folder, "ffmpeg", "-v", "error", "-i", `${source}.wav`, ...outputs);
  }
}

async function encodeByGstreamer(folder: string): Promise<void> {
  const pipelines = CORPUS.flatMap(({ source, encode }, i) => {
    if (encode.by !== "voaacenc") return [];
    const raw = `audio/x-raw,rate=${encode.rate},channels=${encode.channels}`;
    const chain = `filesrc location=${source}.wav ! wavparse ! audioconvert ! audioresample ! ${raw} ! voaacenc bitrate=${encode.bitrate}`;
    return words(`${chain} ! audio/mpeg,stream-format=adts ! filesink location=${i}.aac`);
  });
  await run(folder, "gst-launch-1.0", "-q", ...pipelines);
}

/** ffmpeg's own decoder; `names` are of streams in the folder. */
export async function decodeByFfmpeg(folder: string, names: readonly string[]): Promise<void> {
  const inputs = names.flatMap((name) => ["-c:a", "aac", "-i", `${name}.aac`]);
  const outputs = names.flatMap((name, i) => ["-map", `${i}`, "-f", "f32le", `${name}.f32`]);
  await run(folder, "ffmpeg", "-v", "error", ...inputs, ...outputs);
}

export async function readSamples(folder: string, name: string): Promise<Float32Array> {
  return new Float32Array(await Bun.file(join(folder, `${name}.f32`)).arrayBuffer());
}

function words(line: string): string[] {
  return line.split(" ");
}

async function run(folder: string, ...command: readonly string[]): Promise<void> {
  const [program = "", ...rest] = command;
  const child = Bun.spawn([pathOf(program), ...rest], { cwd: folder, stdout: "ignore", stderr: "pipe" });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${program}: ${complaint}`);
}
