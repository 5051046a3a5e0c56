import type { AudioFrame, DataFrame, Frame, VideoFrame } from "../../src/media/frame.ts";

/** Frames by what tests care about: sort, time and size. */

export function audioFrame(timestampMs: number, byteCount = 10): AudioFrame {
  return makeFrame({ kind: "audio", codec: "AAC", role: "key", timestampMs }, byteCount);
}

export function audioHeader(timestampMs = 0): AudioFrame {
  return makeFrame({ kind: "audio", codec: "AAC", role: "config", timestampMs }, 4);
}

export function videoHeader(timestampMs = 0): VideoFrame {
  return makeFrame({ kind: "video", codec: "H264", role: "config", timestampMs }, 20);
}

export function videoKey(timestampMs: number, byteCount = 100): VideoFrame {
  return makeFrame({ kind: "video", codec: "H264", role: "key", timestampMs }, byteCount);
}

export function videoDelta(timestampMs: number, byteCount = 30): VideoFrame {
  return makeFrame({ kind: "video", codec: "H264", role: "delta", timestampMs }, byteCount);
}

export function metadataFrame(timestampMs = 0): DataFrame {
  return makeFrame({ kind: "data", codec: "AMF", role: "metadata", timestampMs }, 50);
}

/** Whatever is not metadata of the stream's own making, which comes before all else. */
export function isMedia({ role }: Frame): boolean {
  return role !== "metadata";
}

/** `video key 40` and the like. */
export function nameFrame({ kind, role, timestampMs }: Frame): string {
  return `${kind} ${role} ${timestampMs}`;
}

export function nameFrames(frames: readonly Frame[]): string[] {
  return frames.map(nameFrame);
}

function makeFrame<What>(what: What, byteCount: number): What & Pick<Frame, "body" | "wire"> {
  return { ...what, body: new Uint8Array(byteCount), wire: [] };
}
