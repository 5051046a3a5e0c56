import { writeSync } from "node:fs";
import { playFlv } from "../../../src/probe/flv-client.ts";
import { parseRtmpUrl, playRtmp } from "../../../src/probe/rtmp-client.ts";
import { encodeFlvHeader, encodeTag, type Tag } from "../../../src/protocols/flv/tag.ts";

/** Plays the URL of the command line with the house's own clients and writes FLV to standard output. */
const url = process.argv[2] ?? "";
const onClose = () => process.exit(0);
const onTag = (tag: Tag): void => void writeSync(1, encodeTag(tag));

writeSync(1, encodeFlvHeader({ audio: true, video: false }));
if (url.startsWith("rtmp:")) {
  const onMedia = ({
    typeId,
    timestampMs,
    payload,
  }: {
    typeId: number;
    timestampMs: number;
    payload: Uint8Array;
  }) => onTag({ type: typeId, timestampMs, body: payload });
  await playRtmp(parseRtmpUrl(url), { onMedia, onClose });
} else {
  await playFlv(url, { onTag, onClose });
}
