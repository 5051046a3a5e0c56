import { expect, test } from "bun:test";
import { createSharedRing } from "../../../../src/bytes/shared-ring.ts";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import { LineWriter } from "../../../../src/media/sound/crossing/line-writer.ts";
import { SoundReader, SoundWriter } from "../../../../src/media/sound/crossing/sound-pipe.ts";

const LINE = 3;
const FRAME: CodedAudio = {
  codec: "AAC",
  role: "key",
  timestampMs: 0,
  data: Uint8Array.of(7),
  sampleRate: 0,
  channelCount: 1,
};

/** A pipe that another line has filled. */
function startFull() {
  const memory = createSharedRing(256);
  const pipe = new SoundWriter(memory, () => {});
  while (pipe.write(9, "sound", FRAME)) {}
  const taken: string[] = [];
  const reader = new SoundReader(memory, (line, sign, { role, data }) => {
    if (line === LINE) taken.push(sign === "sound" ? `${role} ${data[0]}` : sign);
  });
  return { write: new LineWriter(pipe, LINE).write, taken, readAll: () => reader.readAll() };
}

const config = (data: Uint8Array): CodedAudio => ({ ...FRAME, role: "config", data });

test("what the sound to come needs is kept while there is no room, and comes before it", () => {
  const { write, taken, readAll } = startFull();
  const header = Uint8Array.of(1);
  expect(write("publisher")).toBe(false);
  expect(write("sound", config(header))).toBe(false);
  header[0] = 99;
  expect(write("sound", FRAME)).toBe(false);
  readAll();
  expect(taken).toEqual([]);
  expect(write("sound", FRAME)).toBe(true);
  readAll();
  expect(taken).toEqual(["publisher", "config 1", "key 7"]);
});

test("of what is kept only the newest of each kind is written", () => {
  const { write, taken, readAll } = startFull();
  for (let count = 0; count < 1000; count++) {
    write("speech");
    write("sound", config(Uint8Array.of(count % 256)));
    write("silence");
  }
  write("speech");
  readAll();
  write("sound", FRAME);
  readAll();
  expect(taken).toEqual([`config ${999 % 256}`, "silence", "speech", "key 7"]);
});
