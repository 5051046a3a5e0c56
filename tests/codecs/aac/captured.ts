import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AdtsStream, splitAdts } from "./adts.ts";

const FOLDER = join(import.meta.dir, "../../fixtures/aac");

export const CAPTURED_NAMES = [
  "ffmpeg-mono",
  "ffmpeg-stereo",
  "voaacenc-mono",
  "faac-stereo",
  "faac-short",
  "faac-he",
] as const;

export type CapturedName = (typeof CAPTURED_NAMES)[number];

export function readCaptured(name: CapturedName): AdtsStream {
  // A Buffer's slices would share its memory.
  return splitAdts(new Uint8Array(readFileSync(join(FOLDER, `${name}.aac`))));
}

/** What another decoder made of it. */
export function readCapturedSamples(name: CapturedName): Float32Array {
  const bytes = readFileSync(join(FOLDER, `${name}.pcm`));
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i) / 32_768);
}
