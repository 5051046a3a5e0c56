import { ChunkedDecoder } from "../../src/protocols/http/chunked.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

export const target: FuzzTarget = {
  name: "http-chunked",
  seeds: [
    "5\r\nHello\r\n0\r\n\r\n",
    '3;name="value"\r\nabc\r\n00000A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n',
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    compareSplit(input, (note) => {
      const decoder = new ChunkedDecoder();
      let isFinished = false;
      return (bytes) => {
        const wasFinished = isFinished;
        isFinished = decoder.push(bytes, (data) => {
          for (const byte of data) note(byte);
        });
        if (isFinished && !wasFinished) note("finished");
      };
    });
  },
};
