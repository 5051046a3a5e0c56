import type { Tag } from "../../../src/protocols/flv/tag.ts";
import { encode } from "../media/samples.ts";

const sound = (rate = 48_000) => `-f lavfi -i sine=frequency=440:sample_rate=${rate}`;
const picture = (size = "320x240") => `-f lavfi -i testsrc2=size=${size}:rate=15`;
const AAC = "-c:a aac -b:a 48k";
const H264 = "-c:v libx264 -preset ultrafast -tune zerolatency -g 15 -pix_fmt yuv420p";

/** Half a minute as a telephone sends it, a key frame each second. */
export const soundAndPicture = async (size?: string): Promise<readonly Tag[]> =>
  (await encode(`${picture(size)} ${sound()} -t 30 ${AAC} ${H264}`)).tags;
export const soundAt = async (rate: number): Promise<readonly Tag[]> =>
  (await encode(`${sound(rate)} -t 30 ${AAC}`)).tags;
