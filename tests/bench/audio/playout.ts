import { PlayoutBuffer } from "../../../src/media/audio/playout/playout-buffer.ts";
import { makeVoice, seedRandom } from "../../codecs/pcm/signals.ts";
import type { AudioBench } from "./measure.ts";

/** 1024 samples at 48 kHz. */
const FRAME_MS = 1024 / 48;
const PULL_MS = 20;
const VOICE_SECONDS = 16;

type Network = { readonly name: string; readonly jitterMs: number; readonly driftPpm: number };

export const BENCHES: readonly AudioBench[] = [
  { ...benchPlayout(8000, { name: "even", jitterMs: 0, driftPpm: 0 }), limitMicros: 150 },
  benchPlayout(8000, { name: "jitter 30 ms", jitterMs: 30, driftPpm: 0 }),
  benchPlayout(8000, { name: "drift 0.5 %", jitterMs: 0, driftPpm: 5000 }),
  benchPlayout(16_000, { name: "even", jitterMs: 0, driftPpm: 0 }),
];

/** A voice in frames of 21.33 ms comes over a network and is pulled each 20 ms. */
function benchPlayout(sampleRate: 8000 | 16000, { name, jitterMs, driftPpm }: Network): AudioBench {
  return {
    name: `playout ${sampleRate / 1000} kHz, ${name}`,
    prepare: () => {
      const frames = cutFrames(makeVoice(sampleRate, VOICE_SECONDS, 1), sampleRate);
      const random = seedRandom(1);
      const buffer = new PlayoutBuffer({ sampleRate, frameMs: PULL_MS });
      const out = new Float32Array((sampleRate * PULL_MS) / 1000);
      let frame = 0;
      let arrivalMs = 0;
      let pulls = 0;
      return () => {
        for (const endMs = pulls * PULL_MS + 1000; pulls * PULL_MS < endMs; pulls++) {
          while (arrivalMs <= pulls * PULL_MS) {
            buffer.push(Math.round(frame * FRAME_MS), frames[frame % frames.length] ?? out, arrivalMs);
            frame += 1;
            const dueMs = (frame * FRAME_MS) / (1 + driftPpm / 1e6) + random() * jitterMs;
            arrivalMs = Math.max(arrivalMs, dueMs);
          }
          buffer.pull(out, pulls * PULL_MS);
        }
      };
    },
  };
}

function cutFrames(sound: Float32Array, sampleRate: number): Float32Array[] {
  const count = Math.floor((sound.length * 1000) / sampleRate / FRAME_MS);
  const cut = (frame: number) => Math.round((frame * FRAME_MS * sampleRate) / 1000);
  return Array.from({ length: count }, (_, frame) => sound.slice(cut(frame), cut(frame + 1)));
}
