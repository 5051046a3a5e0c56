import { decodeALaw } from "../g711/a-law.ts";
import { decodeULaw } from "../g711/u-law.ts";
import { decodeL16 } from "./l16.ts";

/** How a WAV file writes a sample: format tag and bits as in its fmt chunk. */
export type WavEncoding = {
  readonly tag: number;
  readonly bytes: number;
  /** A sample of ±1.0 for each `bytes` bytes. */
  readonly decode: (data: Uint8Array, samples: Float32Array) => void;
};

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const U_LAW = 7;

const ENCODINGS: readonly WavEncoding[] = [
  { tag: PCM, bytes: 1, decode: decodeUnsigned8 },
  { tag: PCM, bytes: 2, decode: (data, samples) => decodeL16(data, samples, true) },
  { tag: PCM, bytes: 3, decode: decodeSigned24 },
  { tag: PCM, bytes: 4, decode: decodeSigned32 },
  { tag: FLOAT, bytes: 4, decode: decodeFloat32 },
  { tag: A_LAW, bytes: 1, decode: decodeALaw },
  { tag: U_LAW, bytes: 1, decode: decodeULaw },
];

export function findWavEncoding(tag: number, bits: number): WavEncoding | undefined {
  return ENCODINGS.find((encoding) => encoding.tag === tag && encoding.bytes * 8 === bits);
}

function decodeUnsigned8(data: Uint8Array, samples: Float32Array): void {
  for (let i = 0; i < data.length; i++) samples[i] = ((data[i] ?? 0) - 0x80) / 0x80;
}

function decodeSigned24(data: Uint8Array, samples: Float32Array): void {
  const view = viewOf(data);
  for (let i = 0, at = 0; at < data.length; i++, at += 3) {
    samples[i] = (view.getInt8(at + 2) * 0x10000 + view.getUint16(at, true)) / 0x800000;
  }
}

function decodeSigned32(data: Uint8Array, samples: Float32Array): void {
  const view = viewOf(data);
  for (let i = 0, at = 0; at < data.length; i++, at += 4) samples[i] = view.getInt32(at, true) / 0x80000000;
}

/** Clipped to ±1.0; what is no number is silence. */
function decodeFloat32(data: Uint8Array, samples: Float32Array): void {
  const view = viewOf(data);
  for (let i = 0, at = 0; at < data.length; i++, at += 4) {
    samples[i] = Math.max(-1, Math.min(1, view.getFloat32(at, true) || 0));
  }
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
