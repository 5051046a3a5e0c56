import { expect, test } from "bun:test";
import { createSharedRing } from "../../../../src/bytes/shared-ring.ts";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import { CallEnd } from "../../../../src/media/sound/crossing/call-end.ts";
import { SoundReader, SoundWriter } from "../../../../src/media/sound/crossing/sound-pipe.ts";
import { VoiceEnd } from "../../../../src/media/sound/crossing/voice-end.ts";
import { FakeStream } from "../../../calls/fake-media.ts";

const LINE = 1;
const FRAME: CodedAudio = {
  codec: "AAC",
  role: "key",
  timestampMs: 5,
  data: Uint8Array.of(1, 2, 3),
  sampleRate: 0,
  channelCount: 1,
};

/** Both ends, joined by pipes that are read when the test says so. */
function join() {
  const heard = new FakeStream("heard", () => {});
  const spoken = new FakeStream("spoken", () => {});
  const there = createSharedRing(1 << 12);
  const back = createSharedRing(1 << 12);
  const toVoice = new SoundWriter(there, () => {});
  const toCall = new SoundWriter(back, () => {});
  const call: CallEnd = new CallEnd({
    streams: { heard, spoken },
    from: "10.0.0.1",
    write: (sign, coded) => void toVoice.write(LINE, sign, coded),
    onCodec: (codec) => voice.speakIn(codec),
  });
  const voice = new VoiceEnd({
    hears: true,
    codec: call.codec,
    write: (sign, coded) => void toCall.write(LINE, sign, coded),
  });
  const fromCall = new SoundReader(there, (_, sign, coded) => voice.take(sign, coded));
  const fromVoice = new SoundReader(back, (_, sign, coded) => call.take(sign, coded));
  const heardThere: (CodedAudio | "publisher")[] = [];
  voice.streams.heard?.listen({
    onSound: (coded) => void heardThere.push({ ...coded, data: coded.data.slice() }),
    onPublisher: () => void heardThere.push("publisher"),
  });
  call.listen();
  const cross = () => {
    fromCall.readAll();
    fromVoice.readAll();
  };
  return { heard, spoken, call, voice, heardThere, cross };
}

test("the voice hears what the stream's players get, and learns of another publisher", () => {
  const { heard, heardThere, cross } = join();
  heard.listener?.onSound(FRAME);
  heard.listener?.onPublisher();
  heard.listener?.onSound({ ...FRAME, timestampMs: 26 });
  cross();
  expect(heardThere).toEqual([FRAME, "publisher", { ...FRAME, timestampMs: 26 }]);
});

test("what the voice says is published, speech by speech", () => {
  const { spoken, voice, cross } = join();
  const first = voice.streams.spoken?.speak("10.0.0.1");
  first?.push("AAC", FRAME);
  first?.end();
  voice.streams.spoken?.speak("10.0.0.1").push("AAC", { ...FRAME, timestampMs: 26 });
  cross();
  expect(spoken.speeches).toEqual([
    { from: "10.0.0.1", sound: [FRAME], isEnded: true },
    { from: "10.0.0.1", sound: [{ ...FRAME, timestampMs: 26 }], isEnded: false },
  ]);
});

test("the voice learns that players want another codec", () => {
  const { spoken, voice, cross } = join();
  expect(voice.streams.spoken?.heardCodec).toBe("AAC");
  const speech = voice.streams.spoken?.speak("10.0.0.1");
  spoken.convertAudioTo("G711A");
  speech?.push("AAC", FRAME);
  cross();
  expect(voice.streams.spoken?.heardCodec).toBe("G711A");
});

test("after the end nothing crosses, and what was said has ended", () => {
  const { heard, spoken, call, voice, heardThere, cross } = join();
  const speech = voice.streams.spoken?.speak("10.0.0.1");
  cross();
  call.close();
  speech?.push("AAC", FRAME);
  heard.listener?.onSound(FRAME);
  cross();
  expect(spoken.speeches).toEqual([{ from: "10.0.0.1", sound: [], isEnded: true }]);
  expect(heardThere).toEqual([]);
});

test("a telephone that only hears, or only speaks, has no other way", () => {
  const write = () => {};
  expect(new VoiceEnd({ hears: false, codec: "AAC", write }).streams.heard).toBeUndefined();
  expect(new VoiceEnd({ hears: true, codec: undefined, write }).streams.spoken).toBeUndefined();
});
