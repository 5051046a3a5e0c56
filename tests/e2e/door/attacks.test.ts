import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { namesInShort, needsOwnNetwork, WORLDS } from "../../attack/attacks.ts";
import { type LiveCalls, startLiveCalls } from "../../attack/live-calls.ts";
import { findExcesses, findOddLines, measureAttack } from "../../attack/measure.ts";
import { requirePrograms } from "../../peers/programs.ts";

/** `make attack` is the long form: more attacks, more calls, and more time for each. */
const ATTACK_MS = 900;

describe.each(WORLDS)(
  "calls go on, others can call, and nobody gets what is not theirs, while: %#",
  (world) => {
    let calls: LiveCalls;
    beforeAll(async () => {
      calls = await startLiveCalls(1, { ...world, areUsersBounded: true });
    });
    afterAll(() => calls[Symbol.asyncDispose]());

    for (const name of namesInShort(world)) {
      const testWith = needsOwnNetwork(name) ? requirePrograms("ip", "network-namespaces") : test;
      testWith(name, async () => {
        const damage = await measureAttack(calls, name, ATTACK_MS);
        expect([damage, findExcesses(damage)]).toEqual([damage, []]);
      });
    }

    test("whatever they sent, no attack has forged a line of the log, or was a fault of the gateway's", () => {
      expect(findOddLines(calls)).toEqual([]);
    });
  },
);
