import { decodeAudioSpecificConfig } from "../../codecs/aac/audio-specific-config.ts";
import { expectPeerFault } from "../../errors.ts";
import { decodeAudioBody } from "./audio-body.ts";

/** What a decoder is set to. */
export type SoundFormat = { readonly sampleRate: number; readonly channelCount: number };

/** Of the tag body of an AAC header; of HE-AAC the core's. Undefined for what we cannot read: a player may. */
export function readAacFormat(body: Uint8Array): SoundFormat | undefined {
  const config = decodeAudioBody(body)?.data;
  if (config === undefined) return undefined;
  try {
    const { sampleRate, channelCount } = decodeAudioSpecificConfig(config);
    return { sampleRate, channelCount };
  } catch (thrown) {
    expectPeerFault(thrown);
    return undefined;
  }
}

type Known = { readonly [Member in keyof SoundFormat]?: number | undefined };

/** Also where neither is known. */
export function areEqualFormats(a: Known = {}, b: Known = {}): boolean {
  return a.sampleRate === b.sampleRate && a.channelCount === b.channelCount;
}
