import { bodyLength, RequestHeadReader } from "../../src/protocols/http/request-head.ts";
import { isUpgrade, validateUpgrade } from "../../src/protocols/websocket/handshake.ts";
import { readFixture } from "../protocols/fixtures.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

export const target: FuzzTarget = {
  name: "http-head",
  seeds: [
    readFixture("http/curl-get.bin"),
    readFixture("http/gstreamer-get.bin"),
    readFixture("http/curl-post-chunked.bin").subarray(0, 250),
    readFixture("websocket/bun-client.bin").subarray(0, 300),
  ],
  run(input) {
    compareSplit(input, (note) => {
      const reader = new RequestHeadReader(1024);
      let isDone = false;
      return (bytes) => {
        const result = isDone ? undefined : reader.push(bytes);
        if (result === undefined) return;
        isDone = true;
        const { head } = result;
        note(head.path, bodyLength(head), head.headers.size);
        if (isUpgrade(head)) note(validateUpgrade(head).key);
      };
    });
  },
};
