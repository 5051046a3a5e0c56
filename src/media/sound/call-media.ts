import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { Playlist } from "../audio/clips/playlist.ts";
import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import { Beat } from "../beat.ts";
import type { AudioCodec } from "../frame.ts";
import type { Stream, Subscription } from "../stream.ts";
import type { StreamRegistry } from "../stream-registry.ts";
import { createConversion } from "./audio-conversion.ts";
import { BEAT_MS, SoundPlayer } from "./sound-player.ts";
import { listenTo, type SoundListener } from "./sound-tap.ts";
import { type Speech, StreamSpeech } from "./stream-speech.ts";

type CallMediaOptions = {
  readonly streams: StreamRegistry;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The embedded media server as calls see it: their streams live as long as they do. */
export class EmbeddedCallMedia {
  readonly #options: CallMediaOptions;
  readonly #beat: Beat;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    this.#beat = new Beat(options.clock, options.log, BEAT_MS);
  }

  open(key: string, callId: string): EmbeddedCallStream | undefined {
    const { streams, clock, log } = this.#options;
    if (streams.get(key) !== undefined) return undefined;
    const names = log.with({ call: callId, stream: key });
    return new EmbeddedCallStream(streams.open(key), this.#beat, clock, names);
  }
}

class EmbeddedCallStream {
  /** Undefined: players get what is pushed. */
  #heardCodec: EncodedCodec | undefined;
  #player: SoundPlayer | undefined;

  constructor(
    readonly stream: Stream,
    readonly beat: Beat,
    readonly clock: Clock,
    readonly log: Logger,
  ) {
    stream.retain();
  }

  get key(): string {
    return this.stream.key;
  }

  get heardCodec(): EncodedCodec {
    return this.#heardCodec ?? "AAC";
  }

  lastFrameAtMs(): number | undefined {
    return this.stream.lastPushedAtMs;
  }

  convertAudioTo(codec: EncodedCodec): void {
    if (codec === this.#heardCodec) return;
    this.#heardCodec = codec;
    this.stream.convertAudio(createConversion(codec, this.clock, this.log));
    this.#player?.switchTo(codec);
  }

  watchAudioCodec(watch: (codec: AudioCodec) => void): Subscription {
    return this.stream.watchPushedCodec(watch);
  }

  play(playlist: Playlist): void {
    const { stream, beat, clock, log } = this;
    const player = SoundPlayer.start({ stream, playlist, codec: this.heardCodec, beat, clock, log });
    if (player !== undefined) this.#player = player;
  }

  listen(listener: SoundListener): Subscription {
    return listenTo(this.stream, listener, this.clock, this.log);
  }

  speak(from: string): Speech {
    return new StreamSpeech(this.stream, from);
  }

  holdBack(): void {
    this.stream.holdBack();
  }

  letThrough(): void {
    this.stream.letThrough();
  }

  relayFrom(source: EmbeddedCallStream): void {
    relay(source.stream, this.stream);
  }

  close(): void {
    this.stream.close();
  }
}

/** Until either stream is closed. */
function relay(from: Stream, to: Stream): void {
  const publication = to.publish({
    from: from.key,
    protocol: "relay",
    onReplaced: () => subscription?.end(),
  });
  const subscription = from.subscribe({
    onFrame: (frame) => publication.push(frame),
    onEnd: () => publication.end(),
    takesAnySound: true,
    droppedFrameCount: () => 0,
  });
}
