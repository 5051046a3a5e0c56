import { parseArgs } from "node:util";
import { FuzzFailure, type FuzzReport, fuzz, loadTargets, type Memory } from "./fuzz.ts";

// bun tests/fuzz/run.ts [--count N] [--seed S] [--only NAME]: one line a target; exit code 1 when one fails.

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const options = { count: Number(values.count), seed: Number(values.seed) };
const targets = (await loadTargets()).filter(({ name }) => values.only === undefined || name === values.only);
if (targets.length === 0) throw new Error(`no target ${values.only ?? ""}`);

let failedCount = 0;
for (const target of targets) {
  process.stdout.write(`${target.name.padEnd(24)} `);
  try {
    console.log(describe(fuzz(target, options)));
  } catch (thrown) {
    if (!(thrown instanceof FuzzFailure)) throw thrown;
    failedCount++;
    console.log(`FAILED\n${thrown.message}`);
  }
}
process.exitCode = failedCount === 0 ? 0 : 1;

function describe({ count, refusedCount, elapsedMs, slowestMs, before, after }: FuzzReport): string {
  const seconds = (elapsedMs / 1000).toFixed(1);
  return (
    `${count} inputs in ${seconds} s, ${refusedCount} refused, slowest ${slowestMs.toFixed(1)} ms, ` +
    `heap ${change(before, after, "heapBytes")} MiB, rss ${change(before, after, "rssBytes")} MiB`
  );
}

function change(before: Memory, after: Memory, key: keyof Memory): string {
  return `${toMebibytes(before[key])} → ${toMebibytes(after[key])}`;
}

function toMebibytes(byteCount: number): string {
  return (byteCount / 2 ** 20).toFixed(1);
}
