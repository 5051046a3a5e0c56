import { expect, test } from "bun:test";
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { OpenCall } from "../../src/records/call-record.ts";
import { decodeJournal } from "../../src/records/journal.ts";
import { JournalFile } from "../../src/records/journal-file.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { type Folder, listenToLog, makeFolder, opening, startRecorder } from "./folder.ts";

function openCall(callId: string): OpenCall {
  const startedAt = "2026-01-01T00:00:00.000Z";
  return { ...opening(callId), startedAt, codecs: {}, media: {}, reconnects: 0 };
}

function openJournal(folder: Folder, maxBytes = 1_000_000) {
  const clock = new FakeClock();
  const { log, events } = listenToLog();
  const open = new Map<string, OpenCall>();
  const path = folder.at("journal");
  const listOpen = () => open.values();
  const file = new JournalFile({ path, listOpen, maxBytes: () => maxBytes, clock, log });
  const begin = (callId: string) => {
    open.set(callId, openCall(callId));
    file.append({ call: openCall(callId) });
  };
  const read = () => decodeJournal(readFileSync(path, "utf8"));
  return { file, open, begin, read, path, clock, events };
}

const idsOf = (calls: readonly OpenCall[]) => calls.map(({ callId }) => callId);

test("a line is in the file when append returns", async () => {
  await using folder = await makeFolder();
  const { file, begin, read } = openJournal(folder);
  begin("a");
  expect(idsOf(read().calls)).toEqual(["a"]);
  file.append({ done: "a" });
  expect(read().calls).toEqual([]);
  file[Symbol.dispose]();
});

test("what happens to a call is in the journal before whoever says so goes on", async () => {
  await using folder = await makeFolder();
  const { recorder } = await startRecorder(folder.path);
  const read = () => decodeJournal(readFileSync(folder.at("open-calls.jsonl"), "utf8")).calls;
  const call = recorder.begin(opening("a"));
  expect(read()).toMatchObject([{ callId: "a" }]);
  call.mark("answered");
  expect(read()[0]?.answeredAt).toBeDefined();
  call.end({ by: "caller", cause: "NORMAL_CLEARING" });
  expect(read()).toMatchObject([{ callId: "a", endedBy: "caller", cause: "NORMAL_CLEARING" }]);
  await recorder[Symbol.asyncDispose]();
  expect(read()).toEqual([]);
});

test("a torn line spoils no other", async () => {
  await using folder = await makeFolder();
  const { file, begin, read, path } = openJournal(folder);
  writeFileSync(path, '{"call":{"callId":"torn');
  begin("a");
  expect(read()).toMatchObject({ calls: [{ callId: "a" }], damagedCount: 1 });
  file[Symbol.dispose]();
});

test("a long journal is written anew with what is open", async () => {
  await using folder = await makeFolder();
  const { file, open, begin, read, path } = openJournal(folder, 10_000);
  begin("stays");
  for (let index = 0; index < 1000; index++) {
    begin(String(index));
    open.delete(String(index));
    file.append({ done: String(index) });
    expect(readFileSync(path).length).toBeLessThan(10_000);
  }
  expect(idsOf(read().calls)).toEqual(["stays"]);
  file[Symbol.dispose]();
});

test("a full disk is logged once; when it has room, what is open then is there", async () => {
  await using folder = await makeFolder();
  const { file, open, begin, read, path, clock, events } = openJournal(folder);
  symlinkSync("/dev/full", path);
  begin("over");
  begin("open");
  // The new one, which would take its place, cannot be written either.
  symlinkSync("/dev/full", `${path}.new`);
  clock.advance(20_000);
  expect(events).toEqual(["records.write-failed"]);
  open.delete("over");
  rmSync(`${path}.new`);
  clock.advance(5000);
  expect(events).toEqual(["records.write-failed", "records.write-resumed"]);
  expect(idsOf(read().calls)).toEqual(["open"]);
  begin("next");
  expect(idsOf(read().calls)).toEqual(["open", "next"]);
  file[Symbol.dispose]();
  expect(clock.timerCount).toBe(0);
});
