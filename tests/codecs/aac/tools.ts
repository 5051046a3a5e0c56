import { BitReader } from "../../../src/bytes/bit-reader.ts";
import { rateIndexOf } from "../../../src/codecs/aac/audio-specific-config.ts";
import { NOISE_BOOK } from "../../../src/codecs/aac/band-data.ts";
import { Channel } from "../../../src/codecs/aac/channel.ts";
import { StereoData } from "../../../src/codecs/aac/stereo.ts";
import type { AdtsStream } from "./adts.ts";

/** In how many access units the first channel, or the pair, uses each coding tool. */
export type ToolCounts = {
  shortWindows: number;
  kaiserWindows: number;
  tns: number;
  noise: number;
  escapes: number;
  ownWindows: number;
  stereoMask: number;
};

/** Of units that begin with the sound; others count nothing. */
export function countTools({ sampleRate, channelCount, units }: AdtsStream): ToolCounts {
  const counts = {
    shortWindows: 0,
    kaiserWindows: 0,
    tns: 0,
    noise: 0,
    escapes: 0,
    ownWindows: 0,
    stereoMask: 0,
  };
  const channel = new Channel(rateIndexOf(sampleRate));
  const reader = new BitReader(8192, "unit");
  for (const unit of units) {
    reader.load(unit);
    if (reader.read(3) !== channelCount - 1) continue;
    reader.skip(4);
    if (channelCount === 2) countPair(reader, channel, counts);
    else channel.readSideInfo(reader, false);
    const { info, bands, tns } = channel;
    const books = bands.books.subarray(0, info.groupCount * info.bandCount);
    counts.shortWindows += Number(info.isShort);
    counts.kaiserWindows += info.shape;
    counts.tns += Number(tns.filterCount > 0);
    counts.noise += Number(books.includes(NOISE_BOOK));
    counts.escapes += Number(books.includes(11));
  }
  return counts;
}

function countPair(reader: BitReader, channel: Channel, counts: ToolCounts): void {
  const hasCommonWindow = reader.readFlag();
  if (hasCommonWindow) {
    channel.info.read(reader);
    if (reader.peek32() >>> 30 !== 0) counts.stereoMask++;
    new StereoData().read(reader, channel.info);
  } else {
    counts.ownWindows++;
  }
  channel.readSideInfo(reader, hasCommonWindow);
}
