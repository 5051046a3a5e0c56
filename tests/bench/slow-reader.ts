import { canCutNetwork, cutNetwork } from "./network-cut.ts";
import { readUsage } from "./process-usage.ts";
import type { Generator } from "./relay.ts";
import type { RunningServer } from "./servers.ts";
import type { VictimReport } from "./victims.ts";

export type SlowReaderResult = {
  /** Players that stopped reading. */
  readonly stopped: readonly VictimReport[];
  /** Players whose network was cut; none where drop rules are not allowed. */
  readonly cut: readonly VictimReport[];
  readonly rssGrowthBytes: number;
  /** What the other players, over RTMP, had meanwhile. */
  readonly othersP99Ms: number;
};

const KEY = "bench-slow-reader";
const OTHER_PLAYERS = 20;
/** Players over HTTP are judged once they have acknowledged for 2.5 s as readers do. */
const WARM_UP_MS = 3_500;
/** TCP doubles its retransmission time-out: after a cut of 10 s it tries at 12.6 s, after one of 2.5 s at 3 s. */
const RECOVERY_SHARE = 0.3;
const RECOVERY_MARGIN_MS = 1_000;

/** For each protocol one player stops reading for `stopMs` and one loses its network, beside twenty that do not. */
export async function measureSlowReader(
  server: RunningServer,
  { publisher, player }: Generator,
  stopMs: number,
): Promise<SlowReaderResult> {
  await publisher.call("publish", server.rtmpPort, [KEY]);
  const rtmp = server.targets.filter(({ protocol }) => protocol === "rtmp");
  for (const target of rtmp) await player.call("play", target, Array<string>(OTHER_PLAYERS).fill(KEY));
  const ports = await player.call("openVictims", server.targets, KEY);
  await Bun.sleep(WARM_UP_MS);
  const before = readUsage(server.pid);
  await player.call("startRecording");
  const canCut = canCutNetwork();
  const mend = canCut ? cutNetwork(ports) : () => undefined;
  try {
    await player.call("stopReading");
    await Bun.sleep(stopMs);
  } finally {
    mend();
  }
  const after = readUsage(server.pid);
  const others = await player.call("stopRecording");
  await player.call("startCounting");
  await Bun.sleep(stopMs * RECOVERY_SHARE + RECOVERY_MARGIN_MS);
  const { stopped, cut } = await player.call("closeVictims");
  await player.call("stopPlaying");
  await publisher.call("stopPublishing");
  return {
    stopped,
    cut: canCut ? cut : [],
    rssGrowthBytes: after.rssBytes - before.rssBytes,
    othersP99Ms: others.p99Ms,
  };
}
