import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { startProcess } from "../peers/process.ts";
import type { LiveCalls, WhatWasHeard } from "./live-calls.ts";
import { callAsNewcomer } from "./newcomer.ts";

export type Damage = WhatWasHeard & {
  /** The most that the gateway used. */
  readonly residentMegabytes: number;
  /** The longest time for which this process or the gateway's did not run though it had to: the machine was busy with others. */
  readonly machineGapMs: number;
  /** How long the gateway so waited in all, in those tenths of a second that it spent waiting for the most part. */
  readonly starvedMs: number;
  /** Until a newcomer heard the echo; undefined if it never did. */
  readonly newcomerMs: number | undefined;
  /** What the attacker got that it must not get. */
  readonly loot: string | undefined;
};

const ATTACKER = resolve(import.meta.dir, "attacker.ts");
const LOOK_MS = 100;
const BEAT_MS = 10;
/** Until the attack is under way. */
const HEAD_START_MS = 300;

const MAX_GAP_MS = 120;
/** Sound passes twice through this process and once through the gateway; each may have to wait for a busy machine. */
const WAITS = 3;
const PACKET_MS = 20;
const MAX_RESIDENT_MEGABYTES = 300;
const MAX_NEWCOMER_MS = 2_000;

/** What the attack of this name, from a process of its own, does to those who talk, and to somebody who comes then. */
export async function measureAttack(calls: LiveCalls, name: string, forMs: number): Promise<Damage> {
  const { gateway } = calls;
  let residentMegabytes = 0;
  let machineGapMs = 0;
  let beforeMs = performance.now();
  let waitedMs = readWaitedMs(gateway.pid);
  let starvedMs = 0;
  const look = systemClock.every(LOOK_MS, () => {
    residentMegabytes = Math.max(residentMegabytes, readResidentMegabytes(gateway.pid));
    const lookedMs = waitedMs;
    waitedMs = readWaitedMs(gateway.pid);
    machineGapMs = Math.max(machineGapMs, waitedMs - lookedMs);
    if (waitedMs - lookedMs > LOOK_MS / 2) starvedMs += waitedMs - lookedMs;
  });
  const beat = systemClock.every(BEAT_MS, () => {
    const nowMs = performance.now();
    machineGapMs = Math.max(machineGapMs, nowMs - beforeMs - BEAT_MS);
    beforeMs = nowMs;
  });
  calls.start();
  const command = [process.execPath, ATTACKER, name, JSON.stringify(calls.target), String(forMs)];
  await using attacker = startProcess(command, { env: process.env });
  await Bun.sleep(HEAD_START_MS);
  const newcomerMs = await callAsNewcomer(gateway);
  const exitCode = await attacker.waitForExit(forMs + 20_000);
  const heard = calls.stop();
  look.cancel();
  beat.cancel();
  const loot =
    exitCode === 0 ? undefined : (/^error: (.*)$/m.exec(attacker.output())?.[1] ?? attacker.output());
  return { ...heard, residentMegabytes, machineGapMs, starvedMs, newcomerMs, loot };
}

/** What nobody may do to those who talk, and to somebody who comes; empty where all of it holds. */
export function findExcesses(damage: Damage): string[] {
  const { telephones, apps, machineGapMs, starvedMs, residentMegabytes, newcomerMs, loot } = damage;
  const maxGapMs = MAX_GAP_MS + WAITS * machineGapMs + starvedMs;
  const excesses: readonly [boolean, string][] = [
    [telephones.worstGapMs > maxGapMs, "a telephone heard a gap"],
    [apps.worstGapMs > maxGapMs, "an app heard a gap"],
    [telephones.missingCount > (machineGapMs + starvedMs) / PACKET_MS, "a telephone missed packets"],
    [residentMegabytes > MAX_RESIDENT_MEGABYTES, "much memory"],
    [!(newcomerMs !== undefined && newcomerMs < MAX_NEWCOMER_MS), "a newcomer could not call"],
    [loot !== undefined, loot ?? ""],
  ];
  return excesses.flatMap(([isOver, what]) => (isOver ? [what] : []));
}

const LINE = /^\S+Z (?:info|warn) [\w.-]+(?: \w+=(?:[^\s"]+|"(?:[^"\\]|\\.)*"))*$/;

/** What the attacks make the machine lack. */
const LACKS = / error (?:descriptors\.scarce|records\.[\w-]+) /;

/** Lines of the log that are forged, or tell of a fault of the gateway's own. */
export function findOddLines({ gateway }: LiveCalls): string[] {
  const lines = gateway.process.stderr().trim().split("\n");
  return lines.filter((line) => !LINE.test(line.replace(LACKS, " warn lack ")));
}

/** Of its main thread, in the queue of the scheduler. */
function readWaitedMs(pid: number): number {
  const [, waitedNs = "0"] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(waitedNs) / 1e6;
}

function readResidentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
