import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BitReader } from "../../../src/bytes/bit-reader.ts";
import { SAMPLE_RATES } from "../../../src/codecs/aac/band-offsets.ts";
import { Channel } from "../../../src/codecs/aac/channel.ts";
import { NoiseSource } from "../../../src/codecs/aac/noise.ts";
import { Random } from "../../fuzz/mutator.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { joinAdts } from "./adts.ts";
import { decodeAll, measureSnr } from "./compare.ts";
import { decodeByFfmpeg, readSamples } from "./corpus.ts";
import { makeRandomStream, UnitSource } from "./random-units.ts";

const UNIT_COUNT = 60;
/** Frames differ in level by 100 dB, so each must be right by itself. */
const MIN_FRAME_SNR = 90;

requirePrograms("ffmpeg")(
  "units with everything of AAC-LC, of each rate, are as ffmpeg decodes them",
  async () => {
    const streams = SAMPLE_RATES.flatMap((rate, i) =>
      ([1, 2] as const).map((channelCount) =>
        makeRandomStream(new Random(i + 1), rate, channelCount, UNIT_COUNT),
      ),
    );
    const folder = await mkdtemp(join(tmpdir(), "nway-wx-aac-"));
    try {
      const names = streams.map((_, i) => `${i}`);
      for (const [i, stream] of streams.entries()) {
        await Bun.write(join(folder, `${i}.aac`), joinAdts(stream));
      }
      await decodeByFfmpeg(folder, names);
      for (const [i, stream] of streams.entries()) {
        const want = await readSamples(folder, `${i}`);
        const have = decodeAll(stream, { channels: "as-coded", decimation: 1 });
        const frameLength = 1024 * stream.channelCount;
        expect(want.length).toBe(UNIT_COUNT * frameLength);
        const snrs = stream.units.map((_, unit) => {
          const [from, to] = [unit * frameLength, (unit + 1) * frameLength];
          return measureSnr(want.subarray(from, to), have.subarray(from, to));
        });
        expect(Math.min(...snrs)).toBeGreaterThan(MIN_FRAME_SNR);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

describe("where only the low part is wanted", () => {
  test.each([2, 4])("1/%d of the lines come out as if all had been read", (decimation) => {
    const source = new UnitSource(new Random(decimation), 3, 1);
    const reader = new BitReader(8192, "unit");
    const readChannel = (unit: Uint8Array, lineCount: number): Channel => {
      const channel = new Channel(3);
      reader.load(unit);
      reader.skip(7);
      channel.readSideInfo(reader, false);
      const needed = channel.findNeededLines(lineCount);
      channel.readSpectrum(reader, new NoiseSource(1), needed);
      channel.tns.apply(channel.spectrum, needed, channel.info.isShort);
      return channel;
    };
    let sparedBits = 0;
    for (let i = 0; i < 200; i++) {
      const unit = source.makeSingle();
      const whole = readChannel(unit, 1024);
      const endOfAll = reader.position;
      const low = readChannel(unit, 1024 / decimation);
      sparedBits += endOfAll - reader.position;
      const windowLength = whole.info.isShort ? 128 : 1024;
      const differing = whole.spectrum.filter(
        (line, k) => k % windowLength < windowLength / decimation && line !== low.spectrum[k],
      );
      expect(differing.length).toBe(0);
    }
    expect(sparedBits).toBeGreaterThan(200 * 100);
  });
});
