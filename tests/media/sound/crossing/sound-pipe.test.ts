import { expect, test } from "bun:test";
import { createSharedRing } from "../../../../src/bytes/shared-ring.ts";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import { SoundReader, type SoundSign, SoundWriter } from "../../../../src/media/sound/crossing/sound-pipe.ts";

const FRAME: CodedAudio = {
  codec: "AAC",
  role: "key",
  timestampMs: 0xffff_fffe,
  data: Uint8Array.of(1, 2, 3),
  sampleRate: 0,
  channelCount: 2,
};

function openPipe(byteCount = 1 << 12) {
  const memory = createSharedRing(byteCount);
  const writer = new SoundWriter(memory, () => {});
  const taken: { line: number; sign: SoundSign; coded: CodedAudio }[] = [];
  const reader = new SoundReader(memory, (line, sign, coded) => {
    taken.push({ line, sign, coded: { ...coded, data: coded.data.slice() } });
  });
  return { writer, reader, taken };
}

test.each([
  FRAME,
  { ...FRAME, role: "config", data: Uint8Array.of(0x11, 0x90), sampleRate: 48_000 },
  { ...FRAME, codec: "G711A", sampleRate: 8_000, channelCount: 1, data: new Uint8Array(160).fill(0xd5) },
  { ...FRAME, codec: "G711U", timestampMs: 0, data: new Uint8Array(0) },
  { ...FRAME, codec: "L16", sampleRate: 16_000 },
  { ...FRAME, codec: "MP3" },
  { ...FRAME, codec: "OPUS" },
  { ...FRAME, codec: "unknown" },
] satisfies CodedAudio[])("sound of $codec crosses as it is", (coded) => {
  const { writer, reader, taken } = openPipe();
  expect(writer.write(0xffff_ffff, "sound", coded)).toBe(true);
  reader.readAll();
  expect(taken).toEqual([{ line: 0xffff_ffff, sign: "sound", coded }]);
});

test("signs keep their place among the sound of their line", () => {
  const { writer, reader, taken } = openPipe();
  writer.write(7, "publisher");
  writer.write(8, "speech");
  writer.write(8, "sound", FRAME);
  writer.write(8, "silence");
  reader.readAll();
  expect(taken.map(({ line, sign }) => `${line} ${sign}`)).toEqual([
    "7 publisher",
    "8 speech",
    "8 sound",
    "8 silence",
  ]);
});

test("what finds no room is refused, and the rest is whole", () => {
  const { writer, reader, taken } = openPipe(256);
  const written = Array.from({ length: 20 }, (_, line) => writer.write(line, "sound", FRAME));
  expect(written).toContain(false);
  reader.readAll();
  expect(taken).toHaveLength(written.filter(Boolean).length);
  expect(taken.every(({ coded }) => coded.data.length === FRAME.data.length)).toBe(true);
});
