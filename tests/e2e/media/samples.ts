import { afterAll } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import { runProcess } from "../../peers/process.ts";
import { type FlvFile, isSequenceHeader, readFlvFile, writeFlv } from "./flv-file.ts";

/** An FLV file and what is in it. */
export type Sample = FlvFile & { readonly path: string };

export const FFMPEG: readonly string[] = ["ffmpeg", "-hide_banner", "-nostdin", "-y", "-loglevel", "warning"];

const SOUND = "-f lavfi -i sine=frequency=440:sample_rate=48000";
const PICTURE = "-f lavfi -i testsrc2=size=64x48:rate=10";
const AAC = "-c:a aac -b:a 64k";
const H264 = "-c:v libx264 -b:v 40k -g 10 -bf 2 -pix_fmt yuv420p";

const encoded = new Map<string, Promise<Sample>>();

/** Two seconds of sound at 48 kHz and pictures with B-frames, a key frame each second. */
export function soundAndPicture(): Promise<Sample> {
  return encode(`${PICTURE} ${SOUND} -t 2 ${AAC} ${H264}`);
}

/** Two seconds that ffmpeg encoded by these options; each is made once. */
export function encode(options: string): Promise<Sample> {
  const known = encoded.get(options);
  if (known !== undefined) return known;
  const made = runFfmpeg(options);
  encoded.set(options, made);
  return made;
}

export async function soundOnly(): Promise<Sample> {
  return await save((await soundAndPicture()).tags.filter(({ type }) => type === TagType.audio));
}

export async function pictureOnly(): Promise<Sample> {
  return await save((await soundAndPicture()).tags.filter(({ type }) => type === TagType.video));
}

/** The picture begins a second after the sound, with its sequence header and a key frame. */
export async function latePicture(): Promise<Sample> {
  const { tags } = await soundAndPicture();
  const header = tags.filter((tag) => tag.type === TagType.video && isSequenceHeader(tag));
  const key = tags.findIndex(({ type, timestampMs, body }) => {
    return type === TagType.video && timestampMs >= 1000 && body[0] === 0x17 && body[1] === 1;
  });
  const soundFirst = tags.slice(0, key).filter(({ type }) => type === TagType.audio);
  const startMs = tags[key]?.timestampMs ?? 0;
  return await save([
    ...soundFirst,
    ...header.map((tag) => ({ ...tag, timestampMs: startMs })),
    ...tags.slice(key),
  ]);
}

/** The same with all timestamps moved on, but for the sequence headers: ffmpeg sends those at 0. */
export async function shifted(sample: Sample, shiftMs: number): Promise<Sample> {
  const later = (tag: Tag) => ({ ...tag, timestampMs: (tag.timestampMs + shiftMs) >>> 0 });
  return await save(sample.tags.map((tag) => (isSequenceHeader(tag) ? tag : later(tag))));
}

export async function save(tags: readonly Tag[]): Promise<Sample> {
  const path = await newPath();
  const bytes = writeFlv(tags);
  await Bun.write(path, bytes);
  return { path, flags: bytes[4] ?? 0, tags };
}

async function runFfmpeg(options: string): Promise<Sample> {
  const path = await newPath();
  await runProcess([...FFMPEG, "-loglevel", "error", ...options.split(" "), "-f", "flv", path]);
  return { path, ...(await readFlvFile(path)) };
}

let folder: Promise<string> | undefined;
let fileCount = 0;

/** In a folder that goes with the test file, and the samples with it. */
afterAll(async () => {
  encoded.clear();
  if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
  folder = undefined;
});

async function newPath(): Promise<string> {
  folder ??= mkdtemp(join(tmpdir(), "nway-wx-samples-"));
  return join(await folder, `${++fileCount}.flv`);
}
