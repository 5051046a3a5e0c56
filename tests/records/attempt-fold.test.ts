import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { decodeJournal } from "../../src/records/journal.ts";
import { makeFolder, opening, readRecords, startRecorder } from "./folder.ts";

const CANCELLED = { by: "caller", cause: "ORIGINATOR_CANCEL" } as const;

/** lihao calls and gives up, so often. */
function flood(
  recorder: Awaited<ReturnType<typeof startRecorder>>["recorder"],
  from: number,
  count: number,
): void {
  for (let index = from; index < from + count; index++) recorder.begin(opening(`f${index}`)).end(CANCELLED);
}

test("a flood of attempts is ten records and one that counts, and others' calls stay", async () => {
  await using folder = await makeFolder();
  const { recorder, clock } = await startRecorder(folder.path, { attemptsAMinute: 10 });
  const other = { kind: "client", name: "nway", appName: "wx" } as const;
  recorder.begin({ ...opening("before"), caller: other }).end(CANCELLED);
  flood(recorder, 0, 20_000);
  recorder.begin({ ...opening("other"), caller: other }).end(CANCELLED);
  const answered = recorder.begin(opening("answered"));
  answered.mark("answered");
  answered.end({ by: "callee", cause: "NORMAL_CLEARING" });
  clock.advance(30_000);
  flood(recorder, 20_000, 5);
  clock.advance(40_000);
  const shown = recorder.list({ limit: 200 }).calls;
  expect(shown.map(({ callId }) => callId)).toEqual([
    "f10",
    "answered",
    "other",
    ...Array.from({ length: 10 }, (_, index) => `f${9 - index}`),
    "before",
  ]);
  expect(shown[0]).toMatchObject({ attempts: 20_005 - 10, startedAt: "2026-01-01T00:00:00.000Z" });
  expect(shown[0]?.endedAt).toBe("2026-01-01T00:00:30.000Z");
  expect(recorder.unwrittenCount).toBeLessThan(20);
  await recorder[Symbol.asyncDispose]();
  const written = await readRecords(folder.at("calls.jsonl"));
  expect(written).toHaveLength(14);
  expect(decodeJournal(readFileSync(folder.at("open-calls.jsonl"), "utf8")).calls).toEqual([]);
});

test("what was counted survives a kill, and a stop writes it", async () => {
  await using folder = await makeFolder();
  const { recorder } = await startRecorder(folder.path, { attemptsAMinute: 10 });
  flood(recorder, 0, 30);
  const { calls } = decodeJournal(readFileSync(folder.at("open-calls.jsonl"), "utf8"));
  expect(calls.find(({ callId }) => callId === "f10")).toMatchObject({
    attempts: 20,
    cause: CANCELLED.cause,
  });
  await recorder[Symbol.asyncDispose]();
  expect((await readRecords(folder.at("calls.jsonl"))).at(-1)).toMatchObject({ callId: "f10", attempts: 20 });
});

test("somebody who tries ten times a minute has a record of each", async () => {
  await using folder = await makeFolder();
  const { recorder, clock } = await startRecorder(folder.path, { attemptsAMinute: 10 });
  for (let index = 0; index < 100; index++) {
    flood(recorder, index, 1);
    clock.advance(6001);
  }
  await recorder[Symbol.asyncDispose]();
  expect(await readRecords(folder.at("calls.jsonl"))).toHaveLength(100);
});
