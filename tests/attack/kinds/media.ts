import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import type { Attack, Attacks } from "../attack.ts";
import {
  http,
  rtmpChunkSize,
  rtmpCommand,
  rtmpDeepCommand,
  rtmpHandshake,
  rtmpMessage,
  rtmpPing,
  times,
} from "../messages.ts";
import { flood, nothing } from "../sockets.ts";

function rtmpFlood(count: number, more: () => Uint8Array | undefined, greet = rtmpHandshake): Attack {
  return ({ ports }, untilMs) => flood(ports.rtmp, count, untilMs, greet, more);
}

const garbage = crypto.getRandomValues(new Uint8Array(16_384));
const hugeCommand = rtmpCommand("connect", Array<null>(60_000).fill(null));
const deepCommand = rtmpDeepCommand(9_000);
const unfinishedVideo = rtmpMessage(MessageType.video, new Uint8Array(4_000_000), 4).subarray(0, 100_000);
const openings = Buffer.concat(
  Array.from({ length: 60 }, (_, n) =>
    rtmpMessage(MessageType.video, new Uint8Array(130), 3 + n).subarray(0, 140),
  ),
);

export const MEDIA: Attacks = {
  "RTMP pings on 60 sockets": rtmpFlood(60, () => times(rtmpPing(), 500)),
  "huge AMF commands": rtmpFlood(20, () => hugeCommand),
  "deep AMF commands": rtmpFlood(20, () => deepCommand),
  "giant chunks": rtmpFlood(60, () => Buffer.concat([rtmpChunkSize(0x7fff_ffff), unfinishedVideo])),
  "chunk sizes without end": rtmpFlood(60, () =>
    times(Buffer.concat([rtmpChunkSize(1), rtmpChunkSize(65_536)]), 300),
  ),
  "unfinished RTMP messages": rtmpFlood(150, nothing, () =>
    Buffer.concat([rtmpHandshake(), unfinishedVideo]),
  ),
  "chunk streams of a byte": rtmpFlood(500, nothing, () => Buffer.concat([rtmpHandshake(), openings])),
  "garbage on RTMP": rtmpFlood(
    20,
    () => garbage,
    () => garbage,
  ),
  "bad requests on FLV": ({ ports }, untilMs) =>
    flood(
      ports.flv,
      60,
      untilMs,
      () => http("GET /live/../../etc/passwd.flv?token=%0d%0aX HTTP/1.1", "X: \u0001"),
      nothing,
    ),
};
