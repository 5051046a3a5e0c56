import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { Opcode } from "../../src/protocols/websocket/frame.ts";
import type { Gateway } from "../peers/gateway.ts";
import {
  fragment,
  frame,
  http,
  option,
  ping,
  registration,
  rtmpCommand,
  rtmpHandshake,
  rtmpLogin,
  rtmpMessage,
  rtmpPing,
  sipRequest,
  times,
  upgrade,
} from "./messages.ts";
import { connect, type Flooder, flood } from "./sockets.ts";

export type Ports = Gateway["ports"];
type Attack = (ports: Ports, untilMs: number) => Promise<void>;

const nothing = () => undefined;
const empty = (): Uint8Array => new Uint8Array(0);

/** Frames of strangers, on so many sockets. */
function signalingFlood(count: number, more: () => Uint8Array): Attack {
  return ({ signaling }, untilMs) => flood(signaling, count, untilMs, () => upgrade(), more);
}

function rtmpFlood(count: number, more: () => Uint8Array | undefined, greet = rtmpHandshake): Attack {
  return ({ rtmp }, untilMs) => flood(rtmp, count, untilMs, greet, more);
}

/** SIP from an address that may call, so many requests a second. */
function sipFlood(method: string, perSecond: number, bodyByteCount = 0): Attack {
  return async ({ sip }, untilMs) => {
    const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0, socket: { data() {}, error() {} } });
    let sentCount = 0;
    for (const startMs = performance.now(); performance.now() < untilMs; await Bun.sleep(5)) {
      const dueCount = ((performance.now() - startMs) * perSecond) / 1000;
      for (; sentCount < dueCount; sentCount++) {
        socket.send(sipRequest(method, `${sentCount}`, socket.port, bodyByteCount), sip, "127.0.0.1");
      }
    }
    socket.close();
  };
}

/** One byte of the text each half a second, on each of the ports. */
async function drip(ports: readonly number[], text: Uint8Array, untilMs: number): Promise<void> {
  const sockets: Flooder[] = [];
  for (const port of ports) {
    for (let n = 0; n < 200; n++) {
      const socket = await connect(port);
      if (socket !== undefined) sockets.push(socket);
    }
  }
  for (let at = 0; performance.now() < untilMs; at++) {
    for (const socket of sockets) socket.write(text.subarray(at % text.length, (at % text.length) + 1));
    await Bun.sleep(500);
  }
  for (const socket of sockets) socket.close();
}

/** So many connections a second as one address may be expected to flood with. */
const CONNECTS_A_SECOND = 5_000;
const CONNECTS_AT_ONCE = 50;

/** Connects without end and keeps the newest `kept`. */
async function connectAll(
  ports: readonly number[],
  kept: number,
  untilMs: number,
  greet = empty,
): Promise<void> {
  const sockets: Flooder[] = [];
  for (
    let nextMs = performance.now();
    nextMs < untilMs;
    nextMs += (1000 * CONNECTS_AT_ONCE) / CONNECTS_A_SECOND
  ) {
    await Bun.sleep(nextMs - performance.now());
    const opened = await Promise.all(
      Array.from({ length: CONNECTS_AT_ONCE }, (_, n) => connect(ports[n % ports.length] ?? 0)),
    );
    for (const socket of opened) {
      if (socket === undefined) continue;
      const greeting = greet();
      if (greeting.length > 0) socket.write(greeting);
      sockets.push(socket);
    }
    for (const old of sockets.splice(0, Math.max(0, sockets.length - kept))) old.close();
  }
  for (const socket of sockets) socket.close();
}

let order = 0;
const deepFrame = frame("[".repeat(60_000));
const deepSmallFrame = frame("[".repeat(4_000));
const garbage = crypto.getRandomValues(new Uint8Array(16_384));
const manyOptions = () => Buffer.concat(Array.from({ length: 200 }, () => frame(option(++order))));
const hugeCommand = rtmpCommand("connect", Array<null>(60_000).fill(null));
const unfinishedVideo = rtmpMessage(MessageType.video, new Uint8Array(4_000_000), 4).subarray(0, 100_000);
const openings = Buffer.concat(
  Array.from({ length: 60 }, (_, n) =>
    rtmpMessage(MessageType.video, new Uint8Array(130), 3 + n).subarray(0, 140),
  ),
);

/** By name. The first tells what the machine itself does to calls. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  "nobody attacks": (_, untilMs) => Bun.sleep(untilMs - performance.now()),
  "deep JSON": signalingFlood(1, () => deepFrame),
  "small option frames": signalingFlood(1, manyOptions),
  "option frames on 60 sockets": signalingFlood(60, manyOptions),
  "deep small JSON on 60 sockets": signalingFlood(60, () => times(deepSmallFrame, 4)),
  "garbage after the upgrade": signalingFlood(20, () => garbage),
  "WebSocket pings": signalingFlood(20, () => times(ping(), 2_000)),
  "empty fragments": signalingFlood(20, () => times(fragment(Opcode.continuation), 2_000)),
  "RTMP pings on 60 sockets": rtmpFlood(60, () => times(rtmpPing(), 500)),
  "huge AMF commands": rtmpFlood(20, () => hugeCommand),
  "unfinished RTMP messages": rtmpFlood(150, nothing, () =>
    Buffer.concat([rtmpHandshake(), unfinishedVideo]),
  ),
  "chunk streams of a byte": rtmpFlood(500, nothing, () => Buffer.concat([rtmpHandshake(), openings])),
  "garbage on RTMP": rtmpFlood(
    20,
    () => garbage,
    () => garbage,
  ),
  "all media places": ({ rtmp, flv }, untilMs) => connectAll([rtmp, flv], 4_000, untilMs),
  "all media places, after the handshake": ({ rtmp }, untilMs) =>
    connectAll([rtmp], 4_000, untilMs, rtmpHandshake),
  "10,000 WebSockets": ({ signaling }, untilMs) => connectAll([signaling], 10_000, untilMs, () => upgrade()),
  "connects without end": ({ signaling, rtmp, flv }, untilMs) =>
    connectAll([signaling, rtmp, flv], 0, untilMs),
  "half-open HTTP": ({ signaling, flv }, untilMs) =>
    flood(signaling, 200, untilMs, empty, nothing).then(() => drip([flv], http("GET /"), untilMs)),
  "slow-loris on every port": ({ signaling, rtmp, flv, api }, untilMs) =>
    drip([signaling, rtmp, flv, api], http("GET /ws HTTP/1.1", `X: ${"y".repeat(200)}`), untilMs),
  "pipelined requests": ({ signaling }, untilMs) =>
    flood(signaling, 20, untilMs, empty, () => times(http("GET / HTTP/1.1"), 500)),
  "pipelined requests to the API": ({ api }, untilMs) =>
    flood(api, 20, untilMs, empty, () => times(http("GET /healthz HTTP/1.1"), 500)),
  "wrong tokens over RTMP": rtmpFlood(60, nothing, () =>
    rtmpLogin("publish", "a-stream?token=00000000000000000000000000000000"),
  ),
  "bad requests on FLV": ({ flv }, untilMs) =>
    flood(
      flv,
      60,
      untilMs,
      () => http("GET /live/../../etc/passwd.flv?token=%0d%0aX HTTP/1.1", "X: \u0001"),
      nothing,
    ),
  "wrong passwords": ({ signaling }, untilMs) =>
    flood(
      signaling,
      20,
      untilMs,
      () => Buffer.concat([upgrade(), frame(registration("user0", `${++order}`))]),
      nothing,
    ),
  "SIP INVITEs never acknowledged": sipFlood("INVITE", 500),
  "SIP OPTIONS": sipFlood("OPTIONS", 7_100),
  "SIP INVITEs of 60 KB": sipFlood("INVITE", 300, 59_000),
  "junk over SIP's TCP": ({ sip }, untilMs) =>
    flood(
      sip,
      20,
      untilMs,
      () => garbage,
      () => garbage,
    ),
};
