import { expect, test } from "bun:test";
import { systemClock } from "../../src/clock.ts";
import { silentLogger } from "../../src/log.ts";
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

test("a header that overtakes the start of its line is heard, and a frame that does is left out", async () => {
  const sounds = new FakeSounds();
  const heard: CodedAudio[] = [];
  const ports = {
    ...sounds.makePorts(),
    start: (...[audio, options]: Parameters<ReturnType<FakeSounds["makePorts"]>["start"]>) => {
      options.streams.heard?.listen({ onSound: (coded) => void heard.push({ ...coded }), onPublisher() {} });
      return sounds.makePorts().start(audio, options);
    },
  };
  const line = new VoiceLine({
    line: 1,
    ports,
    media: new LineMedia(),
    clock: systemClock,
    log: silentLogger,
    tell() {},
    write() {},
  });
  line.take("sound", CONFIG);
  line.take("sound", { ...CONFIG, role: "key" });
  await line.handle({ do: "start", line: 1, audio: AUDIO, from: "", hears: true, spokenCodec: "AAC" });
  line.take("sound", { ...CONFIG, role: "key", timestampMs: 21 });
  expect(heard).toEqual([CONFIG, { ...CONFIG, role: "key", timestampMs: 21 }]);
});
