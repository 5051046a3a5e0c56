import { FRAMES_PER_SECOND } from "./frames.ts";
import type { PlayTarget, Protocol } from "./player.ts";
import { readUsage } from "./process-usage.ts";
import type { RunningServer } from "./servers.ts";
import { median } from "./statistics.ts";
import type { Worker } from "./worker-client.ts";

/** 50x1: fifty publishers with a player each. 1x200: one publisher, two hundred players. */
export const RELAY_SCENARIOS = ["50x1", "1x200"] as const;
export type RelayScenario = (typeof RELAY_SCENARIOS)[number];

export type RelayResult = {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server for each second of a stream that reached a player. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Share of the frames that should have arrived. */
  readonly delivered: number;
  /** Of one core each, 0 to 1: a generator near 1 measures itself. */
  readonly publisherLoad: number;
  readonly playerLoad: number;
};

export type Generator = { readonly publisher: Worker; readonly player: Worker };

/** How long a relay runs before it is measured, and then while it is. */
export type RelayTiming = { readonly warmUpMs: number; readonly windowMs: number };

function listKeys(scenario: RelayScenario, protocol: Protocol): { published: string[]; played: string[] } {
  const publisherCount = scenario === "50x1" ? 50 : 1;
  const published = Array.from(
    { length: publisherCount },
    (_, index) => `bench-${protocol}-${scenario}-${index}`,
  );
  return { published, played: scenario === "50x1" ? published : Array<string>(200).fill(published[0] ?? "") };
}

export async function measureRelay(
  server: RunningServer,
  { publisher, player }: Generator,
  target: PlayTarget,
  scenario: RelayScenario,
  { warmUpMs, windowMs }: RelayTiming,
): Promise<RelayResult> {
  const { published, played } = listKeys(scenario, target.protocol);
  await publisher.call("publish", server.rtmpPort, published);
  await player.call("play", target, played);
  await Bun.sleep(warmUpMs);
  const pids = [server.pid, publisher.pid, player.pid];
  await player.call("startRecording");
  const startMs = performance.now();
  const before = pids.map(readUsage);
  await Bun.sleep(windowMs);
  const after = pids.map(readUsage);
  const elapsedMs = performance.now() - startMs;
  const delays = await player.call("stopRecording");
  await player.call("stopPlaying");
  await publisher.call("stopPublishing");
  const [serverMs = 0, publisherMs = 0, playerMs = 0] = after.map(
    (usage, index) => usage.cpuMs - (before[index]?.cpuMs ?? 0),
  );
  return {
    p50Ms: delays.p50Ms,
    p99Ms: delays.p99Ms,
    cpuMs: serverMs / (delays.count / FRAMES_PER_SECOND),
    rssBytes: after[0]?.rssBytes ?? 0,
    delivered: delays.count / (played.length * FRAMES_PER_SECOND * (elapsedMs / 1000)),
    publisherLoad: publisherMs / elapsedMs,
    playerLoad: playerMs / elapsedMs,
  };
}

/** The median of each figure over the rounds; the most memory of any. */
export function summarizeRelay(rounds: readonly RelayResult[]): RelayResult {
  const medianOf = (read: (round: RelayResult) => number) => median(rounds.map(read));
  return {
    p50Ms: medianOf((round) => round.p50Ms),
    p99Ms: medianOf((round) => round.p99Ms),
    cpuMs: medianOf((round) => round.cpuMs),
    rssBytes: Math.max(...rounds.map((round) => round.rssBytes)),
    delivered: medianOf((round) => round.delivered),
    publisherLoad: medianOf((round) => round.publisherLoad),
    playerLoad: medianOf((round) => round.playerLoad),
  };
}
