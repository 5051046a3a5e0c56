import { AppError } from "../../errors.ts";
import { findWavEncoding, type WavEncoding } from "./wav-encodings.ts";

export type Sound = { readonly sampleRate: number /** Mono. */; readonly samples: Float32Array };

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_SECONDS = 600;
const MIN_RATE = 8_000;
const MAX_RATE = 96_000;

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const MIN_FORMAT_BYTES = 16;
/** WAVE_FORMAT_EXTENSIBLE: the tag is where the sub-format's GUID begins. */
const EXTENSIBLE = 0xfffe;
const SUB_FORMAT_AT = 24;
const EXTENSIBLE_FORMAT_BYTES = 40;

type Format = { readonly encoding: WavEncoding; readonly channelCount: number; readonly sampleRate: number };

/**
 * Reads a WAV file, mixed to mono: PCM of 8 to 32 bits, 32-bit floating point, A-law or µ-law, one or two channels, 8 to
 * 96 kHz, up to 10 minutes and 64 MiB. A cut-off file gives what is there. Throws AppError `config` that says what is wrong.
 */
export function decodeWav(bytes: Uint8Array): Sound {
  if (bytes.length > MAX_BYTES) throw refuse("too-long", { have: bytes.length, limit: MAX_BYTES });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < RIFF_HEADER_BYTES || readName(view, 0) !== "RIFF" || readName(view, 8) !== "WAVE")
    throw refuse("no-wav", { allowed: "a file that begins with RIFF, a size, WAVE" });
  let format: Format | undefined;
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= bytes.length; ) {
    const name = readName(view, at);
    const length = view.getUint32(at + 4, true);
    const body = bytes.subarray(at + CHUNK_HEADER_BYTES, at + CHUNK_HEADER_BYTES + length);
    if (name === "fmt ") format = decodeFormat(body);
    if (name === "data") {
      if (format === undefined) throw refuse("no-format", { allowed: "a fmt chunk before the data" });
      return decodeData(length === 0 ? takeStreamed(view, at) : body, format);
    }
    // Chunks of odd length are padded.
    at += CHUNK_HEADER_BYTES + length + (length % 2);
  }
  throw refuse("no-data", { allowed: "a data chunk" });
}

/** Who writes into a pipe leaves the sizes 0 or huge, and the data is what follows, unless the file's size is right. */
function takeStreamed(view: DataView, at: number): Uint8Array {
  const isStreamed = view.getUint32(4, true) + CHUNK_HEADER_BYTES !== view.byteLength;
  const begin = at + CHUNK_HEADER_BYTES;
  return new Uint8Array(view.buffer, view.byteOffset + begin, isStreamed ? view.byteLength - begin : 0);
}

function decodeFormat(body: Uint8Array): Format {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (view.byteLength < MIN_FORMAT_BYTES)
    throw refuse("short-format", { have: view.byteLength, min: MIN_FORMAT_BYTES });
  const isExtensible = view.getUint16(0, true) === EXTENSIBLE && view.byteLength >= EXTENSIBLE_FORMAT_BYTES;
  const tag = view.getUint16(isExtensible ? SUB_FORMAT_AT : 0, true);
  const channelCount = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const frameBytes = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  const encoding = findWavEncoding(tag, bits);
  if (encoding === undefined) {
    const allowed = "PCM of 8, 16, 24 or 32 bits, 32-bit floating point, A-law or µ-law";
    throw refuse("encoding", { format: tag, bits, allowed });
  }
  if (channelCount !== 1 && channelCount !== 2)
    throw refuse("channels", { have: channelCount, allowed: "1 or 2" });
  if (sampleRate < MIN_RATE || sampleRate > MAX_RATE)
    throw refuse("sample-rate", { have: sampleRate, min: MIN_RATE, max: MAX_RATE });
  if (frameBytes !== (channelCount * bits) / 8)
    throw refuse("frame-bytes", { have: frameBytes, allowed: (channelCount * bits) / 8 });
  return { encoding, channelCount, sampleRate };
}

function decodeData(data: Uint8Array, { encoding, channelCount, sampleRate }: Format): Sound {
  const frameBytes = channelCount * encoding.bytes;
  const frameCount = Math.floor(data.length / frameBytes);
  if (frameCount === 0) throw refuse("no-sound", { have: data.length, min: frameBytes });
  if (frameCount > MAX_SECONDS * sampleRate)
    throw refuse("too-long", { seconds: Math.ceil(frameCount / sampleRate), limit: MAX_SECONDS });
  const samples = new Float32Array(frameCount * channelCount);
  encoding.decode(data.subarray(0, frameCount * frameBytes), samples);
  return { sampleRate, samples: channelCount === 1 ? samples : mix(samples) };
}

function mix(interleaved: Float32Array): Float32Array {
  return Float32Array.from(
    { length: interleaved.length / 2 },
    (_, n) => ((interleaved[2 * n] ?? 0) + (interleaved[2 * n + 1] ?? 0)) / 2,
  );
}

function readName(view: DataView, at: number): string {
  return String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  );
}

function refuse(problem: string, details: Readonly<Record<string, string | number>>): AppError {
  return new AppError("config", `wav.${problem}`, details);
}
