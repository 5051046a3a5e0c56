import { decodeAudioSpecificConfig } from "../../../src/codecs/aac/audio-specific-config.ts";
import { AacDecoder, type AacDecoderOptions } from "../../../src/codecs/aac/decoder.ts";
import { readCaptured } from "../../codecs/aac/captured.ts";
import type { AudioBench } from "./measure.ts";
import { encodePusherSpeech } from "./speech.ts";

const FRAME_LENGTH = 1024;

export const BENCHES: readonly AudioBench[] = [
  benchMono("AAC decode 48 kHz mono", 1_200, { channels: "mono", decimation: 1 }),
  benchMono("AAC decode 48 kHz mono for 16 kHz", undefined, { channels: "mono", decimation: 2 }),
  benchMono("AAC decode 48 kHz mono for 8 kHz", 600, { channels: "mono", decimation: 4 }),
  benchStereo("AAC decode 44.1 kHz stereo", { channels: "as-coded", decimation: 1 }),
  benchStereo("AAC decode 44.1 kHz stereo for 8 kHz", { channels: "mono", decimation: 4 }),
];

/** Speech as a mini-program pushes it, 64 kbit/s. */
function benchMono(name: string, limitMicros: number | undefined, options: AacDecoderOptions): AudioBench {
  const prepare = () => {
    const { config, accessUnits } = encodePusherSpeech();
    const { sampleRate, channelCount } = decodeAudioSpecificConfig(config);
    return prepareDecoder(sampleRate, channelCount, accessUnits, options);
  };
  return limitMicros === undefined ? { name, prepare } : { name, limitMicros, prepare };
}

/** What ffmpeg makes at 64 kbit/s of speech with clicks: mostly short windows, and TNS. */
function benchStereo(name: string, options: AacDecoderOptions): AudioBench {
  const prepare = () => {
    const { sampleRate, channelCount, units } = readCaptured("ffmpeg-stereo");
    return prepareDecoder(sampleRate, channelCount, units, options);
  };
  return { name, prepare };
}

function prepareDecoder(
  sampleRate: number,
  channelCount: number,
  units: readonly Uint8Array[],
  options: AacDecoderOptions,
): () => void {
  const decoder = new AacDecoder({ objectType: 2, sampleRate, channelCount, frameLength: 1024 }, options);
  let sampleCount = 0;
  let next = 0;
  return () => {
    for (sampleCount -= sampleRate; sampleCount < 0; sampleCount += FRAME_LENGTH) {
      const unit = units[next];
      if (unit !== undefined) decoder.decode(unit);
      next = (next + 1) % units.length;
    }
  };
}
