import type { CallMedia, CallStream } from "../../src/calls/ports.ts";
import type { Playlist } from "../../src/media/audio/clips/playlist.ts";
import type { EncodedCodec } from "../../src/media/audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../../src/media/audio/coding/coded-audio.ts";
import type { AudioCodec } from "../../src/media/frame.ts";
import type { SoundListener } from "../../src/media/sound/sound-tap.ts";
import type { Speech } from "../../src/media/sound/stream-speech.ts";
import type { Subscription } from "../../src/media/stream.ts";

/** A stream whose frames a test makes up. */
export class FakeStream implements CallStream {
  frameAtMs: number | undefined;
  source: CallStream | undefined;
  conversion: EncodedCodec | undefined;
  listener: SoundListener | undefined;
  /** What was spoken into it, a row of each speech. */
  readonly speeches: { readonly from: string; readonly sound: CodedAudio[]; isEnded: boolean }[] = [];
  readonly played: Playlist[] = [];
  isHeldBack = false;
  push: (codec: AudioCodec) => void = () => {};
  isClosed = false;

  constructor(
    readonly key: string,
    readonly onClose: () => void,
  ) {}

  get heardCodec(): EncodedCodec {
    return this.conversion ?? "AAC";
  }

  lastFrameAtMs(): number | undefined {
    return this.frameAtMs;
  }

  convertAudioTo(codec: EncodedCodec): void {
    this.conversion = codec;
  }

  watchAudioCodec(watch: (codec: AudioCodec) => void): Subscription {
    this.push = watch;
    return { end: () => {} };
  }

  play(playlist: Playlist): void {
    this.played.push(playlist);
  }

  listen(listener: SoundListener): Subscription {
    this.listener = listener;
    return { end: () => {} };
  }

  speak(from: string): Speech {
    const speech = { from, sound: [] as CodedAudio[], isEnded: false };
    this.speeches.push(speech);
    return {
      push: (_, coded) => void speech.sound.push({ ...coded, data: coded.data.slice() }),
      end: () => {
        speech.isEnded = true;
      },
    };
  }

  holdBack(): void {
    this.isHeldBack = true;
  }

  letThrough(): void {
    this.isHeldBack = false;
  }

  relayFrom(source: CallStream): void {
    this.source = source;
  }

  close(): void {
    this.isClosed = true;
    this.onClose();
  }
}

export class FakeMedia implements CallMedia {
  readonly streams = new Map<string, FakeStream>();

  open(key: string): CallStream | undefined {
    if (this.streams.has(key)) return undefined;
    const stream = new FakeStream(key, () => this.streams.delete(key));
    this.streams.set(key, stream);
    return stream;
  }
}
