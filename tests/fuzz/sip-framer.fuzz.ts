import { SipFramer } from "../../src/protocols/sip/framer.ts";
import { isRequest } from "../../src/protocols/sip/message.ts";
import { readRecording } from "../protocols/sip/recorded.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

const datagrams = readRecording("inbound_callercancel").map(({ bytes }) => bytes);

export const target: FuzzTarget = {
  name: "sip-framer",
  seeds: [
    new Uint8Array(Buffer.concat(datagrams)),
    new TextEncoder().encode("\r\n\r\nA b SIP/2.0\r\nl: 2\r\n\r\nxy\r\n\r\n"),
  ],
  run(input) {
    compareSplit(input, (note) => {
      const framer = new SipFramer();
      return (bytes) =>
        framer.push(bytes, (framed) => {
          note(framed.kind);
          if (framed.kind === "ping") return;
          const { message } = framed;
          note(isRequest(message) ? message.method : message.status, message.headers.fields.length);
          note(message.body.length);
        });
    });
  },
};
