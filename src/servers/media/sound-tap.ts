import type { SoundListener } from "../../calls/ports.ts";
import type { Stream } from "../../media/stream.ts";
import { decodeAudioBody } from "../../protocols/flv/audio-body.ts";
import { readAudioSampleRate } from "../../protocols/flv/audio-metadata.ts";

/** Gives the sound that players of a stream get to a listener too, until the stream is closed. */
export function listenTo(stream: Stream, listener: SoundListener): void {
  let specialRate: number | undefined;
  stream.subscribe({
    onFrame({ kind, role, body, timestampMs }) {
      if (kind === "audio") {
        const sound = decodeAudioBody(body, specialRate);
        if (sound !== undefined) listener.onSound({ ...sound, timestampMs });
      } else if (role === "metadata") specialRate = readAudioSampleRate(body);
    },
    onEnd() {},
    droppedFrameCount: () => 0,
  });
}
