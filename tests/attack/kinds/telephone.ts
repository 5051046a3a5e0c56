import { readFileSync } from "node:fs";
import { type Attack, type Attacks, demand } from "../attack.ts";
import { sipRequest } from "../messages.ts";
import { flood } from "../sockets.ts";

/** SIP from an address that may call, so many requests a second. */
function sipFlood(method: string, perSecond: number, bodyByteCount = 0): Attack {
  return async ({ ports }, untilMs) => {
    const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0, socket: { data() {}, error() {} } });
    await sendPaced(perSecond, untilMs, (number) =>
      socket.send(sipRequest(method, `${number}`, socket.port, bodyByteCount), ports.sip, "127.0.0.1"),
    );
    socket.close();
  };
}

async function sendPaced(
  perSecond: number,
  untilMs: number,
  send: (number: number) => unknown,
): Promise<void> {
  let sentCount = 0;
  for (const startMs = performance.now(); performance.now() < untilMs; await Bun.sleep(5)) {
    const dueCount = ((performance.now() - startMs) * perSecond) / 1000;
    for (; sentCount < dueCount; sentCount++) send(sentCount);
  }
}

const RTP_PORTS = { from: 12_000, to: 15_999 };
const STRANGERS_PACKETS_A_SECOND = 10_000;

/** Loud PCMA of somebody who is not in the call, to each port that RTP or RTCP may come to. */
function strangersRtp(host: string): Attack {
  return async (_, untilMs) => {
    let heardCount = 0;
    const heard = () => {
      heardCount += 1;
    };
    const socket = await Bun.udpSocket({ hostname: host, port: 0, socket: { data: heard, error() {} } });
    const packet = new Uint8Array(172).fill(0x2a);
    packet.set([0x80, 8, 0, 0, 0, 0, 0, 0, 0x0b, 0xad, 0xca, 0x11]);
    const view = new DataView(packet.buffer);
    const ports = listUdpPorts();
    await sendPaced(STRANGERS_PACKETS_A_SECOND, untilMs, (number) => {
      const round = Math.floor(number / ports.length);
      view.setUint16(2, round);
      view.setUint32(4, round * 160);
      try {
        socket.send(packet, ports[number % ports.length] ?? 0, "127.0.0.1");
      } catch {
        // Nobody is there any more.
      }
    });
    socket.close();
    demand(heardCount === 0, `a stranger was sent ${heardCount} packets of somebody's call`);
  };
}

/** Of all that is bound on this machine, those where RTP may be. */
function listUdpPorts(): number[] {
  const rows = readFileSync("/proc/net/udp", "utf8").trim().split("\n").slice(1);
  const ports = rows.map((row) => Number.parseInt(row.trim().split(/\s+/)[1]?.split(":")[1] ?? "", 16));
  return ports.filter((port) => port >= RTP_PORTS.from && port <= RTP_PORTS.to);
}

const garbage = crypto.getRandomValues(new Uint8Array(16_384));
const giantMessage = sipRequest("INVITE", "giant", 5060, 60_000_000).subarray(0, 60_000);

export const TELEPHONE: Attacks = {
  "SIP INVITEs never acknowledged": sipFlood("INVITE", 500),
  "SIP OPTIONS": sipFlood("OPTIONS", 7_100),
  "SIP INVITEs of 60 KB": sipFlood("INVITE", 300, 59_000),
  "junk over SIP's TCP": ({ ports }, untilMs) =>
    flood(
      ports.sip,
      20,
      untilMs,
      () => garbage,
      () => garbage,
    ),
  "giant messages over SIP's TCP": ({ ports }, untilMs) =>
    flood(
      ports.sip,
      20,
      untilMs,
      () => giantMessage,
      () => garbage,
    ),
  "RTP of strangers": strangersRtp("127.0.0.2"),
  "RTP of strangers on FreeSWITCH's host": strangersRtp("127.0.0.1"),
};
