import { expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "../../peers/process.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";
import { decodeWithFfmpeg, type EncodedSound, encodeSound, makeSpeech, wrapAdts } from "./encoded-sound.ts";

const RATES = [16_000, 24_000, 32_000, 44_100, 48_000];
const BIT_RATES = [24_000, 32_000, 48_000, 64_000, 96_000];

for (const outputRate of RATES) {
  requirePrograms(
    "ffmpeg",
    "faad",
    "avdec_aac",
    "espeak-ng",
    "sox",
  )(`ffmpeg, faad and GStreamer decode ${outputRate} Hz at each bit rate without a word`, async () => {
    const sound = await encodeAtEachRate(outputRate);
    const sampleCount = sound.units.length * 1024;
    const adts = wrapAdts(sound);
    expect(await decodeWithFfmpeg(sound)).toHaveLength(sampleCount);
    expect(await decodeWithGstreamer(adts)).toBe(sampleCount);
    expect(await decodeWithFaad(adts)).toBe("");
  });
}

/** Telephone and wide-band speech at all bit rates, one after the other. */
async function encodeAtEachRate(outputRate: number): Promise<EncodedSound> {
  const sounds: EncodedSound[] = [];
  for (const inputRate of [8000, 16_000]) {
    const speech = (await makeSpeech(inputRate)).subarray(0, 2 * inputRate);
    for (const bitsPerSecond of BIT_RATES)
      sounds.push(encodeSound(speech, { inputRate, outputRate, bitsPerSecond }));
  }
  const [first] = sounds;
  if (first === undefined) throw new Error("no bit rates");
  return { ...first, units: sounds.flatMap(({ units }) => units) };
}

/** The count of samples; throws when GStreamer warns. */
async function decodeWithGstreamer(adts: Uint8Array): Promise<number> {
  const pipeline = "fdsrc ! aacparse ! avdec_aac ! audioconvert ! audio/x-raw,format=S16LE ! fdsink";
  const { stdoutBytes, stderr } = await runProcess([pathOf("gst-launch-1.0"), "-q", ...pipeline.split(" ")], {
    stdin: adts,
    env: { ...process.env, GST_DEBUG: "2" },
  });
  if (stderr !== "") throw new Error(`GStreamer: ${stderr}`);
  return stdoutBytes.length / 2;
}

/** What faad says beside its banner, the file's head and its progress. */
async function decodeWithFaad(adts: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-faad-"));
  try {
    const file = join(folder, "sound.aac");
    await Bun.write(file, adts);
    const { stdout, stderr } = await runProcess([pathOf("faad"), "-f", "2", "-w", file]);
    expect(stdout.length).toBeGreaterThan(0);
    return stderr.match(/^.*(?:error|warn|fail|invalid).*$/gim)?.join("\n") ?? "";
  } finally {
    await rm(folder, { recursive: true });
  }
}
