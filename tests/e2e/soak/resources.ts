import { readdirSync, readFileSync } from "node:fs";
import { waitFor } from "../../peers/wait.ts";

/** The engine starts and ends the threads of its own pools when it sees fit. */
export const SPARE_THREADS = 4;

/** What a process holds, as the kernel counts it. */
export type Resources = {
  readonly descriptors: number;
  readonly threads: number;
  readonly residentMegabytes: number;
};

export function readResources(pid: number): Resources {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: field("Threads"),
    residentMegabytes: Math.round(field("VmRSS") / 102.4) / 10,
  };
}

/** Runs `round` for 0 … count - 1, so many at a time, and no more than so many a second. */
export async function repeat(
  count: number,
  atOnce: number,
  round: (index: number, lane: number) => Promise<void>,
  perSecond = Number.POSITIVE_INFINITY,
): Promise<void> {
  let next = 0;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async (_, lane) => {
      while (next < count) {
        const index = next++;
        const dueMs = startedMs + (index * 1000) / perSecond;
        await waitFor("the round's turn", () => performance.now() >= dueMs);
        await round(index, lane);
      }
    }),
  );
}
