import { AppError } from "../../src/errors.ts";
import { STREAM_KEY } from "../../src/media/gate.ts";
import { RequestHeadReader } from "../../src/protocols/http/request-head.ts";
import { parseFlvRequest, preflightHead } from "../../src/servers/flv/request.ts";
import { parseStreamName } from "../../src/servers/rtmp/stream-name.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** What a stream is called, over RTMP and in the request line of FLV: a key is a key, and no answer gets a line from the peer. */
export const target: FuzzTarget = {
  name: "stream-name",
  seeds: [
    "a-key?token=00112233445566778899aabbccddeeff",
    "/live/a-key.flv?token=a&token=b&action=publish",
    "../../etc/passwd.flv?token=%0d%0aSet-Cookie:%20a",
    "/live/%2e%2e%2fkey.flv",
    "live/a-key",
    "",
  ].map((text) => encoder.encode(text)),
  run(input) {
    const text = decoder.decode(input);
    for (const name of [
      parseStreamName(text, "live"),
      parseStreamName("", text),
      parseStreamName(text, text),
    ]) {
      if (name !== undefined && !STREAM_KEY.test(name.key)) throw new Error(`key ${name.key}`);
    }
    const ended = `HTTP/1.1\r\nHost: a\r\nOrigin: ${text}\r\nAccess-Control-Request-Headers: ${text}\r\n\r\n`;
    const request = Uint8Array.from(`GET ${text} ${ended}`, (character) => character.charCodeAt(0));
    const read = new RequestHeadReader().push(request);
    if (read === undefined) throw new AppError("peer", "test.incomplete");
    const asked = parseFlvRequest(read.head);
    if (typeof asked === "object" && !STREAM_KEY.test(asked.key)) throw new Error(`key ${asked.key}`);
    const lines = decoder.decode(preflightHead(read.head)).split("\r\n");
    const odd = lines
      .slice(1, -2)
      .filter((line) => !/^(?:Access-Control-[\w-]+|Connection|Vary): [ -~]+$/.test(line));
    if (odd.length > 0) throw new Error(`answered ${odd.join(" | ")}`);
  },
};
