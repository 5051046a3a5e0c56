import { splitAggregate } from "../../src/protocols/rtmp/aggregate.ts";
import { decodeCommand } from "../../src/protocols/rtmp/command.ts";
import {
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
  MessageType,
} from "../../src/protocols/rtmp/message.ts";
import { messageToFrame } from "../../src/servers/rtmp/to-stream.ts";
import {
  decodeAcknowledgement,
  decodeSetPeerBandwidth,
  encodeAbort,
} from "../protocols/rtmp/peer-messages.ts";
import { decodeParts, RECORDINGS, readChunks } from "../protocols/rtmp/recorded.ts";
import type { FuzzTarget } from "./fuzz.ts";

const DECODERS: Readonly<Record<number, (message: Message) => unknown>> = {
  [MessageType.setChunkSize]: decodeSetChunkSize,
  [MessageType.abort]: decodeAbort,
  [MessageType.acknowledgement]: decodeAcknowledgement,
  [MessageType.userControl]: decodeUserControl,
  [MessageType.windowAckSize]: decodeWindowAckSize,
  [MessageType.setPeerBandwidth]: decodeSetPeerBandwidth,
  [MessageType.dataAmf3]: messageToFrame,
  [MessageType.commandAmf3]: decodeCommand,
  [MessageType.dataAmf0]: messageToFrame,
  [MessageType.commandAmf0]: decodeCommand,
  [MessageType.aggregate]: splitAggregate,
};

const controls = [
  encodeSetChunkSize(4096),
  encodeAbort(5),
  encodeAcknowledgement(1),
  encodeWindowAckSize(1),
  encodeSetPeerBandwidth(1, 2),
  encodeUserControl({ event: 3, value: 1, bufferMs: 100 }),
];
const recorded = RECORDINGS.flatMap((name) => decodeParts([readChunks(name)])).filter(
  ({ typeId }) => typeId in DECODERS,
);
/** An audio and a video message. */
const aggregate = Uint8Array.fromHex(
  "08000003 00001000 000000 af0101 0000000e 09000002 00002000 000000 1701 0000000d".replaceAll(" ", ""),
);

/** The type in the first byte, the payload after it. */
function toSeed(typeId: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(typeId, ...payload);
}

export const target: FuzzTarget = {
  name: "rtmp-messages",
  seeds: [
    toSeed(MessageType.aggregate, aggregate),
    ...[...controls, ...recorded].map(({ typeId, payload }) => toSeed(typeId, payload)),
  ],
  run(input) {
    const typeId = input[0] ?? 0;
    DECODERS[typeId]?.({ chunkStreamId: 3, typeId, streamId: 1, timestampMs: 0, payload: input.subarray(1) });
  },
};
