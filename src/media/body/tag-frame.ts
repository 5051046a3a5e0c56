import { encodeAmf0 } from "../../codecs/amf0/amf0.ts";
import type { Frame } from "../frame.ts";
import { toPlainPicture, toPlainSound } from "./plain-form.ts";
import { inspectAudioBody, inspectVideoBody } from "./tag-body.ts";

/** FLV specification, annex E.4.1; RTMP numbers its messages likewise. Other values are reserved. */
export const TagType = { audio: 8, video: 9, script: 18 } as const;

/** How a script tag that describes the stream begins: an AMF0 string. */
const ON_META_DATA = encodeAmf0("onMetaData");

/**
 * The frame that an FLV tag, or the RTMP message of the same type, stands for; undefined for an empty one, which
 * some encoders send to say that a track is there. The frame keeps `body`, in its plain form.
 */
export function tagToFrame(type: number, timestampMs: number, body: Uint8Array): Frame | undefined {
  if (body.length === 0) return undefined;
  switch (type) {
    case TagType.audio: {
      const info = inspectAudioBody(body);
      return { kind: "audio", ...info, timestampMs, body: toPlainSound(info, body), wire: [] };
    }
    case TagType.video: {
      const info = inspectVideoBody(body);
      return { kind: "video", ...info, timestampMs, body: toPlainPicture(info, body), wire: [] };
    }
    case TagType.script:
      return {
        kind: "data",
        codec: "AMF",
        role: isMetadata(body) ? "metadata" : "key",
        timestampMs,
        body,
        wire: [],
      };
    default:
      return undefined;
  }
}

function isMetadata(body: Uint8Array): boolean {
  return ON_META_DATA.every((byte, at) => body[at] === byte);
}

export function tagTypeOf(frame: Frame): number {
  switch (frame.kind) {
    case "audio":
      return TagType.audio;
    case "video":
      return TagType.video;
    case "data":
      return TagType.script;
  }
}
