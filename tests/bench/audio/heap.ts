import { resolve } from "node:path";

export type HeapFigures = {
  /** In ten minutes of a duplex call, which are 30,000 packets each way. */
  readonly allocatedBytes: number;
  /** How often garbage was collected meanwhile. */
  readonly collectionCount: number;
};

export const TEN_MINUTES_PACKETS = 30_000;

/**
 * JavaScriptCore tells the size of what lies allocated only when it collects, and only in this log: before ("START M
 * 4431kb") and after the sweep ("=> 4407kb").
 */
export async function measureTenMinutes(): Promise<HeapFigures> {
  const child = Bun.spawn([process.execPath, resolve(import.meta.dir, "ten-minutes.ts")], {
    env: { ...process.env, BUN_JSC_logGC: "1" },
    stdout: "ignore",
    stderr: "pipe",
  });
  const log = await new Response(child.stderr).text();
  const [warmUp, work, end] = log.split(/^(?:begin|end)$/m);
  const sweptKilobytes = Number(warmUp?.match(/=> (\d+)kb[^=]*$/)?.[1]);
  const endKilobytes = Number(end?.match(/START M (\d+)kb/)?.[1]);
  if (Number.isNaN(sweptKilobytes + endKilobytes))
    throw new Error(`no log of the garbage collector:\n${log}`);
  return {
    allocatedBytes: 1024 * (endKilobytes - sweptKilobytes),
    collectionCount: work?.match(/\bSTART\b/g)?.length ?? 0,
  };
}
