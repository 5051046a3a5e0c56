import { renderTable } from "../bench/table.ts";
import { ATTACKS } from "./attacks.ts";
import { startLiveCalls } from "./live-calls.ts";
import { type Damage, measureAttack } from "./measure.ts";

/** `make attack`: each attack for ten seconds against 21 live calls. Words choose the attacks whose names hold one. */
const CALLS_OF_EACH_KIND = 7;
const ATTACK_MS = 10_000;
const HEADINGS = [
  "attack",
  "",
  "gap ms",
  "missing",
  "apps' gap ms",
  "RSS MB",
  "machine's gap ms",
  "newcomer ms",
];

const words = process.argv.slice(2);
const names = Object.keys(ATTACKS).filter(
  (name) => words.length === 0 || words.some((word) => name.includes(word)),
);
const rows: string[][] = [HEADINGS];
await using calls = await startLiveCalls(CALLS_OF_EACH_KIND);
for (const name of names) {
  const row = describe(name, await measureAttack(calls, name, ATTACK_MS));
  console.log(row.join("\t"));
  rows.push(row);
}
console.log(renderTable(rows));

function describe(
  name: string,
  { telephones, apps, residentMegabytes, machineGapMs, newcomerMs }: Damage,
): string[] {
  const figures = [
    telephones.worstGapMs,
    telephones.missingCount,
    apps.worstGapMs,
    residentMegabytes,
    machineGapMs,
  ];
  return [name, "", ...figures.map((figure) => figure.toFixed(0)), newcomerMs?.toFixed(0) ?? "never"];
}
