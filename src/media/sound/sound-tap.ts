import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { CodedAudio } from "../audio/coding/coded-audio.ts";
import { decodeAudioBody } from "../body/audio-body.ts";
import { readAudioSampleRate } from "../body/metadata.ts";
import type { Stream, Subscription } from "../stream.ts";
import { SoundAllowance } from "./sound-allowance.ts";

export interface SoundListener {
  /** The object and its data are valid during the call only. */
  onSound(coded: CodedAudio): void;
  /** The sound that follows is another publisher's, or in another codec. */
  onPublisher(): void;
}

/**
 * Gives the sound that players of a stream get to a listener too, until the stream is closed: no more than can be
 * honest, since whoever listens decodes it.
 * @param log names the stream
 */
export function listenTo(stream: Stream, listener: SoundListener, clock: Clock, log: Logger): Subscription {
  const allowance = new SoundAllowance(clock, log, "listener");
  let specialRate: number | undefined;
  const publishers = stream.watchPushedCodec(() => listener.onPublisher());
  const frames = stream.subscribe({
    onFrame({ kind, role, body, timestampMs }) {
      if (kind === "audio") {
        const sound = decodeAudioBody(body, specialRate);
        if (sound !== undefined && allowance.take(sound)) listener.onSound({ ...sound, timestampMs });
      } else if (role === "metadata") specialRate = readAudioSampleRate(body);
    },
    onEnd() {},
    takesAnySound: true,
    droppedFrameCount: () => 0,
  });
  return {
    end() {
      publishers.end();
      frames.end();
    },
  };
}
