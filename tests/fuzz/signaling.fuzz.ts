import { decodeFrame, encodeRequest, encodeResponse } from "../../src/protocols/signaling/codec.ts";
import { METHODS } from "../../src/protocols/signaling/message.ts";
import type { FuzzTarget } from "./fuzz.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const URLS = {
  caller_url: "rtmp://gw.example/live/a?token=b",
  callee_url: "rtmp://gw.example/live/c?token=d",
};

const requests = METHODS.map((method) =>
  encodeRequest({
    ...{ type: "request", method, version: "1.1", sessionid: "c0ffee", order: 7 },
    ...{ appname: "wx", protoname: "rtmp", realm: "192.0.2.1" },
    data: {
      caller_number: "lihao",
      callee_number: "9196",
      password: "1234",
      msg: "hi",
      dtmf: "12#",
      ...URLS,
    },
  }),
);
const echo = { method: "invite", version: "1.0", sessionid: "c0ffee", order: 7, protoname: "rtmp" };
const response = encodeResponse({ echo, data: { code: "200ok", msg: "OK", callee_audio: "AAC", ...URLS } });

/** Texts of WebSocket frames. Whatever is read can be written again, and then reads the same. */
export const target: FuzzTarget = {
  name: "signaling",
  seeds: [...requests, response].map((text) => encoder.encode(text)),
  run(input) {
    const frame = decodeFrame(decoder.decode(input));
    if (frame === undefined) return;
    if (frame.type === "misfit") {
      encodeResponse({ echo: frame.echo, data: { code: frame.code, msg: frame.msg } });
      return;
    }
    const again =
      frame.type === "request" ? encodeRequest(frame) : encodeResponse({ echo: frame, data: frame.data });
    if (decodeFrame(again)?.type !== frame.type) throw new Error(`reads differently: ${again}`);
  },
};
