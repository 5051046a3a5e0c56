import { expect, test } from "bun:test";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import { Transcoder } from "../../../../src/media/audio/coding/transcoder.ts";
import { findSound } from "../../../peers/correlation.ts";
import { aacOf, codedOf, collectCoded, joinL16, tone } from "../sounds.ts";

function transcode(target: "AAC" | "G711A" | "G711U" | "L16", frames: readonly CodedAudio[]): CodedAudio[] {
  const { frames: out, onCoded } = collectCoded();
  const transcoder = new Transcoder(target);
  for (const coded of frames) transcoder.push(coded, onCoded);
  return out;
}

/** Silent frames of 20 ms. */
function g711Of(times: readonly number[]): CodedAudio[] {
  return times.map((timestampMs) => codedOf({ codec: "G711U", timestampMs: timestampMs >>> 0 }));
}

function every20Ms(beginMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => beginMs + 20 * index);
}

test.each([
  ["what has the codec already", "AAC", "AAC"],
  ["MP3", "AAC", "MP3"],
  ["Opus", "G711A", "OPUS"],
  ["what nobody knows", "L16", "unknown"],
] as const)("%s passes as it is", (_, target, codec) => {
  const coded = codedOf({ codec });
  const passed: CodedAudio[] = [];
  new Transcoder(target).push(coded, (out) => passed.push(out));
  expect(passed[0]).toBe(coded);
});

test("G.711 becomes AAC at 48 kHz, its config first, on the publisher's time line", () => {
  const [config, ...units] = transcode("AAC", g711Of(every20Ms(5_000, 100)));
  expect(config).toEqual({
    codec: "AAC",
    role: "config",
    timestampMs: 5_000,
    data: Uint8Array.of(0x11, 0x88),
    sampleRate: 48_000,
    channelCount: 1,
  });
  const expected = units.map((_, index) => Math.round(5_000 + (index * 64) / 3));
  expect(units.map(({ timestampMs }) => timestampMs)).toEqual(expected);
  expect(units.length).toBeGreaterThanOrEqual(91);
});

test("AAC becomes G.711 in frames of 20 ms", () => {
  const out = transcode("G711A", aacOf(tone(500, 8_000, 16_000), 8_000));
  expect(out.length).toBeGreaterThan(90);
  out.forEach(({ codec, role, data, sampleRate, timestampMs }, index) => {
    expect([codec, role, data.length, sampleRate, timestampMs]).toEqual([
      "G711A",
      "key",
      160,
      8_000,
      20 * index,
    ]);
  });
});

test("AAC becomes L16 with its whole wide band", () => {
  const sound = tone(6_000, 16_000, 32_000);
  const out = transcode("L16", aacOf(sound, 16_000));
  expect(out[0]).toMatchObject({ codec: "L16", sampleRate: 16_000 });
  expect(findSound(sound.subarray(0, 16_000), joinL16(out)).likeness).toBeGreaterThan(0.99);
});

test.each([[1], [1.003], [0.997]])(
  "an hour of a clock that runs %d times as fast does not drift",
  (speed) => {
    let lastMs = -1;
    let furthestMs = 0;
    let forwardCount = 0;
    const transcoder = new Transcoder("G711A");
    const frame = { ...codedOf({ codec: "G711U" }), timestampMs: 0 };
    for (let index = 0; index < 180_000; index++) {
      frame.timestampMs = Math.round(20 * index * speed);
      transcoder.push(frame, ({ timestampMs }) => {
        furthestMs = Math.max(furthestMs, Math.abs(timestampMs - frame.timestampMs));
        if (timestampMs > lastMs) forwardCount += 1;
        lastMs = timestampMs;
      });
    }
    expect(forwardCount).toBe(180_000);
    expect(furthestMs).toBeLessThanOrEqual(3);
  },
);

test.each([
  ["forward", 60_000],
  ["back", -60_000],
  ["over the end of the numbers", 2 ** 32 - 1_000],
])("a jump %s is followed at once", (_, jumpMs) => {
  const times = [...every20Ms(100_000, 50), ...every20Ms(101_000 + jumpMs, 100)];
  const out = transcode("G711A", g711Of(times));
  expect(out.map(({ timestampMs }) => timestampMs)).toEqual(times.map((timestampMs) => timestampMs >>> 0));
});

test("a new codec of the publisher starts a new line, with a config if its own came between", () => {
  const aac = aacOf(tone(500, 8_000, 1_600), 8_000);
  const out = transcode("AAC", [...g711Of(every20Ms(0, 20)), ...aac, ...g711Of(every20Ms(0, 20))]);
  const configs = out.flatMap(({ role }, index) => (role === "config" ? [index] : []));
  expect(configs).toHaveLength(3);
  expect(configs[0]).toBe(0);
});
