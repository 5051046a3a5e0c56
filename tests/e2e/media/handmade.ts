import { encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";

/** Tags whose bodies only look like sound and pictures: enough for a server that passes them on. */

const AAC_44_KHZ_STEREO = 0xaf;
const AVC_KEY = 0x17;
const AVC_DELTA = 0x27;

export function aacHeader(timestampMs = 0): Tag {
  return { type: TagType.audio, timestampMs, body: Uint8Array.of(AAC_44_KHZ_STEREO, 0, 0x12, 0x10) };
}

export function aacFrame(timestampMs: number): Tag {
  return { type: TagType.audio, timestampMs, body: filled([AAC_44_KHZ_STEREO, 1], 120, timestampMs) };
}

export function avcHeader(timestampMs = 0): Tag {
  const record = [1, 0x42, 0xc0, 0x0a, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 0x0a, 1, 0, 2, 0x68, 0xce];
  return { type: TagType.video, timestampMs, body: Uint8Array.of(AVC_KEY, 0, 0, 0, 0, ...record) };
}

export function avcKey(timestampMs: number): Tag {
  return { type: TagType.video, timestampMs, body: filled([AVC_KEY, 1, 0, 0, 0], 900, timestampMs) };
}

export function avcDelta(timestampMs: number): Tag {
  return { type: TagType.video, timestampMs, body: filled([AVC_DELTA, 1, 0, 0, 0], 200, timestampMs) };
}

export function metadata(values: Readonly<Record<string, number | boolean | string>>, timestampMs = 0): Tag {
  return { type: TagType.script, timestampMs, body: encodeAmf0("onMetaData", { ...values }) };
}

/** A body that starts like this and goes on with bytes that no other timestamp gives. */
export function filled(start: readonly number[], byteCount: number, seed: number): Uint8Array {
  const body = new Uint8Array(byteCount);
  body.set(start);
  for (let at = start.length; at < byteCount; at++) body[at] = (seed * 31 + at * 7) & 0xff;
  return body;
}
