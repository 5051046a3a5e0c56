import { Opcode } from "../../../src/protocols/websocket/frame.ts";
import type { Attack, Attacks } from "../attack.ts";
import { fragment, frame, frameHead, http, option, ping, registration, times, upgrade } from "../messages.ts";
import { empty, flood, nothing } from "../sockets.ts";

/** Frames of strangers, on so many sockets. */
function signalingFlood(count: number, more: () => Uint8Array, greet = () => upgrade()): Attack {
  return ({ ports }, untilMs) => flood(ports.signaling, count, untilMs, greet, more);
}

let order = 0;
const deepFrame = frame("[".repeat(60_000));
const deepSmallFrame = frame("[".repeat(4_000));
const garbage = crypto.getRandomValues(new Uint8Array(16_384));
const manyOptions = () => Buffer.concat(Array.from({ length: 200 }, () => frame(option(++order))));
const giantKey = frame(`{"${"k".repeat(60_000)}":1}`);
const manyMembers = frame(`{${Array.from({ length: 6_000 }, (_, n) => `"m${n}":0`).join()}}`);
const promisedGiant = Buffer.concat([frameHead(Opcode.text, 2n ** 62n), new Uint8Array(8_192)]);

export const SIGNALING: Attacks = {
  "deep JSON": signalingFlood(1, () => deepFrame),
  "small option frames": signalingFlood(1, manyOptions),
  "option frames on 60 sockets": signalingFlood(60, manyOptions),
  "deep small JSON on 60 sockets": signalingFlood(60, () => times(deepSmallFrame, 4)),
  "giant JSON of one key, and of many members": signalingFlood(20, () =>
    Buffer.concat([giantKey, manyMembers]),
  ),
  "frames that promise 4 exabytes": signalingFlood(60, () => promisedGiant),
  "garbage after the upgrade": signalingFlood(20, () => garbage),
  "WebSocket pings": signalingFlood(20, () => times(ping(), 2_000)),
  "empty fragments": signalingFlood(20, () => times(fragment(Opcode.continuation), 2_000)),
  "giant heads": signalingFlood(
    60,
    () => http("GET / HTTP/1.1", `X: ${"y".repeat(60_000)}`),
    () => empty(),
  ),
  "pipelined requests": ({ ports }, untilMs) =>
    flood(ports.signaling, 20, untilMs, empty, () => times(http("GET / HTTP/1.1"), 500)),
  "pipelined requests to the API": ({ ports }, untilMs) =>
    flood(ports.api, 20, untilMs, empty, () => times(http("GET /healthz HTTP/1.1"), 500)),
  "giant and deep orders to the API": ({ ports }, untilMs) =>
    flood(
      ports.api,
      60,
      untilMs,
      () =>
        Buffer.concat([
          http("POST /api/call HTTP/1.1", "Content-Type: application/json", "Content-Length: 8000"),
          Buffer.from("[".repeat(8_000)),
        ]),
      nothing,
    ),
  "wrong passwords": ({ ports }, untilMs) =>
    flood(
      ports.signaling,
      20,
      untilMs,
      () => Buffer.concat([upgrade(), frame(registration("user0", `${++order}`))]),
      nothing,
    ),
};
