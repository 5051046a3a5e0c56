import { decodeClose } from "../../src/protocols/websocket/close.ts";
import { Opcode } from "../../src/protocols/websocket/frame.ts";
import { FrameDecoder } from "../../src/protocols/websocket/frame-decoder.ts";
import { MessageAssembler } from "../../src/protocols/websocket/message-assembler.ts";
import { fromHex, readFixture } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

const maxPayloadBytes = 65_536;
const bunClient = readFixture("websocket/bun-client.bin");

export const target: FuzzTarget = {
  name: "websocket",
  seeds: [
    bunClient.subarray(Buffer.from(bunClient).indexOf("\r\n\r\n") + 4),
    fromHex("01 83 37fa213d 7f9f4d 89 80 00000000 80 82 37fa213d 5b95 88 85 01020304 02ea 656867"),
    fromHex("82 fe 0004 00000000 01020304 82 ff 0000000000000004 00000000 01020304 8a 80 11223344"),
  ],
  run(input) {
    compareSplit(input, (note) => {
      const decoder = new FrameDecoder({ maxPayloadBytes, masked: true });
      const assembler = new MessageAssembler({ maxMessageBytes: maxPayloadBytes });
      return (bytes) =>
        decoder.push(bytes, (frame) => {
          const message = assembler.push(frame);
          if (message === undefined) return;
          note(message.opcode, message.payload.length, message.payload[0], message.payload.at(-1));
          if (message.opcode === Opcode.close) note(decodeClose(message.payload).code);
        });
    });
  },
};
