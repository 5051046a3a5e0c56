import type { Protocol } from "./player.ts";
import type { Generator } from "./relay.ts";
import type { RunningServer } from "./servers.ts";
import { median } from "./statistics.ts";

export type LateJoinResult = { readonly medianMs: number; readonly maxMs: number; readonly count: number };

const KEY = "bench-late-join";
const WARM_UP_MS = 500;

/** How long players that come late wait for their first frame, connect included, over each protocol of the server. */
export async function measureLateJoin(
  server: RunningServer,
  { publisher, player }: Generator,
  count: number,
): Promise<Map<Protocol, LateJoinResult>> {
  const results = new Map<Protocol, LateJoinResult>();
  await publisher.call("publish", server.rtmpPort, [KEY]);
  await Bun.sleep(WARM_UP_MS);
  for (const target of server.targets) {
    const joinsMs = await player.call("join", target, KEY, count);
    results.set(target.protocol, { medianMs: median(joinsMs), maxMs: Math.max(...joinsMs), count });
  }
  await publisher.call("stopPublishing");
  return results;
}
