import { expect, test } from "bun:test";
import { systemClock } from "../../../src/clock.ts";
import { createLogger, silentLogger } from "../../../src/log.ts";
import { RtpServer } from "../../../src/servers/rtp/rtp-server.ts";
import { waitFor } from "../../peers/wait.ts";
import { AUDIO } from "./fake-ports.ts";
import { findFreePorts, HOST, makeLoopbackPool } from "./loopback.ts";

async function startServer(pairCount: number): Promise<RtpServer> {
  const first = await findFreePorts(await makeLoopbackPool(50));
  const ports = { first, last: first + 2 * pairCount - 1 };
  return new RtpServer({ host: HOST, ports, isAllowed: () => false, clock: systemClock, log: silentLogger });
}

async function openAll(server: RtpServer) {
  const opened = [];
  for (let pair = await server.openPorts(); pair !== undefined; pair = await server.openPorts())
    opened.push(pair);
  return opened;
}

test("50 calls at once talk in pairs, and leave nothing behind", async () => {
  await using server = await startServer(60);
  const pairs = (await openAll(server)).slice(0, 50);
  expect(pairs).toHaveLength(50);
  const heard = pairs.map(() => 0);
  const digits: string[] = [];
  const sessions = pairs.map((pair, index) => {
    const peer = pairs[index ^ 1]?.rtpPort ?? 0;
    const remote = { address: HOST, rtpPort: peer, rtcpPort: peer + 1 };
    const listener = {
      onPacket() {
        heard[index] = (heard[index] ?? 0) + 1;
      },
      onDigit: (digit: string) => void digits.push(`${index}${digit}`),
      onBeat: () => {},
    };
    return pair.start({ ...AUDIO, remote }, HOST, listener, silentLogger);
  });
  sessions[2]?.sendDigits("7#");
  await waitFor("everybody heard", () => heard.every((count) => count >= 20) && digits.length === 2);
  expect(digits).toEqual(["37", "3#"]);
  const counters = sessions.map((session) => session.counters);
  expect(
    counters.every(
      ({ lostPackets, badPackets, foreignPackets }) => lostPackets + badPackets + foreignPackets === 0,
    ),
  ).toBe(true);
  expect(new Set(sessions.map(({ rtpPort }) => rtpPort)).size).toBe(50);
  await Promise.all(sessions.map((session) => session.finish()));
  expect(sessions.every(({ counters: { unsentPackets } }) => unsentPackets === 0)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(server.portCounts.taken).toBe(0);
});

test("when no port is free there is none, and what ends late is no harm", async () => {
  const server = await startServer(4);
  const pairs = await openAll(server);
  expect(pairs.length).toBeGreaterThan(0);
  expect(server.portCounts).toEqual({ taken: pairs.length, all: 4 });
  const [pair] = pairs;
  if (pair === undefined) throw new Error("no port was free");
  const session = pair.start(
    AUDIO,
    HOST,
    { onPacket: () => {}, onDigit: () => {}, onBeat: () => {} },
    silentLogger,
  );
  const late = server.openPorts();
  await server[Symbol.asyncDispose]();
  expect([await late, server.portCounts.taken]).toEqual([undefined, 0]);
  session[Symbol.dispose]();
  await session.finish();
  await server[Symbol.asyncDispose]();
  expect(await server.openPorts()).toBeUndefined();
});

test("a system that gives no socket costs the call, and says so", async () => {
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line) });
  const ports = { first: 20_000, last: 20_003 };
  await using server = new RtpServer({
    host: "192.0.2.1",
    ports,
    isAllowed: () => false,
    clock: systemClock,
    log,
  });
  expect(await server.openPorts()).toBeUndefined();
  expect(server.portCounts.taken).toBe(0);
  expect(lines.join("")).toContain("rtp.cannot-open host=192.0.2.1");
});
