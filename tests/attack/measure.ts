import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { startProcess } from "../peers/process.ts";
import type { LiveCalls, WhatWasHeard } from "./live-calls.ts";
import { callAsNewcomer } from "./newcomer.ts";

export type Damage = WhatWasHeard & {
  /** The most that the gateway used. */
  readonly residentMegabytes: number;
  /** The longest time for which this process itself did not run: the machine was busy with others. */
  readonly machineGapMs: number;
  /** Until a newcomer heard the echo; undefined if it never did. */
  readonly newcomerMs: number | undefined;
};

const ATTACKER = resolve(import.meta.dir, "attacker.ts");
const LOOK_MS = 100;
const BEAT_MS = 10;
/** Until the attack is under way. */
const HEAD_START_MS = 500;

/** What the attack of this name, from a process of its own, does to those who talk, and to somebody who comes then. */
export async function measureAttack(calls: LiveCalls, name: string, forMs: number): Promise<Damage> {
  const { gateway } = calls;
  let residentMegabytes = 0;
  let machineGapMs = 0;
  let beforeMs = performance.now();
  const look = systemClock.every(LOOK_MS, () => {
    residentMegabytes = Math.max(residentMegabytes, readResidentMegabytes(gateway.pid));
  });
  const beat = systemClock.every(BEAT_MS, () => {
    const nowMs = performance.now();
    machineGapMs = Math.max(machineGapMs, nowMs - beforeMs - BEAT_MS);
    beforeMs = nowMs;
  });
  calls.start();
  const command = [process.execPath, ATTACKER, name, JSON.stringify(gateway.ports), String(forMs)];
  await using attacker = startProcess(command, { env: process.env });
  await Bun.sleep(HEAD_START_MS);
  const newcomerMs = await callAsNewcomer(gateway);
  const exitCode = await attacker.waitForExit(forMs + 10_000);
  const heard = calls.stop();
  look.cancel();
  beat.cancel();
  if (exitCode !== 0) throw new Error(`the attacker failed: ${attacker.output()}`);
  return { ...heard, residentMegabytes, machineGapMs, newcomerMs };
}

function readResidentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
