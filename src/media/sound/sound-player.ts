import type { Clock, Timer } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { PLAYLIST_RATE, type Playlist, PlaylistReader } from "../audio/clips/playlist.ts";
import type { EncodedCodec } from "../audio/coding/audio-encoder.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import { TimedEncoder } from "../audio/coding/timed-encoder.ts";
import type { Beat } from "../beat.ts";
import type { Publication } from "../publication.ts";
import type { Stream } from "../stream.ts";
import { SoundFrames } from "./sound-frames.ts";

/** A player that was held up for longer does not catch up: nobody wants to hear what was missed. */
const MAX_BEHIND_MS = 500;
export const BEAT_MS = 20;

type SoundPlayerOptions = {
  readonly stream: Stream;
  readonly playlist: Playlist;
  readonly codec: EncodedCodec;
  readonly beat: Beat;
  readonly clock: Clock;
  /** Names the call and the stream. */
  readonly log: Logger;
};

/**
 * Stands in with a playlist until a publisher is heard, coded at the pace of time and at most a frame ahead of it.
 * Nothing is played to nobody: the playlist begins with the first player, and rests while there is none.
 */
export class SoundPlayer {
  readonly #options: SoundPlayerOptions;
  readonly #reader: PlaylistReader;
  readonly #samples = new Float32Array((PLAYLIST_RATE * BEAT_MS) / 1000);
  #publication: Publication | undefined;
  #timer: Timer | undefined;
  #codec: EncodedCodec;
  #encoder: TimedEncoder | undefined;
  /** What the clock showed when the sound was at 0; undefined while it rests. */
  #originMs: number | undefined;
  /** Each encoder has its own, since players are told the rate of L16 anew. */
  #frames = this.#makeFrames();

  private constructor(options: SoundPlayerOptions) {
    this.#options = options;
    this.#codec = options.codec;
    this.#reader = new PlaylistReader(options.playlist);
  }

  /** Undefined where a publisher is heard already. */
  static start(options: SoundPlayerOptions): SoundPlayer | undefined {
    const player = new SoundPlayer(options);
    player.#publication = options.stream.standIn(() => player.#timer?.cancel());
    if (player.#publication === undefined) return undefined;
    player.#timer = options.beat.add(BEAT_MS, () => player.#play(), options.log);
    player.#play();
    return player;
  }

  /** What is played goes on in another codec. */
  switchTo(codec: EncodedCodec): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    if (this.#encoder !== undefined) this.#encoder = this.#openEncoder(this.#encoder.frameAtMs);
  }

  #play(): void {
    const { stream, clock } = this.#options;
    if (stream.playerCount === 0) {
      this.#originMs = undefined;
      return;
    }
    const nowMs = clock.nowMs();
    const encoder = this.#encoder ?? this.#openEncoder(0);
    this.#encoder = encoder;
    this.#originMs ??= nowMs - encoder.frameAtMs;
    if (nowMs - this.#originMs - encoder.frameAtMs > MAX_BEHIND_MS)
      this.#originMs = nowMs - encoder.frameAtMs;
    while (encoder.frameAtMs <= nowMs - this.#originMs) {
      this.#reader.fill(this.#samples);
      encoder.encode(this.#samples, this.#onCoded);
    }
  }

  #openEncoder(startMs: number): TimedEncoder {
    this.#frames = this.#makeFrames();
    return new TimedEncoder({ codec: this.#codec, inputRate: PLAYLIST_RATE }, startMs);
  }

  #makeFrames(): SoundFrames {
    return new SoundFrames((frame) => this.#publication?.push(frame));
  }

  readonly #onCoded = (coded: CodedAudio): void => this.#frames.push(this.#codec, coded);
}
