import { ChunkDecoder, MEDIA_LIMITS } from "../../src/protocols/rtmp/chunk-decoder.ts";
import { encodeChunks } from "../../src/protocols/rtmp/chunk-encoder.ts";
import { encodeSetChunkSize } from "../../src/protocols/rtmp/message.ts";
import { encodeAbort } from "../protocols/rtmp/peer-messages.ts";
import { RECORDINGS, readChunks } from "../protocols/rtmp/recorded.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

/** Enough for every kind of message, short enough to run a million times. */
const SEED_BYTES = 1536;

const media = (chunkStreamId: number, timestampMs: number) =>
  encodeChunks({ chunkStreamId, typeId: 9, streamId: 1, timestampMs, payload: new Uint8Array(7) }, 3);

/** Extended timestamps left out on type 3, before payloads that begin like them. */
const leftOut = Uint8Array.fromHex(
  [
    "02 000000 000004 01 00000000 00000002",
    "04 ffffff 000008 08 01000000 01020304 0102 c4 0102 c4 0305 c4 0607",
    "05 ffffff 000005 08 01000000 01c50203 0102 c5 01c5 c5 01 c5 01c5 c5 0203 c5 04",
  ]
    .join("")
    .replaceAll(" ", ""),
);

/** Small chunks, extended timestamps, all lengths of the basic header, an abort in the middle of a message. */
const corners = [
  encodeChunks(encodeSetChunkSize(3), 128),
  media(3, 0xfffffe),
  media(64, 0xffffffff),
  media(65_599, 1).subarray(0, -5),
  encodeChunks(encodeAbort(65_599), 3),
  media(3, 7),
  Uint8Array.fromHex("c3010203c3040506c307"),
];

export const target: FuzzTarget = {
  name: "rtmp-chunks",
  seeds: [
    new Uint8Array(Buffer.concat(corners)),
    leftOut,
    ...RECORDINGS.map((name) => readChunks(name).slice(0, SEED_BYTES)),
  ],
  run(input) {
    compareSplit(input, (note) => {
      const decoder = new ChunkDecoder({ ...MEDIA_LIMITS, maxMessageBytes: 65_536 });
      return (bytes) =>
        decoder.push(bytes, ({ typeId, timestampMs, payload }) => note(typeId, timestampMs, payload.length));
    });
  },
};
