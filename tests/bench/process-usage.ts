import { readdirSync, readFileSync } from "node:fs";

export type Usage = { readonly cpuMs: number; readonly rssBytes: number };

/** CPU time used so far and resident memory now, of a process and all its descendants. */
export function readUsage(pid: number): Usage {
  const pids = listFamily(pid);
  return {
    cpuMs: sum(pids.map(readCpuNs)) / 1e6,
    rssBytes: sum(pids.map(readRssBytes)),
  };
}

function listFamily(pid: number): number[] {
  const children = listThreads(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(listFamily)];
}

/** schedstat counts nanoseconds where /proc/<pid>/stat counts ticks of 10 ms; it is per thread. */
function readCpuNs(pid: number): number {
  return sum(
    listThreads(pid).map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0])),
  );
}

function readRssBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`));
  return Number(match?.[1] ?? 0) * 1024;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
