import { codecOfFourCc, codecOfSoundFormat, SOUND_FORMATS } from "../../codecs/codec-names.ts";
import type { AudioFrame, VideoFrame } from "../frame.ts";

export type AudioBodyInfo = Pick<AudioFrame, "codec" | "role">;
type VideoBodyInfo = Pick<VideoFrame, "codec" | "role">;

export const EX_AUDIO_HEADER = 9;

/** CodecID, E.4.3.1; 12 is what Chinese networks agreed on for HEVC before Enhanced RTMP. */
const VIDEO_CODECS: Readonly<Record<number, VideoBodyInfo["codec"]>> = { 7: "H264", 12: "H265" };
const COMMAND_FRAME = 5;

/** Enhanced RTMP v2, "ExVideoTagHeader". */
const VIDEO_FOUR_CCS: Readonly<Record<string, VideoBodyInfo["codec"]>> = { avc1: "H264", hvc1: "H265" };
const EX_PACKET = {
  sequenceStart: 0,
  codedFrames: 1,
  codedFramesX: 3,
  mpeg2TsSequenceStart: 5,
  modEx: 7,
} as const;
const EX_AUDIO_MULTITRACK = 5;
const EX_VIDEO_MULTITRACK = 6;

/** What an audio tag (or RTMP audio message) carries. Never throws: a body that ends too soon is `unknown` or `key`. */
export function inspectAudioBody(body: Uint8Array): AudioBodyInfo {
  const first = body[0];
  if (first === undefined) return { codec: "unknown", role: "key" };
  const format = first >>> 4;
  if (format === EX_AUDIO_HEADER) return inspectExAudio(body, first);
  const codec = codecOfSoundFormat(format) ?? "unknown";
  return { codec, role: format === SOUND_FORMATS.AAC && body[1] === 0 ? "config" : "key" };
}

/** As onMetaData names it: the number in the tag, or the FourCC. 0 for what ends too soon. */
export function codecIdOf(kind: "audio" | "video", body: Uint8Array): number {
  const first = body[0] ?? 0;
  const isEnhanced = kind === "audio" ? first >>> 4 === EX_AUDIO_HEADER : (first & 0x80) !== 0;
  if (!isEnhanced) return kind === "audio" ? first >>> 4 : first & 0x0f;
  const multitrack = kind === "audio" ? EX_AUDIO_MULTITRACK : EX_VIDEO_MULTITRACK;
  const { fourCc = "" } = readExPacket(body, first & 0x0f, multitrack) ?? {};
  return [...fourCc].reduce((id, character) => id * 256 + character.charCodeAt(0), 0);
}

/** Whether a body holds more than its header: not so an empty frame, or the end of a sequence. */
export function carriesMedia(kind: "audio" | "video", body: Uint8Array): boolean {
  const first = body[0] ?? 0;
  if (kind === "audio") return body.length > (first >>> 4 === SOUND_FORMATS.AAC ? 2 : 1);
  const isKnown = (first & 0x80) !== 0 || VIDEO_CODECS[first & 0x0f] !== undefined;
  return body.length > (isKnown ? 5 : 1);
}

/** Where an Enhanced RTMP audio tag of one track has its header or frame; undefined where it has neither. */
export function findExAudioData(body: Uint8Array): number | undefined {
  const packet = readExPacket(body, (body[0] ?? 0) & 0x0f, EX_AUDIO_MULTITRACK);
  if (packet === undefined || packet.isMultitrack) return undefined;
  const hasData = packet.type === EX_PACKET.sequenceStart || packet.type === EX_PACKET.codedFrames;
  return hasData ? packet.dataAt : undefined;
}

/**
 * Where an Enhanced RTMP video tag of one track has its header or frame, and the three bytes of its composition time;
 * undefined where it has neither.
 */
export function findExVideoData(body: Uint8Array): { dataAt: number; compositionAt?: number } | undefined {
  const packet = readExPacket(body, (body[0] ?? 0) & 0x0f, EX_VIDEO_MULTITRACK);
  if (packet === undefined || packet.isMultitrack) return undefined;
  const { type, dataAt } = packet;
  if (type === EX_PACKET.codedFrames) return { dataAt: dataAt + 3, compositionAt: dataAt };
  return type === EX_PACKET.sequenceStart || type === EX_PACKET.codedFramesX ? { dataAt } : undefined;
}

/**
 * What a video tag (or RTMP video message) carries. Never throws. End of sequence, metadata of the picture and
 * command frames are `delta`: they travel on, and are no place to start.
 */
export function inspectVideoBody(body: Uint8Array): VideoBodyInfo {
  const first = body[0];
  if (first === undefined) return { codec: "unknown", role: "delta" };
  const frameType = (first >>> 4) & 7;
  if ((first & 0x80) !== 0) return inspectExVideo(body, first, frameType);
  const codec = VIDEO_CODECS[first & 0x0f] ?? "unknown";
  if (frameType === COMMAND_FRAME) return { codec, role: "delta" };
  const pictureRole = isKeyFrame(frameType) ? "key" : "delta";
  if (codec === "unknown") return { codec, role: pictureRole };
  const packetType = body[1];
  if (packetType === 0) return { codec, role: "config" };
  if (packetType !== 1) return { codec, role: "delta" };
  return { codec, role: codec === "H264" && isRecoveryPoint(body) ? "key" : pictureRole };
}

/** NAL unit types, ITU-T H.264 table 7-1; those from 1 to 5 are slices. */
const NAL_SEI = 6;
const LAST_SLICE_TYPE = 5;
/** Annex D.1.1: the payload type of an SEI message that says where pictures become whole again. */
const SEI_RECOVERY_POINT = 6;
const NAL_HEADER_AT = 5 + 4;

/**
 * Whether a picture begins with a recovery point: a place to start for streams that refresh their pictures part by
 * part. Lengths of NAL units have 4 bytes, as all live encoders write them.
 */
function isRecoveryPoint(body: Uint8Array): boolean {
  for (let at = NAL_HEADER_AT; at + 1 < body.length; ) {
    const type = (body[at] ?? 0) & 0x1f;
    if (type <= LAST_SLICE_TYPE) return false;
    if (type === NAL_SEI && body[at + 1] === SEI_RECOVERY_POINT) return true;
    const length =
      ((body[at - 4] ?? 0) << 24) |
      ((body[at - 3] ?? 0) << 16) |
      ((body[at - 2] ?? 0) << 8) |
      (body[at - 1] ?? 0);
    if (length <= 0) return false;
    at += length + 4;
  }
  return false;
}

function inspectExAudio(body: Uint8Array, first: number): AudioBodyInfo {
  const packet = readExPacket(body, first & 0x0f, EX_AUDIO_MULTITRACK);
  if (packet === undefined) return { codec: "unknown", role: "key" };
  const isConfig = packet.type === EX_PACKET.sequenceStart && packet.isFirstTrack;
  return { codec: codecOfFourCc(packet.fourCc) ?? "unknown", role: isConfig ? "config" : "key" };
}

function inspectExVideo(body: Uint8Array, first: number, frameType: number): VideoBodyInfo {
  const packet = readExPacket(body, first & 0x0f, EX_VIDEO_MULTITRACK);
  if (packet === undefined || frameType === COMMAND_FRAME) return { codec: "unknown", role: "delta" };
  const codec = VIDEO_FOUR_CCS[packet.fourCc] ?? "unknown";
  switch (packet.type) {
    case EX_PACKET.sequenceStart:
    case EX_PACKET.mpeg2TsSequenceStart:
      return { codec, role: packet.isFirstTrack ? "config" : "delta" };
    case EX_PACKET.codedFrames:
    case EX_PACKET.codedFramesX:
      return { codec, role: isKeyFrame(frameType) && packet.isFirstTrack ? "key" : "delta" };
    default:
      return { codec, role: "delta" };
  }
}

/** FrameType 1 is a key frame, 4 one that a server made (E.4.3.1). */
function isKeyFrame(frameType: number): boolean {
  return frameType === 1 || frameType === 4;
}

type ExPacket = {
  readonly type: number;
  readonly fourCc: string;
  readonly isMultitrack: boolean;
  readonly isFirstTrack: boolean;
  /** What follows the fourCC: the data, or more about the tracks. */
  readonly dataAt: number;
};

/** Skips ModEx prefixes and, of a multitrack packet, reads the first track. Undefined when the body ends too soon. */
function readExPacket(body: Uint8Array, firstType: number, multitrack: number): ExPacket | undefined {
  let type = firstType;
  let at = 1;
  while (type === EX_PACKET.modEx) {
    const short = (body[at] ?? 0) + 1;
    const dataAt = short === 256 ? at + 3 : at + 1;
    const byteCount = short === 256 ? ((body[at + 1] ?? 0) << 8) + (body[at + 2] ?? 0) + 1 : short;
    const next = body[dataAt + byteCount];
    if (next === undefined) return undefined;
    type = next & 0x0f;
    at = dataAt + byteCount + 1;
  }
  const isMultitrack = type === multitrack;
  if (isMultitrack) type = (body[at++] ?? 0) & 0x0f;
  if (at + 4 > body.length) return undefined;
  const fourCc = String.fromCharCode(...body.subarray(at, at + 4));
  return { type, fourCc, isMultitrack, isFirstTrack: !isMultitrack || body[at + 4] === 0, dataAt: at + 4 };
}
