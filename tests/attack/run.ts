import { renderTable } from "../bench/table.ts";
import { missingPrograms } from "../peers/programs.ts";
import { needsOwnNetwork, WORLDS } from "./attacks.ts";
import { startLiveCalls } from "./live-calls.ts";
import { type Damage, findExcesses, findOddLines, measureAttack } from "./measure.ts";

/**
 * `make attack`: each attack for ten seconds against 21 live calls. Words choose the attacks whose names hold one. Fails
 * where a call was disturbed, a newcomer kept out, or an attacker got something.
 */
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
  "starved ms",
  "newcomer ms",
  "holds",
];

const words = process.argv.slice(2);
const rows: string[][] = [HEADINGS];
const complaints: string[] = [];
for (const { attacks, descriptors } of WORLDS) {
  const names = Object.keys(attacks).filter(
    (name) => (words.length === 0 || words.some((word) => name.includes(word))) && canTry(name),
  );
  if (names.length === 0) continue;
  await using calls = await startLiveCalls(CALLS_OF_EACH_KIND, { descriptors, areUsersBounded: true });
  for (const name of names) {
    const damage = await measureAttack(calls, name, ATTACK_MS);
    const excesses = findExcesses(damage);
    complaints.push(...excesses.map((excess) => `${name}: ${excess}`));
    const row = describe(name, damage, excesses);
    console.log(row.join("\t"));
    rows.push(row);
  }
  complaints.push(...findOddLines(calls));
}
console.log(renderTable(rows));
for (const complaint of complaints) console.log(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;

function canTry(name: string): boolean {
  const lacks = needsOwnNetwork(name) && missingPrograms().includes("network-namespaces");
  if (lacks) console.log(`${name}: left out, since it needs root and network namespaces`);
  return !lacks;
}

function describe(name: string, damage: Damage, excesses: readonly string[]): string[] {
  const { telephones, apps, residentMegabytes, machineGapMs, starvedMs, newcomerMs } = damage;
  const figures = [
    telephones.worstGapMs,
    telephones.missingCount,
    apps.worstGapMs,
    residentMegabytes,
    machineGapMs,
    starvedMs,
  ];
  const shown = figures.map((figure) => figure.toFixed(0));
  return [name, "", ...shown, newcomerMs?.toFixed(0) ?? "never", excesses.length === 0 ? "yes" : "NO"];
}
