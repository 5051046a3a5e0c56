import { readFileSync } from "node:fs";
import { playRtmp } from "../../../src/probe/rtmp-client.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import type { ClientNetwork } from "./client-network.ts";
import { readStamp } from "./stamped-frames.ts";

export const KEY = "network";
/** What the tests expect of; the default of `[media] slow_reader_ms`. */
export const SLOW_READER_MS = 500;

export const NETWORK_TEST = { timeout: 60_000 };

/** The gateway, open to everybody, on every address of this machine: also to clients in networks of their own. */
export async function startOpenGateway(slowReaderMs = SLOW_READER_MS): Promise<Gateway> {
  return await startGateway({
    config: {
      settings: { ip_port: "0.0.0.0:0" },
      media: { rtmp_addr: "0.0.0.0:0", open: true, slow_reader_ms: slowReaderMs },
      log: { level: "debug" },
    },
  });
}

/** Where a client in `network` finds the stream. */
export function urlsFrom(network: ClientNetwork, { ports }: Gateway) {
  return {
    rtmp: `rtmp://${network.gatewayHost}:${ports.rtmp}/live/${KEY}`,
    http: `http://${network.gatewayHost}:${ports.flv}/live/${KEY}.flv`,
    ws: `ws://${network.gatewayHost}:${ports.flv}/live/${KEY}.flv`,
  };
}

export type Bystander = Disposable & { readonly agesMs: readonly number[] };

/** A player with nothing wrong, over loopback: the age of each frame that it gets. */
export async function startBystander({ ports }: Gateway): Promise<Bystander> {
  const agesMs: number[] = [];
  const player = await playRtmp(
    { host: "127.0.0.1", port: ports.rtmp, app: "live", name: KEY },
    {
      onMedia({ payload }) {
        const stamp = readStamp(payload);
        if (stamp !== undefined) agesMs.push(performance.now() - stamp.sentMs);
      },
    },
  );
  return { agesMs, [Symbol.dispose]: () => player.close() };
}

/** Not a sleep for luck: what is measured is what happens in that time. */
export async function passTime(durationMs: number): Promise<void> {
  const endMs = performance.now() + durationMs;
  await waitFor("time to pass", () => performance.now() >= endMs, durationMs + 5000);
}

export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
