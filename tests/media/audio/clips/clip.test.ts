import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resampler } from "../../../../src/codecs/pcm/resampler.ts";
import { decodeWav } from "../../../../src/codecs/pcm/wav.ts";
import { decodeClip } from "../../../../src/media/audio/clips/clip.ts";
import { PLAYLIST_RATE } from "../../../../src/media/audio/clips/playlist.ts";
import { makeFormat, makeWav } from "../../../codecs/pcm/wav-file.ts";
import { findSound } from "../../../peers/correlation.ts";
import { runProcess } from "../../../peers/process.ts";
import { pathOf, requirePrograms } from "../../../peers/programs.ts";
import { errorCodeOf } from "../../../protocols/error-code.ts";

const FORMATS = [
  ["8-bit", "-r 8000 -b 8 -e unsigned-integer -c 1"],
  ["16-bit stereo at 44.1 kHz", "-r 44100 -b 16 -e signed-integer -c 2"],
  ["24-bit at 48 kHz", "-r 48000 -b 24 -e signed-integer -c 1"],
  ["A-law", "-r 8000 -e a-law -c 1"],
  ["µ-law at 16 kHz", "-r 16000 -e u-law -c 1"],
] as const;

for (const [name, options] of FORMATS) {
  requirePrograms("sox")(`a sweep in a WAV file as ${name} is a clip of its length`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "nway-wx-clip-"));
    try {
      const synth = ["synth", "0.5", "sine", "200:900", "gain", "-6"];
      const file = join(folder, "clip.wav");
      await runProcess([pathOf("sox"), "-n", ...options.split(" "), file, ...synth]);
      const raw = join(folder, "clip.f32");
      await runProcess([pathOf("sox"), file, "-r", "16000", "-c", "1", "-t", "f32", raw]);
      const expected = new Float32Array(await Bun.file(raw).arrayBuffer());
      const clip = decodeClip(readFileSync(file));
      expect(clip.length / PLAYLIST_RATE).toBeCloseTo(0.5, 1);
      // The resampler's delay before it is no whole number of samples
      const body = expected.subarray(0, expected.length - 200);
      expect(findSound(body, clip).likeness).toBeGreaterThan(0.98);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

for (const sampleRate of [8_000, 16_000, 44_100, 96_000]) {
  test(`a long sound at ${sampleRate} Hz is resampled in pieces that meet`, () => {
    const data = Uint8Array.from({ length: 100_001 }, (_, n) => 128 + 100 * Math.sin(n * n * 1e-7));
    const wav = makeWav([
      ["fmt ", makeFormat({ sampleRate, bits: 8 })],
      ["data", data],
    ]);
    const whole = new Resampler(sampleRate, PLAYLIST_RATE).process(decodeWav(wav).samples).slice();
    const clip = decodeClip(wav);
    expect(clip.subarray(0, whole.length)).toEqual(whole);
    expect(clip.length - whole.length).toBeLessThan(PLAYLIST_RATE / 200);
  });
}

test("what is no WAV file is refused", () => {
  expect(errorCodeOf(() => decodeClip(new Uint8Array(100)))).toBe("wav.no-wav");
});
