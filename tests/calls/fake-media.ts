import type { CallMedia, CallStream } from "../../src/calls/ports.ts";
import type { Playlist } from "../../src/media/audio/clips/playlist.ts";
import type { EncodedCodec } from "../../src/media/audio/coding/audio-encoder.ts";
import type { AudioCodec } from "../../src/media/frame.ts";

/** A stream whose frames a test makes up. */
export class FakeStream implements CallStream {
  frameAtMs: number | undefined;
  source: CallStream | undefined;
  heardCodec: EncodedCodec | undefined;
  readonly played: Playlist[] = [];
  isHeldBack = false;
  push: (codec: AudioCodec) => void = () => {};
  isClosed = false;

  constructor(
    readonly key: string,
    readonly onClose: () => void,
  ) {}

  lastFrameAtMs(): number | undefined {
    return this.frameAtMs;
  }

  convertAudioTo(codec: EncodedCodec): void {
    this.heardCodec = codec;
  }

  watchAudioCodec(watch: (codec: AudioCodec) => void): void {
    this.push = watch;
  }

  play(playlist: Playlist): void {
    this.played.push(playlist);
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
