import { TagType } from "../../../src/media/body/tag-frame.ts";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import { encodeFlvHeader, encodeTag, type Tag } from "../../../src/protocols/flv/tag.ts";

/** `flags` are the header's: 4 audio, 1 video. */
export type FlvFile = { readonly flags: number; readonly tags: readonly Tag[] };

const FLAGS_AT = 4;

/** Throws for what is no FLV; a tag that is cut off at the end is left out. */
export function readFlv(bytes: Uint8Array): FlvFile {
  const tags: Tag[] = [];
  new FlvDecoder().push(bytes, (tag) => tags.push(tag));
  return { flags: bytes[FLAGS_AT] ?? 0, tags };
}

export async function readFlvFile(path: string): Promise<FlvFile> {
  return readFlv(await Bun.file(path).bytes());
}

export function writeFlv(tags: readonly Tag[]): Uint8Array<ArrayBuffer> {
  const audio = tags.some(({ type }) => type === TagType.audio);
  const video = tags.some(({ type }) => type === TagType.video);
  return new Uint8Array(Buffer.concat([encodeFlvHeader({ audio, video }), ...tags.map(encodeTag)]));
}

/**
 * One line an audio or video tag: sort, timestamp, size and hash of the body. Without the end of an AVC sequence,
 * an empty picture that librtmp and GStreamer throw away when they play.
 */
export function describeMedia({ tags }: Pick<FlvFile, "tags">): string[] {
  return tags
    .filter((tag) => tag.type !== TagType.script && !isEndOfSequence(tag))
    .map(({ type, timestampMs, body }) => {
      const sort = type === TagType.audio ? "audio" : "video";
      return `${sort} ${timestampMs} ${body.length} ${Bun.hash(body).toString(16)}`;
    });
}

/** As the gateway hands it out: a track's first header just before its first frame. */
export function describePlayed({ tags }: Pick<FlvFile, "tags">): string[] {
  const played = [...tags];
  for (const type of [TagType.audio, TagType.video]) {
    const header = played.findIndex((tag) => tag.type === type && isSequenceHeader(tag));
    const first = played.findIndex((tag) => tag.type === type && !isSequenceHeader(tag));
    if (header >= 0 && header < first) played.splice(first - 1, 0, ...played.splice(header, 1));
  }
  return describeMedia({ tags: played });
}

export function describeTrack(file: Pick<FlvFile, "tags">, sort: "audio" | "video"): string[] {
  return describeMedia(file).filter((line) => line.startsWith(sort));
}

export function metadataCount({ tags }: FlvFile): number {
  return tags.filter(({ type }) => type === TagType.script).length;
}

/** Of AAC, AVC or HEVC as codec 12. */
export function isSequenceHeader({ type, body }: Tag): boolean {
  return type !== TagType.script && body[1] === 0;
}

function isEndOfSequence({ type, body }: Tag): boolean {
  return type === TagType.video && body[0] === 0x17 && body[1] === 2;
}
