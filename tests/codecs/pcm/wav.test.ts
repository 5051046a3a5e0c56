import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeWav } from "../../../src/codecs/pcm/wav.ts";
import { AppError } from "../../../src/errors.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";
import { fromHex } from "../../protocols/fixtures.ts";
import { makeFormat, makeWav } from "./wav-file.ts";

const SAMPLES = fromHex("0040 00c0 0000 ff7f");
const DECODED = [0.5, -0.5, 0, 0x7fff / 0x8000];
const FORMAT = ["fmt ", makeFormat()] as const;
const DATA = ["data", SAMPLES] as const;

describe("chunks", () => {
  test.each([
    ["nothing else", makeWav([FORMAT, DATA])],
    ["a LIST of odd length before the data", makeWav([FORMAT, ["LIST", new Uint8Array(27)], DATA])],
    [
      "chunks before the format and after the data",
      makeWav([["JUNK", new Uint8Array(28)], FORMAT, DATA, ["id3 ", new Uint8Array(9)]]),
    ],
    ["sizes of 0, as streamed", makeWav([FORMAT, DATA], { riff: 0, data: 0 })],
    ["sizes of 0xffffffff, as streamed", makeWav([FORMAT, DATA], { riff: 0xffffffff, data: 0xffffffff })],
    ["a huge size of the file and none of the data", makeWav([FORMAT, DATA], { riff: 0xffffffff, data: 0 })],
    ["a size beyond the file's end", makeWav([FORMAT, DATA], { data: 9 })],
    ["a size that is no whole number of samples", makeWav([FORMAT, ["data", Uint8Array.of(...SAMPLES, 1)]])],
  ])("%s", (_, bytes) => {
    const { sampleRate, samples } = decodeWav(bytes);
    expect([...samples]).toEqual(DECODED);
    expect(sampleRate).toBe(8000);
  });

  test("a file that is cut off anywhere gives whole samples of what is there, or is refused", () => {
    const bytes = makeWav([FORMAT, ["LIST", new Uint8Array(5)], DATA]);
    for (let length = 0; length < bytes.length; length++) {
      const sampleCount = Math.floor((length - (bytes.length - SAMPLES.length)) / 2);
      if (sampleCount > 0)
        expect([...decodeWav(bytes.subarray(0, length)).samples]).toEqual(DECODED.slice(0, sampleCount));
      else expect(() => decodeWav(bytes.subarray(0, length))).toThrow(AppError);
    }
  });

  test("bytes may lie anywhere in their buffer", () => {
    const bytes = makeWav([FORMAT, DATA], { riff: 0, data: 0 });
    const within = new Uint8Array(bytes.length + 7);
    within.set(bytes, 3);
    expect([...decodeWav(within.subarray(3, 3 + bytes.length)).samples]).toEqual(DECODED);
  });
});

describe("refused", () => {
  const format = (...[options]: Parameters<typeof makeFormat>) =>
    makeWav([["fmt ", makeFormat(options)], DATA]);

  test.each([
    ["nothing", new Uint8Array(0), "wav.no-wav (allowed a file that begins with RIFF, a size, WAVE)"],
    ["an MP3 file", fromHex("494433 04 0000 00000000 fffb 9044"), "wav.no-wav"],
    ["an AVI file", new TextEncoder().encode("RIFF\0\0\0\0AVI LIST"), "wav.no-wav"],
    ["no format", makeWav([DATA]), "wav.no-format"],
    ["a format after the data", makeWav([DATA, FORMAT]), "wav.no-format"],
    ["a short format", makeWav([["fmt ", new Uint8Array(14)], DATA]), "wav.short-format (have 14, min 16)"],
    ["no data", makeWav([FORMAT]), "wav.no-data"],
    [
      "empty data",
      makeWav([FORMAT, ["data", new Uint8Array(0)], ["LIST", new Uint8Array(64)]]),
      "wav.no-sound",
    ],
    ["less than a sample", makeWav([FORMAT, ["data", Uint8Array.of(1)]]), "wav.no-sound (have 1, min 2)"],
    [
      "MP3 in a WAV file",
      format({ tag: 0x55, bits: 0, frameBytes: 1 }),
      "wav.encoding (format 85, bits 0, allowed PCM of 8",
    ],
    ["IMA ADPCM", format({ tag: 0x11, bits: 4, frameBytes: 256 }), "wav.encoding (format 17"],
    ["12 bits", format({ bits: 12, frameBytes: 2 }), "wav.encoding (format 1, bits 12"],
    ["64-bit floating point", format({ tag: 3, bits: 64 }), "wav.encoding (format 3, bits 64"],
    ["an extensible format that is too short", format({ tag: 0xfffe }), "wav.encoding (format 65534"],
    ["no channel", format({ channelCount: 0 }), "wav.channels (have 0, allowed 1 or 2)"],
    ["six channels", format({ channelCount: 6 }), "wav.channels (have 6, allowed 1 or 2)"],
    ["4 kHz", format({ sampleRate: 4000 }), "wav.sample-rate (have 4000, min 8000, max 96000)"],
    ["192 kHz", format({ sampleRate: 192_000 }), "wav.sample-rate (have 192000"],
    ["24 bits in 4 bytes", format({ bits: 24, frameBytes: 4 }), "wav.frame-bytes (have 4, allowed 3)"],
    [
      "11 minutes",
      makeWav([
        ["fmt ", makeFormat({ bits: 8 })],
        ["data", new Uint8Array(660 * 8000)],
      ]),
      "wav.too-long (seconds 660, limit 600)",
    ],
    [
      "more than 64 MiB",
      new Uint8Array(64 * 1024 * 1024 + 1),
      "wav.too-long (have 67108865, limit 67108864)",
    ],
  ])("%s", (_, bytes, message) => {
    const refusal = captureRefusal(bytes);
    expect(refusal.message).toStartWith(message);
    expect(refusal.fault).toBe("config");
  });

  test("any damaged header, or read", () => {
    const bytes = makeWav([FORMAT, ["LIST", new Uint8Array(5)], DATA]);
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          expect(decodeWav(damaged).samples.length).toBeGreaterThan(0);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
        }
      }
    }
  });
});

function captureRefusal(bytes: Uint8Array): AppError {
  try {
    decodeWav(bytes);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error("was read");
}

describe("files of others are read as ffmpeg reads them", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nway-wx-wav-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (command: readonly string[]) => {
    const { stdout, stderr, success } = Bun.spawnSync([...command]);
    if (!success) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
    return new Uint8Array(stdout);
  };

  const compare = async (wav: Uint8Array, sampleRate: number, channelCount: number) => {
    const path = join(folder, "sound.wav");
    await Bun.write(path, wav);
    const raw = run([pathOf("ffmpeg"), "-v", "error", "-i", path, "-f", "f32le", "-"]);
    const all = new Float32Array(raw.buffer);
    const expected = Float32Array.from({ length: all.length / channelCount }, (_, n) => {
      const frame = all.subarray(n * channelCount, (n + 1) * channelCount);
      return frame.reduce((sum, sample) => sum + sample, 0) / channelCount;
    });
    const sound = decodeWav(wav);
    expect(sound.sampleRate).toBe(sampleRate);
    expect(sound.samples).toEqual(expected);
    expect(Math.max(...sound.samples)).toBeGreaterThan(0.1);
  };

  const TONES = ["synth", "0.05", "sine", "440", "sine", "997", "gain", "-3"];

  compareAll("sox", [
    [["-b", "8", "-e", "unsigned-integer"], 8000, 1],
    [["-b", "16"], 11_025, 1],
    [["-b", "16"], 44_100, 2],
    [["-b", "24"], 48_000, 2],
    [["-b", "32"], 96_000, 1],
    [["-b", "32", "-e", "floating-point"], 16_000, 2],
    [["-e", "a-law"], 8000, 1],
    [["-e", "u-law"], 8000, 2],
  ]);

  compareAll("ffmpeg", [
    [["-c:a", "pcm_u8"], 22_050, 2],
    [["-c:a", "pcm_s16le"], 8000, 1],
    [["-c:a", "pcm_s24le"], 32_000, 1],
    [["-c:a", "pcm_s32le"], 24_000, 2],
    [["-c:a", "pcm_f32le"], 12_000, 1],
    [["-c:a", "pcm_alaw"], 8000, 2],
    [["-c:a", "pcm_mulaw"], 16_000, 1],
  ]);

  function compareAll(
    program: "sox" | "ffmpeg",
    rows: readonly (readonly [encoding: readonly string[], sampleRate: number, channelCount: number])[],
  ): void {
    for (const [encoding, sampleRate, channelCount] of rows) {
      const shape = ["-r", String(sampleRate), "-c", String(channelCount)];
      const source = `aevalsrc=0.5*sin(2764*t)|0.3*sin(6264*t):s=${sampleRate}:d=0.05`;
      const write = (output: string) =>
        program === "sox"
          ? [pathOf("sox"), "-R", "-n", ...shape, ...encoding, "-t", "wav", output, ...TONES]
          : [
              pathOf("ffmpeg"),
              "-v",
              "error",
              "-f",
              "lavfi",
              "-i",
              source,
              "-ac",
              String(channelCount),
              ...encoding,
              "-f",
              "wav",
              "-y",
              output,
            ];
      requirePrograms(program, "ffmpeg")(
        `${program} ${encoding.join(" ")}, ${sampleRate} Hz, ${channelCount} channels`,
        async () => {
          const path = join(folder, "written.wav");
          run(write(path));
          await compare(await Bun.file(path).bytes(), sampleRate, channelCount);
          await compare(run(write("-")), sampleRate, channelCount);
        },
      );
    }
  }

  requirePrograms("gstreamer", "ffmpeg")("GStreamer", async () => {
    const path = join(folder, "gstreamer.wav");
    const caps = "audio/x-raw,format=S24LE,rate=32000,channels=2";
    const pipeline = [
      "audiotestsrc",
      "num-buffers=2",
      "!",
      caps,
      "!",
      "wavenc",
      "!",
      "filesink",
      `location=${path}`,
    ];
    run([pathOf("gst-launch-1.0"), "-q", ...pipeline]);
    await compare(await Bun.file(path).bytes(), 32_000, 2);
  });

  requirePrograms("espeak-ng", "ffmpeg")("espeak-ng, into a pipe", async () => {
    await compare(run([pathOf("espeak-ng"), "--stdout", "hello"]), 22_050, 1);
  });
});
