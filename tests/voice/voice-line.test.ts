import { expect, test } from "bun:test";
import { systemClock } from "../../src/clock.ts";
import { createLogger, silentLogger } from "../../src/log.ts";
import type { CodedAudio } from "../../src/media/audio/coding/coded-audio.ts";
import { LineMedia } from "../../src/voice/line-media.ts";
import { VoiceLine } from "../../src/voice/voice-line.ts";
import { AUDIO } from "../servers/rtp/fake-ports.ts";
import { FakeSounds } from "../telephone/fake-sounds.ts";

const CONFIG: CodedAudio = {
  codec: "AAC",
  role: "config",
  timestampMs: 0,
  data: Uint8Array.of(0x11, 0x88),
  sampleRate: 0,
  channelCount: 1,
};

const START = { do: "start", line: 1, audio: AUDIO, from: "", hears: true, spokenCodec: "AAC" } as const;

function openLine(onSound: (coded: CodedAudio) => void, log = silentLogger): VoiceLine {
  const sounds = new FakeSounds();
  const ports = {
    ...sounds.makePorts(),
    start: (...[audio, options]: Parameters<ReturnType<FakeSounds["makePorts"]>["start"]>) => {
      options.streams.heard?.listen({ onSound, onPublisher() {} });
      return sounds.makePorts().start(audio, options);
    },
  };
  return new VoiceLine({
    line: 1,
    ports,
    media: new LineMedia(),
    clock: systemClock,
    log,
    tell() {},
    write() {},
  });
}

test("a header that overtakes the start of its line is heard, and a frame that does is left out", async () => {
  const heard: CodedAudio[] = [];
  const line = openLine((coded) => void heard.push({ ...coded }));
  line.take("sound", CONFIG);
  line.take("sound", { ...CONFIG, role: "key" });
  await line.handle(START);
  line.take("sound", { ...CONFIG, role: "key", timestampMs: 21 });
  expect(heard).toEqual([CONFIG, { ...CONFIG, role: "key", timestampMs: 21 }]);
});

test("a bug in what a telephone hears costs only its line, and is logged once", async () => {
  const lines: string[] = [];
  let heardCount = 0;
  const line = openLine(
    () => {
      heardCount++;
      throw new TypeError("a bug");
    },
    createLogger({ level: "info", write: (text) => void lines.push(text) }),
  );
  await line.handle(START);
  for (let count = 0; count < 3; count++) line.take("sound", CONFIG);
  expect(heardCount).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/ error sound\.failed reason=.*a bug/);
});
