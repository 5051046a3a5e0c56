import type { AudioFrame, VideoFrame } from "../frame.ts";
import { encodeAudioBody } from "./audio-body.ts";
import { EX_AUDIO_HEADER, findExAudioData, findExVideoData } from "./tag-body.ts";

const AVC = 7;
const KEY_AVC = 0x17;
const INTER_AVC = 0x27;
const AVC_PACKETS = { config: 0, frame: 1 } as const;

/**
 * AAC as FLV itself has it. Enhanced RTMP writes it in another form, which most players, WeChat's among them, cannot read.
 * Several tracks in one body stay as they are.
 */
export function toPlainSound(
  { codec, role }: Pick<AudioFrame, "codec" | "role">,
  body: Uint8Array,
): Uint8Array {
  if (codec !== "AAC" || (body[0] ?? 0) >>> 4 !== EX_AUDIO_HEADER) return body;
  const at = findExAudioData(body);
  return at === undefined ? body : encodeAudioBody({ codec, role, data: body.subarray(at) });
}

/** The same of H.264. A place to start is a key frame to players, also where its encoder does not say so. */
export function toPlainPicture(
  { codec, role }: Pick<VideoFrame, "codec" | "role">,
  body: Uint8Array,
): Uint8Array {
  const first = body[0] ?? 0;
  if (codec !== "H264") return body;
  if ((first & 0x80) === 0) return role === "key" && first === INTER_AVC ? withFirst(KEY_AVC, body) : body;
  const found = findExVideoData(body);
  if (found === undefined || found.dataAt > body.length) return body;
  const { dataAt, compositionAt } = found;
  const plain = new Uint8Array(5 + body.length - dataAt);
  plain[0] = role === "key" ? KEY_AVC : (first & 0x70) | AVC;
  plain[1] = role === "config" ? AVC_PACKETS.config : AVC_PACKETS.frame;
  if (compositionAt !== undefined) plain.set(body.subarray(compositionAt, compositionAt + 3), 2);
  plain.set(body.subarray(dataAt), 5);
  return plain;
}

function withFirst(first: number, body: Uint8Array): Uint8Array {
  const copy = body.slice();
  copy[0] = first;
  return copy;
}
