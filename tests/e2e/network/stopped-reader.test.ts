import { expect } from "bun:test";
import { requirePrograms } from "../../peers/programs.ts";
import { describeAfterPause, expectFreshSound } from "./after-pause.ts";
import { type Protocol, startAudience } from "./audience.ts";
import type { Distance } from "./client-network.ts";
import type { PlayerProgram } from "./distant-player.ts";
import { NETWORK_TEST, passTime } from "./laboratory.ts";

const STOP_MS = 10_000;
const AFTERWARDS_MS = 1500;
/**
 * Where the protocol has pings one is due each 300 ms and may go unanswered for 100 ms; each is looked at every 50 ms.
 * Over HTTP a player's acknowledgements are counted over 0.4 s (near) or 0.6 s (far), and a near kernel acknowledges
 * the first 16 frames, 0.34 s, as if they were read.
 */
const STALE_SOUND_MS = { rtmp: 500, ws: 500, http: 1500 } as const;
const FRESH_AGE_MS = 700;
const BYSTANDER_DELAY_MS = 30;
const GROWTH_BYTES = 20 * 1024 * 1024;
/** HTTP players are judged once they have acknowledged for 2.5 s as readers do. */
const GET_KNOWN_MS = 2000;

const PROGRAMS: readonly (readonly [PlayerProgram, Protocol])[] = [
  ["own", "rtmp"],
  ["ffmpeg", "rtmp"],
  ["rtmpdump", "rtmp"],
  ["own", "ws"],
  ["own", "http"],
  ["curl", "http"],
  ["ffmpeg", "http"],
];
const FAR: Distance = { delayMs: 50, jitterMs: 5, lossShare: 0, seed: 3 };

const withPrograms = requirePrograms("ip", "network-namespaces", "curl", "ffmpeg", "rtmpdump");

/** Behind what their kernels had taken for them, the first frame is at most 0.7 s old (measured: 0.1 s). */
withPrograms(
  "players that did not read for ten seconds get fresh sound",
  async () => {
    await using audience = await startAudience(PROGRAMS);
    const { players } = audience;
    await passTime(GET_KNOWN_MS);
    for (const { player } of players) player.stop();
    await passTime(STOP_MS);
    const growth = audience.growthBytes();
    const resumedMs = performance.now();
    for (const { player } of players) player.resume();
    await passTime(AFTERWARDS_MS);

    for (const { player, protocol } of players) {
      expectFreshSound(player, resumedMs, { staleMs: STALE_SOUND_MS[protocol], freshAgeMs: FRESH_AGE_MS });
    }
    expect(growth).toBeLessThan(GROWTH_BYTES);
    expect(audience.bystanderDelayMs()).toBeLessThan(BYSTANDER_DELAY_MS);
  },
  NETWORK_TEST,
);

withPrograms(
  "a tenth of a second away, players over HTTP that did not read get fresh sound, and those who read all",
  async () => {
    await using audience = await startAudience(
      [
        ["own", "http"],
        ["curl", "http"],
        ["ffmpeg", "http"],
        ["curl", "http"],
      ],
      FAR,
    );
    const stopped = audience.players.slice(0, -1);
    const reader = audience.players.at(-1)?.player;
    await passTime(GET_KNOWN_MS);
    for (const { player } of stopped) player.stop();
    await passTime(STOP_MS);
    const resumedMs = performance.now();
    for (const { player } of stopped) player.resume();
    await passTime(AFTERWARDS_MS);

    for (const { player } of stopped) {
      expectFreshSound(player, resumedMs, { staleMs: STALE_SOUND_MS.http, freshAgeMs: FRESH_AGE_MS + 100 });
    }
    expect(describeAfterPause(reader?.arrivals ?? [], resumedMs).droppedCount).toBe(0);
  },
  NETWORK_TEST,
);
