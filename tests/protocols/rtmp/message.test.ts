import { describe, expect, test } from "bun:test";
import {
  BandwidthLimit,
  decodeAbort,
  decodeSetChunkSize,
  decodeUserControl,
  decodeWindowAckSize,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeSetPeerBandwidth,
  encodeUserControl,
  encodeWindowAckSize,
  type Message,
  UserControlEvent,
} from "../../../src/protocols/rtmp/message.ts";
import { decodeAcknowledgement, decodeSetPeerBandwidth, encodeAbort } from "./peer-messages.ts";
import { decodeParts, RECORDINGS, readChunks } from "./recorded.ts";

type Row = [
  name: string,
  typeId: number,
  hex: string,
  encoded: Message,
  decode: (message: Message) => unknown,
  value: unknown,
];

/** After sections 5.4 and 7.1.7. */
const ROWS: readonly Row[] = [
  ["setChunkSize", 1, "00001000", encodeSetChunkSize(4096), decodeSetChunkSize, 4096],
  ["abort", 2, "00000004", encodeAbort(4), decodeAbort, 4],
  ["acknowledgement", 3, "fffffffe", encodeAcknowledgement(0xfffffffe), decodeAcknowledgement, 0xfffffffe],
  ["windowAckSize", 5, "002625a0", encodeWindowAckSize(2_500_000), decodeWindowAckSize, 2_500_000],
  [
    "setPeerBandwidth",
    6,
    "002625a002",
    encodeSetPeerBandwidth(2_500_000, BandwidthLimit.dynamic),
    decodeSetPeerBandwidth,
    { byteCount: 2_500_000, limit: 2 },
  ],
  ...(
    [
      ["000000000001", { event: UserControlEvent.streamBegin, value: 1 }],
      ["000100000001", { event: UserControlEvent.streamEof, value: 1 }],
      ["000200000001", { event: UserControlEvent.streamDry, value: 1 }],
      ["0003000000010000012c", { event: UserControlEvent.setBufferLength, value: 1, bufferMs: 300 }],
      ["000400000001", { event: UserControlEvent.streamIsRecorded, value: 1 }],
      ["0006499602d2", { event: UserControlEvent.pingRequest, value: 1_234_567_890 }],
      ["0007499602d2", { event: UserControlEvent.pingResponse, value: 1_234_567_890 }],
    ] as const
  ).map(
    ([hex, value]): Row => [
      `user control ${value.event}`,
      4,
      hex,
      encodeUserControl(value),
      decodeUserControl,
      value,
    ],
  ),
];

describe.each(ROWS)("%s", (_, typeId, hex, encoded, decode, value) => {
  test("encodes, on the streams for control", () => {
    const payload = Uint8Array.fromHex(hex);
    expect(encoded).toEqual({ chunkStreamId: 2, typeId, streamId: 0, timestampMs: 0, payload });
  });

  test("decodes", () => {
    expect(decode(encoded)).toEqual(value);
  });

  test("is refused at every truncation", () => {
    for (let length = 0; length < encoded.payload.length; length++) {
      const message = { ...encoded, payload: encoded.payload.subarray(0, length) };
      expect(() => decode(message)).toThrow("rtmp.control.truncated (need");
    }
  });
});

test("control messages of real peers decode and encode to the same bytes", () => {
  const again: Readonly<Record<number, (message: Message) => Message>> = {
    4: (message) => encodeUserControl(decodeUserControl(message)),
    5: (message) => encodeWindowAckSize(decodeWindowAckSize(message)),
    6: (message) => {
      const { byteCount, limit } = decodeSetPeerBandwidth(message);
      return encodeSetPeerBandwidth(byteCount, limit);
    },
  };
  const found = RECORDINGS.flatMap((name) => decodeParts([readChunks(name)])).filter(
    ({ typeId }) => typeId in again,
  );
  expect(new Set(found.map(({ typeId }) => typeId))).toEqual(new Set([4, 5, 6]));
  expect(found.map((message) => again[message.typeId]?.(message).payload)).toEqual(
    found.map(({ payload }) => payload),
  );
});

test("an acknowledgement counts modulo 2^32", () => {
  expect(encodeAcknowledgement(2 ** 32 + 7).payload.toHex()).toBe("00000007");
});

test("unknown events may carry anything", () => {
  const decodeEvent = (hex: string) =>
    decodeUserControl({ ...encodeAbort(0), payload: Uint8Array.fromHex(hex) });
  expect(decodeEvent("001a")).toEqual({ event: 26, value: 0 });
  expect(decodeEvent("001f00000001")).toEqual({ event: 31, value: 1 });
  expect(decodeEvent("001b000000010203")).toEqual({ event: 27, value: 1 });
});
