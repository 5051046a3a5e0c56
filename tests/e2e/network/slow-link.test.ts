import { expect } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { percentile } from "./after-pause.ts";
import { createClientNetwork } from "./client-network.ts";
import { type Arrival, startDistantPlayer } from "./distant-player.ts";
import {
  KEY,
  NETWORK_TEST,
  passTime,
  residentBytes,
  SLOW_READER_MS,
  startOpenGateway,
  urlsFrom,
} from "./laboratory.ts";
import { publishStamped } from "./stamped-frames.ts";

/** With TCP's and IP's headers the stream takes 95 kbit/s: two thirds of it must go. */
const LINK_KILOBITS_PER_SECOND = 32;
const LINK_QUEUE_BYTES = 8000;
const SETTLE_MS = 3000;
const MEASURED_MS = 10_000;
/**
 * Waiting, and then the way: what may be under way before frames are held back takes this link as long again. A
 * segment that the link drops comes after TCP's time-out of a second or more, and so does what waits behind it: two such
 * are a fifth of what is measured. What is bounded is the queue, so three quarters of the frames are to be in time.
 */
const LONGEST_DELAY_MS = SLOW_READER_MS + 500;
const IN_TIME = 0.75;
const GROWTH_BYTES = 20 * 1024 * 1024;

requirePrograms("ip", "network-namespaces", "curl")(
  "a link that is always too narrow delays sound no further, and loses whole frames",
  async () => {
    await using gateway = await startOpenGateway();
    await using _ = await publishStamped(gateway.ports.rtmp, KEY);
    await using stack = new AsyncDisposableStack();
    const memoryBefore = residentBytes(gateway.pid);
    const players = await Promise.all(
      (["rtmp", "ws", "http"] as const).map(async (protocol) => {
        const network = stack.use(await createClientNetwork());
        const program = protocol === "http" ? "curl" : "own";
        const player = stack.use(
          await startDistantPlayer(network, program, urlsFrom(network, gateway)[protocol]),
        );
        network.narrow(LINK_KILOBITS_PER_SECOND, LINK_QUEUE_BYTES);
        return player;
      }),
    );
    await passTime(SETTLE_MS);
    const startMs = performance.now();
    await passTime(MEASURED_MS);

    expect(residentBytes(gateway.pid) - memoryBefore).toBeLessThan(GROWTH_BYTES);
    const dropped = await droppedFrameCount(gateway.urls.api);
    const lost = players.map(({ arrivals }) => gapCount(arrivals)).reduce((sum, count) => sum + count);
    expect(dropped).toBeGreaterThanOrEqual(lost);
    expect(dropped - lost).toBeLessThan(players.length * 47);
    for (const { name, tags, arrivals } of players) {
      const agesMs = arrivals.filter(({ atMs }) => atMs >= startMs).map(({ ageMs }) => ageMs);
      expect(percentile(agesMs, IN_TIME), name).toBeLessThan(LONGEST_DELAY_MS);
      expect(agesMs.length, name).toBeGreaterThan(0.25 * 47 * (MEASURED_MS / 1000));
      expect(tags.filter(({ type }) => type !== TagType.script).length, "nothing but whole frames").toBe(
        arrivals.length,
      );
    }
    const lines = gateway.log().match(/player\.slow/g)?.length;
    expect(lines).toBeGreaterThanOrEqual(players.length);
    expect(lines).toBeLessThanOrEqual(2 * players.length);
  },
  NETWORK_TEST,
);

function gapCount(arrivals: readonly Arrival[]): number {
  const { sequence: first = 0 } = arrivals[0] ?? {};
  const { sequence: last = 0 } = arrivals.at(-1) ?? {};
  return last - first + 1 - arrivals.length;
}

/** The answer's shape is kept by the API's own tests. */
async function droppedFrameCount(api: string): Promise<number> {
  const { streams } = (await (await fetch(`${api}/api/streams`)).json()) as {
    streams: { droppedFrames: number }[];
  };
  return streams[0]?.droppedFrames ?? Number.NaN;
}
