import { expect, test } from "bun:test";
import { encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { type Message, MessageType } from "../../../src/protocols/rtmp/message.ts";
import { messageToFrame } from "../../../src/servers/rtmp/to-stream.ts";

const ABOUT = encodeAmf0("onMetaData", { audiocodecid: 10 });
const MARKED = Buffer.concat([encodeAmf0("@setDataFrame"), ABOUT]);
const WRAPPED = Buffer.concat([Uint8Array.of(0), MARKED]);

function message(typeId: number, payload: Uint8Array): Message {
  return { chunkStreamId: 4, typeId, streamId: 1, timestampMs: 7, payload };
}

test("sound and pictures keep their bytes and time", () => {
  const aac = Uint8Array.of(0xaf, 1, 2, 3);
  const avc = Uint8Array.of(0x17, 0, 0, 0, 0, 1);
  expect(messageToFrame(message(MessageType.audio, aac))).toEqual({
    ...{ kind: "audio", codec: "AAC", role: "key", timestampMs: 7, wire: [] },
    body: aac,
  });
  expect(messageToFrame(message(MessageType.video, avc))).toEqual({
    ...{ kind: "video", codec: "H264", role: "config", timestampMs: 7, wire: [] },
    body: avc,
  });
});

test.each([
  { sender: "a server", typeId: MessageType.dataAmf0, payload: ABOUT },
  { sender: "ffmpeg, with @setDataFrame", typeId: MessageType.dataAmf0, payload: MARKED },
  { sender: "Flash Player, as AMF3", typeId: MessageType.dataAmf3, payload: WRAPPED },
])("metadata of $sender", ({ typeId, payload }) => {
  const frame = messageToFrame(message(typeId, payload));
  expect([frame?.kind, frame?.role]).toEqual(["data", "metadata"]);
  expect(Buffer.from(frame?.body ?? [])).toEqual(Buffer.from(ABOUT));
});

test("empty messages and other types carry no frame", () => {
  for (const typeId of [MessageType.audio, MessageType.video, MessageType.dataAmf0]) {
    expect(messageToFrame(message(typeId, new Uint8Array(0)))).toBeUndefined();
  }
  expect(messageToFrame(message(MessageType.commandAmf0, ABOUT))).toBeUndefined();
});

test("metadata that ends within @setDataFrame passes as it is", () => {
  for (let length = 1; length < encodeAmf0("@setDataFrame").length; length++) {
    const cut = MARKED.subarray(0, length);
    expect(messageToFrame(message(MessageType.dataAmf0, cut))?.body).toEqual(cut);
  }
});
