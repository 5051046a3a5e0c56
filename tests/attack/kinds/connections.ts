import type { Attacks } from "../attack.ts";
import { http, rtmpHandshake, sipRequest, upgrade } from "../messages.ts";
import { connect, drip, empty, type Flooder } from "../sockets.ts";

/** So many connections a second as one address may be expected to flood with. */
const CONNECTS_A_SECOND = 5_000;
const CONNECTS_AT_ONCE = 50;

/** Connects without end and keeps the newest `kept`. */
export async function connectAll(
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

const longHead = http("GET /ws HTTP/1.1", `X: ${"y".repeat(200)}`);

export const CONNECTIONS: Attacks = {
  "all media places": ({ ports: { rtmp, flv } }, untilMs) => connectAll([rtmp, flv], 4_000, untilMs),
  "all media places, after the handshake": ({ ports }, untilMs) =>
    connectAll([ports.rtmp], 4_000, untilMs, rtmpHandshake),
  "10,000 WebSockets": ({ ports }, untilMs) =>
    connectAll([ports.signaling], 10_000, untilMs, () => upgrade()),
  "connects without end": ({ ports: { signaling, rtmp, flv } }, untilMs) =>
    connectAll([signaling, rtmp, flv], 0, untilMs),
  "half-open on every port": ({ ports: { signaling, rtmp, flv, api, sip } }, untilMs) =>
    connectAll([signaling, rtmp, flv, api, sip], 1_000, untilMs),
  "slow-loris on every port": async ({ ports: { signaling, rtmp, flv, api, sip } }, untilMs) => {
    await Promise.all([
      drip([signaling, flv, api], longHead, untilMs),
      drip([rtmp], rtmpHandshake(), untilMs),
      drip([sip], sipRequest("INVITE", "slow", 5060, 100), untilMs),
    ]);
  },
};
