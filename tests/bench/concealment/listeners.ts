import { decodeALaw, encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { Concealer } from "../../../src/codecs/pcm/concealer.ts";
import { FromTelephone } from "../../../src/media/sound/telephone/from-telephone.ts";

export const SAMPLE_RATE = 8_000;
const PACKET = 160;
const PACKET_MS = 20;

/** Speech as a telephone sends it: what the others hear is compared with that. */
export function codeSpeech(speech: Float32Array): Float32Array {
  const bytes = new Uint8Array(speech.length);
  encodeALaw(speech, bytes);
  const coded = new Float32Array(speech.length);
  decodeALaw(bytes, coded);
  return coded;
}

/** What somebody hears of `speech`, of which the packets in `isLost` never come. As long as the speech. */
export type Listener = {
  readonly name: string;
  readonly hear: (speech: Float32Array, isLost: readonly boolean[]) => Float32Array;
};

/** The gateway's own. */
export const OURS: readonly Listener[] = [
  { name: "telephone → app", hear: hearGateway },
  { name: "concealer, next packet unknown", hear: hearConcealer },
];

/** What needs no thought. */
export const NAIVE: readonly Listener[] = [
  {
    name: "repeat the last packet",
    hear: (speech, isLost) =>
      hearNaively(speech, isLost, (out, at) => {
        out.copyWithin(at, at - PACKET, at);
      }),
  },
  {
    name: "zero fill",
    hear: (speech, isLost) => hearNaively(speech, isLost, (out, at) => out.fill(0, at, at + PACKET)),
  },
];

export function countPackets(speech: Float32Array): number {
  return Math.floor(speech.length / PACKET);
}

function hearGateway(speech: Float32Array, isLost: readonly boolean[]): Float32Array {
  const heard = new Float32Array(speech.length + 2 * PACKET);
  let heardCount = 0;
  const telephone = new FromTelephone({
    telephoneCodec: "PCMA",
    target: { codec: "G711A" },
    onCoded: ({ data }) => {
      const samples = new Float32Array(data.length);
      decodeALaw(data, samples);
      heard.set(samples.subarray(0, Math.max(0, heard.length - heardCount)), heardCount);
      heardCount = Math.min(heard.length, heardCount + samples.length);
    },
  });
  for (const [packet, lost] of isLost.entries()) {
    const payload = new Uint8Array(PACKET);
    encodeALaw(speech.subarray(packet * PACKET, (packet + 1) * PACKET), payload);
    const nowMs = packet * PACKET_MS;
    if (!lost) {
      telephone.push(
        {
          sequenceNumber: packet & 0xffff,
          rtpTimestamp: packet * PACKET,
          ssrc: 1,
          payloadKind: "PCMA",
          payload,
        },
        nowMs,
      );
    }
    telephone.tick(nowMs);
  }
  return heard.subarray(0, speech.length);
}

function hearConcealer(speech: Float32Array, isLost: readonly boolean[]): Float32Array {
  const concealer = new Concealer(SAMPLE_RATE, 1);
  const out = speech.slice();
  for (const [packet, lost] of isLost.entries()) {
    if (lost) concealer.conceal(out, packet * PACKET, (packet + 1) * PACKET);
    else concealer.good(out, packet * PACKET, (packet + 1) * PACKET);
  }
  return out;
}

function hearNaively(
  speech: Float32Array,
  isLost: readonly boolean[],
  fill: (out: Float32Array, at: number) => void,
): Float32Array {
  const out = speech.slice();
  for (const [packet, lost] of isLost.entries()) if (lost) fill(out, packet * PACKET);
  return out;
}
