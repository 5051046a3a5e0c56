import { readdirSync, readFileSync } from "node:fs";

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

/** Runs `round` for 0 … count - 1, so many at a time. */
export async function repeat(
  count: number,
  atOnce: number,
  round: (index: number, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async (_, lane) => {
      while (next < count) await round(next++, lane);
    }),
  );
}
