import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { expectFreshSound } from "./after-pause.ts";
import { startAudience } from "./audience.ts";
import { NETWORK_TEST, passTime, SLOW_READER_MS } from "./laboratory.ts";

const CUT_MS = 10_000;
/** The kernel tries again every second: TCP_RTO_MAX_MS. */
const REPAIR_MS = 1500;
/** Before Linux 6.15 it doubles its time-out as ever: it tries 12.6 s after the cut. */
const REPAIR_BY_OLD_KERNEL_MS = 6000;
const hasRetryLimit = existsSync("/proc/sys/net/ipv4/tcp_rto_max_ms");
const AFTERWARDS_MS = 500;
/** The least patience, 100 ms, the 50 ms between two looks, delayed acknowledgements, and a busy machine's lateness. */
const STALE_SOUND_MS = 300;
const FRESH_AGE_MS = { rtmp: 600, ws: 600, http: 1500 } as const;
const BYSTANDER_DELAY_MS = 30;
const GROWTH_BYTES = 20 * 1024 * 1024;

/**
 * Measured behind the cut: first the frames that TCP had taken before anybody could notice, ten seconds old, together
 * at most 0.3 s of sound (measured: 0.1 to 0.15 s). Then, and this is the bar, frames that the gateway sent
 * afterwards, the first at most 0.6 s old (measured: below 0.1 s). Whoever looks at the very first byte sees the
 * former: no TCP sender can take them back.
 */
requirePrograms(
  "ip",
  "nft",
  "network-namespaces",
  "curl",
  "ffmpeg",
  "rtmpdump",
)(
  "after ten seconds without network players get fresh sound at once",
  async () => {
    await using audience = await startAudience([
      ["own", "rtmp"],
      ["ffmpeg", "rtmp"],
      ["rtmpdump", "rtmp"],
      ["own", "ws"],
      ["own", "http"],
      ["curl", "http"],
    ]);
    const { gateway, network, players } = audience;
    const mend = network.cut();
    await passTime(CUT_MS);
    const growth = audience.growthBytes();
    mend();
    const mendedMs = performance.now();
    const repairMs = hasRetryLimit ? REPAIR_MS : REPAIR_BY_OLD_KERNEL_MS;
    await waitFor(
      "sound for all",
      () => players.every(({ player }) => (player.arrivals.at(-1)?.atMs ?? 0) > mendedMs),
      repairMs,
    );
    await passTime(AFTERWARDS_MS);

    for (const { player, protocol } of players) {
      expectFreshSound(player, mendedMs, { staleMs: STALE_SOUND_MS, freshAgeMs: FRESH_AGE_MS[protocol] });
    }
    expect(growth).toBeLessThan(GROWTH_BYTES);
    expect(audience.bystanderDelayMs()).toBeLessThan(BYSTANDER_DELAY_MS);
    expect(gateway.log()).toContain(`player.slow protocol=rtmp`);
    expect(gateway.log()).toContain(`limitMs=${SLOW_READER_MS}`);
    await waitFor(
      "all to have caught up",
      () => gateway.log().match(/player\.caught-up/g)?.length === players.length,
    );
  },
  NETWORK_TEST,
);
