import { describe, expect, test } from "bun:test";
import { type AmfValue, decodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { AppError } from "../../../src/errors.ts";
import {
  amf0Bytes,
  type Command,
  decodeCommand,
  encodeCommand,
} from "../../../src/protocols/rtmp/command.ts";
import type { Message } from "../../../src/protocols/rtmp/message.ts";
import { decodeParts, readChunks } from "./recorded.ts";

function message(typeId: number, hex: string): Message {
  const payload = Uint8Array.fromHex(hex.replaceAll(" ", ""));
  return { chunkStreamId: 3, typeId, streamId: 0, timestampMs: 0, payload };
}

const CREATE_STREAM = "02 000c 63726561746553747265616d 00 4010000000000000 05";
const CREATED: Command = { name: "createStream", transactionId: 4, args: [null] };

test("the commands of a publishing librtmp", () => {
  const messages = decodeParts([readChunks("librtmp/rtmp-publish-aac-h264.client.bin")]);
  const commands = messages.filter(({ typeId }) => typeId === 20).map(decodeCommand);
  const [connect, ...others] = commands;
  expect(connect?.name).toBe("connect");
  expect<unknown>(connect?.args[0]).toMatchObject({ app: "live", type: "nonprivate" });
  expect<unknown[]>(others).toEqual([
    { name: "releaseStream", transactionId: 2, args: [null, "test"] },
    { name: "FCPublish", transactionId: 3, args: [null, "test"] },
    { name: "createStream", transactionId: 4, args: [null] },
    { name: "publish", transactionId: 5, args: [null, "test", "live"] },
    { name: "FCUnpublish", transactionId: 6, args: [null, "test"] },
    { name: "deleteStream", transactionId: 7, args: [null, 1] },
  ]);
});

describe("wrappers", () => {
  test.each([
    ["AMF0", 20, CREATE_STREAM],
    ["AMF3 with its zero", 17, `00 ${CREATE_STREAM}`],
    ["AMF3 without it", 17, CREATE_STREAM],
  ])("%s", (_, typeId, hex) => {
    expect(decodeCommand(message(typeId, hex))).toEqual(CREATED);
  });

  test.each([
    ["AMF0", 18, "02 0001 61 05"],
    ["AMF3 with its zero", 15, "00 02 0001 61 05"],
    ["AMF3 without it", 15, "02 0001 61 05"],
  ])("data: %s", (_, typeId, hex) => {
    expect<AmfValue[]>(decodeAmf0(amf0Bytes(message(typeId, hex)))).toEqual(["a", null]);
  });
});

test("encodes", () => {
  expect(encodeCommand(CREATED).toHex()).toBe(CREATE_STREAM.replaceAll(" ", ""));
});

test.each([
  ["nothing", 20, "", "rtmp.bad-command (name undefined, transactionId undefined)"],
  ["no transaction id", 20, "02 0001 61", "rtmp.bad-command (name string, transactionId undefined)"],
  [
    "a name that is a number",
    20,
    "00 0000000000000000 05",
    "rtmp.bad-command (name number, transactionId object)",
  ],
  ["AMF3 values", 17, "00 02 0001 61 00 0000000000000000 11 0a0b", "amf0.amf3-not-supported (at 13)"],
])("%s is refused", (_, typeId, hex, text) => {
  expect(() => decodeCommand(message(typeId, hex))).toThrow(text);
});

test("every truncation is refused, or is the command with fewer arguments", () => {
  const whole = message(20, CREATE_STREAM).payload;
  for (let length = 0; length < whole.length; length++) {
    const cut = { ...message(20, ""), payload: whole.subarray(0, length) };
    if (length === whole.length - 1) expect(decodeCommand(cut)).toEqual({ ...CREATED, args: [] });
    else expect(() => decodeCommand(cut)).toThrow(AppError);
  }
});
