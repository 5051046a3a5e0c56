import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ATTACKS } from "../../attack/attacks.ts";
import { type LiveCalls, startLiveCalls } from "../../attack/live-calls.ts";
import { measureAttack } from "../../attack/measure.ts";

/** `make attack` is the long form: more calls, and more time for each. */
const ATTACK_MS = 1_500;
const MAX_GAP_MS = 120;
/** Sound passes twice through this process and once through the gateway; each may have to wait for a busy machine. */
const WAITS = 3;
const PACKET_MS = 20;
const MAX_RESIDENT_MEGABYTES = 300;
const MAX_NEWCOMER_MS = 2_000;

let calls: LiveCalls;

beforeAll(async () => {
  calls = await startLiveCalls(1);
});
afterAll(() => calls[Symbol.asyncDispose]());

describe("calls go on, and others can call, while", () => {
  test.each(Object.keys(ATTACKS))("%s", async (name) => {
    const { telephones, apps, machineGapMs, residentMegabytes, newcomerMs } = await measureAttack(
      calls,
      name,
      ATTACK_MS,
    );
    expect(telephones.worstGapMs).toBeLessThan(MAX_GAP_MS + WAITS * machineGapMs);
    expect(apps.worstGapMs).toBeLessThan(MAX_GAP_MS + WAITS * machineGapMs);
    expect(telephones.missingCount).toBeLessThanOrEqual(machineGapMs / PACKET_MS);
    expect(residentMegabytes).toBeLessThan(MAX_RESIDENT_MEGABYTES);
    expect(newcomerMs).toBeLessThan(MAX_NEWCOMER_MS);
  });
});

test("whatever they sent, no attack has forged a line of the log, or was a fault of the gateway's", () => {
  const lines = calls.gateway.process.stderr().trim().split("\n");
  const odd = lines.filter(
    (line) => !/^\S+Z (?:info|warn) [\w.-]+(?: \w+=(?:[^\s"]+|"(?:[^"\\]|\\.)*"))*$/.test(line),
  );
  expect(odd).toEqual([]);
});
