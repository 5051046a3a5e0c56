import { expect } from "bun:test";
import { requirePrograms } from "../../peers/programs.ts";
import { describeAfterPause, expectFreshSound } from "./after-pause.ts";
import { startAudience } from "./audience.ts";
import type { DistantPlayer } from "./distant-player.ts";
import { NETWORK_TEST, passTime } from "./laboratory.ts";

const STOP_MS = 10_000;
const AFTERWARDS_MS = 1500;
/** A ping is due each 200 ms and may go unanswered for 100 ms; each is looked at every 50 ms. */
const STALE_SOUND_MS = 500;
const FRESH_AGE_MS = 600;
const BYSTANDER_DELAY_MS = 30;
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
    await using audience = await startAudience([
      ["own", "rtmp"],
      ["ffmpeg", "rtmp"],
      ["rtmpdump", "rtmp"],
      ["own", "ws"],
      ["curl", "http"],
    ]);
    const { players } = audience;
    for (const { player } of players) player.stop();
    await passTime(STOP_MS);
    const growth = audience.growthBytes();
    const resumedMs = performance.now();
    for (const { player } of players) player.resume();
    await passTime(AFTERWARDS_MS);

    for (const { player, protocol } of players) {
      if (protocol === "http") expectAllInOrder(player, resumedMs);
      else expectFreshSound(player, resumedMs, { staleMs: STALE_SOUND_MS, freshAgeMs: FRESH_AGE_MS });
    }
    expect(growth).toBeLessThan(GROWTH_BYTES);
    expect(audience.bystanderDelayMs()).toBeLessThan(BYSTANDER_DELAY_MS);
  },
  NETWORK_TEST,
);

function expectAllInOrder({ arrivals }: DistantPlayer, resumedMs: number): void {
  const { staleMs, droppedCount } = describeAfterPause(arrivals, resumedMs);
  expect(droppedCount).toBe(0);
  expect(staleMs).toBeGreaterThan(STOP_MS);
  expect(arrivals.at(-1)?.ageMs).toBeLessThan(FRESH_AGE_MS);
}
