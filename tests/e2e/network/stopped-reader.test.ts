import { expect } from "bun:test";
import { requirePrograms } from "../../peers/programs.ts";
import { describeAfterPause, percentile } from "./after-pause.ts";
import { createClientNetwork } from "./client-network.ts";
import { startDistantPlayer } from "./distant-player.ts";
import {
  KEY,
  NETWORK_TEST,
  passTime,
  residentBytes,
  startBystander,
  startOpenGateway,
  urlsFrom,
} from "./laboratory.ts";
import { publishStamped } from "./stamped-frames.ts";

const WARM_UP_MS = 3000;
const STOP_MS = 10_000;
const AFTERWARDS_MS = 1500;
/** A ping is due each 200 ms and may go unanswered for 100 ms; each is looked at every 50 ms. */
const STALE_SOUND_MS = 500;
const FRESH_AGE_MS = 600;
const BYSTANDER_P99_MS = 30;
const GROWTH_BYTES = 20 * 1024 * 1024;

/**
 * A program that reads no more while its kernel goes on acknowledging. Behind at most 0.5 s of sound that its kernel
 * had taken for it (measured: 0.17 to 0.32 s), the first frame is at most 0.6 s old (measured: 0.1 s).
 * HTTP has no pings, and nothing in TCP tells: the window that a Linux client offers stood at 64,512 bytes while
 * 90 kB waited unread. So it gets all that was sent, in order, and is back to the present within the second.
 */
requirePrograms(
  "ip",
  "network-namespaces",
  "curl",
  "ffmpeg",
  "rtmpdump",
)(
  "players that did not read for ten seconds get fresh sound where the protocol has pings",
  async () => {
    await using gateway = await startOpenGateway();
    await using network = await createClientNetwork();
    await using _ = await publishStamped(gateway.ports.rtmp, KEY);
    using bystander = await startBystander(gateway);
    await using stack = new AsyncDisposableStack();
    const urls = urlsFrom(network, gateway);
    const answering = await Promise.all(
      (
        [
          ["own", "rtmp"],
          ["ffmpeg", "rtmp"],
          ["rtmpdump", "rtmp"],
          ["own", "ws"],
        ] as const
      ).map(async ([program, protocol]) =>
        stack.use(await startDistantPlayer(network, program, urls[protocol])),
      ),
    );
    const curl = stack.use(await startDistantPlayer(network, "curl", urls.http));
    await passTime(WARM_UP_MS);

    const memoryBefore = residentBytes(gateway.pid);
    const bystanderBefore = bystander.agesMs.length;
    for (const player of [...answering, curl]) player.stop();
    await passTime(STOP_MS);
    const growth = residentBytes(gateway.pid) - memoryBefore;
    const resumedMs = performance.now();
    for (const player of [...answering, curl]) player.resume();
    await passTime(AFTERWARDS_MS);

    for (const player of answering) {
      const found = describeAfterPause(player.arrivals, resumedMs);
      expect(found.staleMs, player.name).toBeLessThanOrEqual(STALE_SOUND_MS);
      expect(found.freshAgeMs, player.name).toBeLessThanOrEqual(FRESH_AGE_MS);
      expect(found.oldestFreshAgeMs, player.name).toBeLessThanOrEqual(FRESH_AGE_MS);
      expect(found.droppedCount, player.name).toBeGreaterThan(400);
    }
    const { staleMs, droppedCount } = describeAfterPause(curl.arrivals, resumedMs);
    expect(droppedCount).toBe(0);
    expect(staleMs).toBeGreaterThan(STOP_MS);
    expect(curl.arrivals.at(-1)?.ageMs).toBeLessThan(FRESH_AGE_MS);
    expect(growth).toBeLessThan(GROWTH_BYTES);
    expect(percentile(bystander.agesMs.slice(bystanderBefore), 0.99)).toBeLessThan(BYSTANDER_P99_MS);
  },
  NETWORK_TEST,
);
