import { decodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { parseRtmpUrl, playRtmp } from "../../../src/probe/rtmp-client.ts";
import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import { shareOf } from "../../e2e/calls/speech.ts";
import { waitFor, within } from "../../peers/wait.ts";

const SAMPLE_RATE = 8000;
const HEARD_SAMPLE_COUNT = SAMPLE_RATE / 2;
/** It stands in the upper half of an FLV sound body's first byte (E.4.2.1). */
export const SoundFormat = { g711A: 7, aac: 10 } as const;

/** Of what is heard first at an RTMP URL. */
export async function readSoundFormat(url: string): Promise<number> {
  const first = Promise.withResolvers<number>();
  const player = await playRtmp(parseRtmpUrl(url), {
    onMedia: ({ typeId, payload }) => typeId === MessageType.audio && first.resolve((payload[0] ?? 0) >> 4),
  });
  const format = await within("the first sound", first.promise);
  player.close();
  return format;
}

/** How much of the first half second that is heard at an RTMP URL, in G.711 A-law, is this frequency: 0 to 1. */
export async function shareOfTone(hz: number, url: string): Promise<number> {
  const heard: number[] = [];
  const player = await playRtmp(parseRtmpUrl(url), {
    onMedia({ payload }) {
      if ((payload[0] ?? 0) >> 4 !== SoundFormat.g711A) return;
      const samples = new Float32Array(payload.length - 1);
      decodeALaw(payload.subarray(1), samples);
      heard.push(...samples);
    },
  });
  await waitFor("half a second of sound", () => heard.length >= HEARD_SAMPLE_COUNT);
  player.close();
  return shareOf(hz, heard.slice(0, HEARD_SAMPLE_COUNT), SAMPLE_RATE);
}
