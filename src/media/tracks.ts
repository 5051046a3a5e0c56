import type { AudioCodec, Frame, VideoCodec } from "./frame.ts";
import { GopCache } from "./gop.ts";

/** What a stream consists of, and what whoever joins needs to start. */
export class Tracks {
  audioCodec: AudioCodec | undefined;
  videoCodec: VideoCodec | undefined;
  #metadata: Frame | undefined;
  #audioConfig: Frame | undefined;
  readonly #gop = new GopCache();

  note(frame: Frame): void {
    if (frame.kind === "audio") {
      if (frame.codec !== this.audioCodec) this.changeSound(frame.codec);
      if (frame.role === "config") this.#audioConfig = frame;
    } else if (frame.kind === "video") {
      this.videoCodec = frame.codec;
      this.#gop.push(frame);
    } else if (frame.role === "metadata") this.#metadata = frame;
  }

  /** Forgets the header too: it is no good for any other sound. */
  changeSound(codec: AudioCodec | undefined): void {
    this.audioCodec = codec;
    this.#audioConfig = undefined;
  }

  /** Forgets all but the sound. */
  forgetPicture(): void {
    this.videoCodec = undefined;
    this.#metadata = undefined;
    this.#gop.clear();
  }

  /** What a joiner gets: metadata, headers and the last picture group. */
  joiningFrames(): readonly Frame[] {
    const heads = [this.#metadata, this.#gop.header, this.#audioConfig];
    return [...heads.filter((frame) => frame !== undefined), ...this.#gop.frames];
  }
}
