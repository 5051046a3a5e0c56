import { expect, test } from "bun:test";
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJournal, encodeJournalLine } from "../../src/records/journal.ts";
import { startProcess } from "../peers/process.ts";
import { waitFor } from "../peers/wait.ts";
import { type Folder, makeFolder, opening, readRecords, startRecorder } from "./folder.ts";

/** A process of its own, with so many open calls and others that begin and end all the time. */
async function startOtherGateway(folder: Folder, openCount: number) {
  const script = join(import.meta.dir, "killed-gateway.ts");
  const gateway = startProcess([process.execPath, script, folder.path, String(openCount)]);
  const readOpen = () => readFile(folder.at("open-calls.jsonl"), "utf8").catch(() => "");
  await waitFor("calls under way", async () => (await readOpen()).includes('"ended-30"'));
  return gateway;
}

test("an ended call is one line in the file and one row for the console", async () => {
  await using folder = await makeFolder();
  const { recorder, clock, events } = await startRecorder(folder.at("records"));
  const call = recorder.begin(opening("a"));
  clock.advance(2000);
  call.mark("answered");
  clock.advance(3000);
  call.setCodecs({ callerAudio: "AAC", telephone: "PCMA" });
  call.end({ by: "callee", cause: "NORMAL_CLEARING" });
  expect(recorder.find("a")).toMatchObject({ talkSeconds: 3, endedBy: "callee", caller: { name: "lihao" } });
  await recorder[Symbol.asyncDispose]();
  const [record, ...others] = await readRecords(folder.at("records/calls.jsonl"));
  expect(others).toEqual([]);
  expect(record).toMatchObject({ callId: "a", cause: "NORMAL_CLEARING", codecs: { telephone: "PCMA" } });
  expect(decodeJournal(await readFile(folder.at("records/open-calls.jsonl"), "utf8")).calls).toEqual([]);
  expect([events, clock.timerCount]).toEqual([[], 0]);
});

test.each([-3_600_000, 3_600_000])(
  "a clock that steps by %i ms adds nothing to a call and takes nothing off",
  async (stepMs) => {
    await using folder = await makeFolder();
    const { recorder, clock } = await startRecorder(folder.path);
    const call = recorder.begin(opening("a"));
    call.mark("answered");
    const wallMs = clock.wallMs.bind(clock);
    clock.wallMs = () => wallMs() + stepMs;
    clock.advance(60_000);
    call.end({ by: "caller", cause: "NORMAL_CLEARING" });
    expect(recorder.find("a")).toMatchObject({ talkSeconds: 60, endedAt: "2026-01-01T00:01:00.000Z" });
    await recorder[Symbol.asyncDispose]();
  },
);

test("a measurement that is no number does not spoil its record", async () => {
  await using folder = await makeFolder();
  const { recorder } = await startRecorder(folder.path);
  const call = recorder.begin(opening("a"));
  call.setMedia({ jitterMs: 3, roundTripMs: 40 });
  call.setMedia({ jitterMs: Number.NaN, roundTripMs: Number.POSITIVE_INFINITY, lostPackets: 2 });
  call.end({ by: "caller", cause: "NORMAL_CLEARING" });
  expect(recorder.find("a")?.media).toEqual({ jitterMs: 3, roundTripMs: 40, lostPackets: 2 });
  await recorder[Symbol.asyncDispose]();
});

test("the console pages through the last calls, newest first, and finds a party's", async () => {
  await using folder = await makeFolder();
  const { recorder } = await startRecorder(folder.path, { recentCount: 50 });
  for (let index = 0; index < 80; index++) {
    const callee = { kind: "client", name: `user-${index % 10}` } as const;
    recorder.begin({ ...opening(String(index)), callee }).end({ by: "caller", cause: "NORMAL_CLEARING" });
  }
  const first = recorder.list({ limit: 30 });
  expect(first.calls.map(({ callId }) => callId)).toEqual(
    Array.from({ length: 30 }, (_, index) => String(79 - index)),
  );
  const second = recorder.list({ limit: 30, before: first.next ?? 0 });
  expect(second.calls.map(({ callId }) => callId)).toEqual(
    Array.from({ length: 20 }, (_, index) => String(49 - index)),
  );
  expect(second.next).toBeUndefined();
  expect(recorder.list({ limit: 10, party: "user-3" }).calls.map(({ callId }) => callId)).toEqual([
    "73",
    "63",
    "53",
    "43",
    "33",
  ]);
  expect(recorder.list({ limit: 1000, party: "lihao" }).calls).toHaveLength(50);
  expect(recorder.list({ limit: 10, party: "' OR 1=1 --" }).calls).toEqual([]);
  expect([recorder.find("79")?.callId, recorder.find("1")]).toEqual(["79", undefined]);
  await recorder[Symbol.asyncDispose]();
});

test("10,000 records, each once, over rotated files; the console keeps the last 1,000", async () => {
  await using folder = await makeFolder();
  const { recorder, clock, events } = await startRecorder(folder.path, {
    maxFileBytes: 1_000_000,
    keptFileCount: 9,
  });
  for (let index = 0; index < 10_000; index++) {
    const call = recorder.begin(opening(`call-${index}`));
    call.mark("answered");
    call.end({ by: "caller", cause: "NORMAL_CLEARING" });
    if (index % 100 === 99) clock.advance(500);
    // As calls end in turns of the event loop, not all in one.
    if (index % 1000 === 999) await Bun.file(folder.at("nothing")).exists();
  }
  await recorder[Symbol.asyncDispose]();
  const files = [...new Bun.Glob("calls.jsonl*").scanSync(folder.path)];
  expect(files.length).toBeGreaterThan(2);
  const all = (await Promise.all(files.map((file) => readRecords(folder.at(file))))).flat();
  expect(all).toHaveLength(10_000);
  expect(new Set(all.map(({ callId }) => callId)).size).toBe(10_000);
  expect((await readFile(folder.at("open-calls.jsonl"))).length).toBeLessThan(1_500_000);
  const next = await startRecorder(folder.path);
  expect(next.recorder.list({ limit: 1 }).calls[0]?.callId).toBe("call-9999");
  expect([next.recorder.find("call-9000")?.callId, next.recorder.find("call-8999")]).toEqual([
    "call-9000",
    undefined,
  ]);
  await next.recorder[Symbol.asyncDispose]();
  expect([...events, ...next.events]).toEqual([]);
});

test("calls of a killed process are recorded at the next start, those that ended not twice", async () => {
  await using folder = await makeFolder();
  await using gateway = await startOtherGateway(folder, 40);
  gateway.kill("SIGKILL");
  await gateway.waitForExit();

  const { recorder, events } = await startRecorder(folder.path);
  expect(recorder.find("open-8")).toMatchObject({
    cause: "GATEWAY_RESTART",
    endedBy: "gateway",
    reconnects: 1,
  });
  await recorder[Symbol.asyncDispose]();
  const records = await readRecords(folder.at("calls.jsonl"));
  const lost = records.filter(({ cause }) => cause === "GATEWAY_RESTART");
  const isFromOpening = lost.filter(({ callId }) => callId.startsWith("open-")).length;
  expect(isFromOpening).toBe(40);
  expect(lost.length).toBeLessThanOrEqual(41);
  expect(lost.find(({ callId }) => callId === "open-3")?.ringingAt).toBeUndefined();
  expect(lost.find(({ callId }) => callId === "open-4")?.answeredAt).toBeDefined();
  const ended = records.filter(({ cause }) => cause === "ORIGINATOR_CANCEL");
  expect(ended.length).toBeGreaterThanOrEqual(30);
  expect(new Set(records.map(({ callId }) => callId)).size).toBe(records.length);
  expect(events).toEqual(["records.recovered"]);

  const again = await startRecorder(folder.path);
  await again.recorder[Symbol.asyncDispose]();
  expect(await readRecords(folder.at("calls.jsonl"))).toHaveLength(records.length);
  expect(again.events).toEqual([]);
});

test("a recovered call ended when its process last said that it lives", async () => {
  await using folder = await makeFolder();
  const first = await startRecorder(folder.path);
  const call = first.recorder.begin(opening("a"));
  call.mark("answered");
  first.clock.advance(35_000);
  await first.recorder[Symbol.asyncDispose]();
  await appendFile(folder.at("open-calls.jsonl"), '{"call":{"callId":"b","torn');

  const { recorder } = await startRecorder(folder.path);
  expect(recorder.find("a")).toMatchObject({ endedAt: "2026-01-01T00:00:30.000Z", talkSeconds: 30 });
  await recorder[Symbol.asyncDispose]();
});

test("a record that was written just before the kill is not written again", async () => {
  await using folder = await makeFolder();
  const first = await startRecorder(folder.path);
  first.recorder.begin(opening("a")).end({ by: "caller", cause: "NORMAL_CLEARING" });
  await first.recorder[Symbol.asyncDispose]();
  const journal = await readFile(folder.at("open-calls.jsonl"), "utf8");
  await writeFile(folder.at("open-calls.jsonl"), journal.replace(/\{"done".*\n/, ""));
  for (let round = 0; round < 2; round++) {
    const { recorder, events } = await startRecorder(folder.path);
    await recorder[Symbol.asyncDispose]();
    expect(events).toEqual([]);
  }
  expect(await readRecords(folder.at("calls.jsonl"))).toHaveLength(1);
  expect(decodeJournal(await readFile(folder.at("open-calls.jsonl"), "utf8")).calls).toEqual([]);
});

test("an end that the full disk kept from the file is recovered with its true cause", async () => {
  await using folder = await makeFolder();
  await symlink("/dev/full", folder.at("calls.jsonl"));
  const first = await startRecorder(folder.path);
  first.recorder.begin(opening("a")).end({ by: "callee", cause: "USER_BUSY" });
  await first.recorder[Symbol.asyncDispose]();
  expect(first.events).toEqual(["records.write-failed"]);
  await Bun.file(folder.at("calls.jsonl")).delete();
  const { recorder } = await startRecorder(folder.path);
  await recorder[Symbol.asyncDispose]();
  expect(await readRecords(folder.at("calls.jsonl"))).toMatchObject([{ callId: "a", cause: "USER_BUSY" }]);
});

test("a record that waits for the disk outlives the journal's being made small", async () => {
  await using folder = await makeFolder();
  await symlink("/dev/full", folder.at("calls.jsonl"));
  const first = await startRecorder(folder.path);
  first.recorder.begin(opening("a")).end({ by: "callee", cause: "USER_BUSY" });
  const name = "x".repeat(256);
  const callee = { kind: "telephone", name, legIds: Array(8).fill(name) } as const;
  const call = first.recorder.begin({ ...opening("b"), callee });
  for (let index = 0; index < 600; index++) call.countReconnect();
  await first.recorder[Symbol.asyncDispose]();
  const journal = await readFile(folder.at("open-calls.jsonl"), "utf8");
  expect(journal.split("\n").length).toBeLessThan(400);
  await Bun.file(folder.at("calls.jsonl")).delete();
  const { recorder } = await startRecorder(folder.path);
  await recorder[Symbol.asyncDispose]();
  expect(await readRecords(folder.at("calls.jsonl"))).toMatchObject([
    { callId: "a", cause: "USER_BUSY" },
    { callId: "b", cause: "GATEWAY_RESTART", reconnects: 600 },
  ]);
});

test("a damaged database is put aside and filled anew from the files", async () => {
  await using folder = await makeFolder();
  const first = await startRecorder(folder.path);
  for (const callId of ["a", "b"])
    first.recorder.begin(opening(callId)).end({ by: "caller", cause: "NO_ANSWER" });
  await first.recorder[Symbol.asyncDispose]();
  await writeFile(folder.at("recent-calls.db"), "no database ".repeat(1000));
  const { recorder, events } = await startRecorder(folder.path);
  expect(recorder.list({ limit: 10 }).calls.map(({ callId }) => callId)).toEqual(["b", "a"]);
  await recorder[Symbol.asyncDispose]();
  expect(events).toEqual(["records.database-damaged"]);
  expect(await Bun.file(folder.at("recent-calls.db.damaged")).exists()).toBe(true);
});

test("a database that is damaged where opening does not look is put aside too", async () => {
  await using folder = await makeFolder();
  const first = await startRecorder(folder.path);
  for (let index = 0; index < 300; index++)
    first.recorder.begin(opening(String(index))).end({ by: "caller", cause: "NO_ANSWER" });
  await first.recorder[Symbol.asyncDispose]();
  const bytes = await readFile(folder.at("recent-calls.db"));
  await writeFile(folder.at("recent-calls.db"), bytes.fill(0x55, 4096));
  const { recorder, clock, events } = await startRecorder(folder.path);
  recorder.begin(opening("new")).end({ by: "caller", cause: "NO_ANSWER" });
  expect(recorder.list({ limit: 10 }).calls).toEqual([]);
  await waitFor("the new database", () => {
    clock.advance(500);
    return recorder.find("new") !== undefined;
  });
  expect(recorder.list({ limit: 2 }).calls.map(({ callId }) => callId)).toEqual(["new", "299"]);
  await recorder[Symbol.asyncDispose]();
  expect(events).toEqual(["records.database-damaged"]);
});

test("a folder belongs to one process: a second may not take its calls for a dead one's", async () => {
  await using folder = await makeFolder();
  await using gateway = await startOtherGateway(folder, 1);
  expect(await startRecorder(folder.path).catch((thrown) => thrown.code)).toBe("records.folder-in-use");
  const records = await readRecords(folder.at("calls.jsonl"));
  expect(records.filter(({ cause }) => cause === "GATEWAY_RESTART")).toEqual([]);
  gateway.kill("SIGKILL");
  await gateway.waitForExit();
  await (await startRecorder(folder.path)).recorder[Symbol.asyncDispose]();
  const after = await readRecords(folder.at("calls.jsonl"));
  expect(after.find(({ callId }) => callId === "open-0")?.cause).toBe("GATEWAY_RESTART");
});

test("what a full disk takes no more of is not kept in the memory either", async () => {
  await using folder = await makeFolder();
  await mkdir(folder.at("calls.jsonl"));
  const { recorder } = await startRecorder(folder.path);
  const name = "x".repeat(256);
  const callee = { kind: "telephone", name, appName: name, legIds: Array(8).fill(name) } as const;
  for (let index = 0; index < 5000; index++) {
    recorder.begin({ ...opening(String(index)), callee }).end({ by: "caller", cause: "NO_ANSWER" });
    if (index % 500 === 0) await Bun.file(folder.at("nothing")).exists();
  }
  expect(recorder.unwrittenCount).toBeLessThan((8 * 1024 * 1024) / 2560);
  await recorder[Symbol.asyncDispose]();
});

test("a journal of many calls is read at the start, and written anew", async () => {
  await using folder = await makeFolder();
  const call = {
    ...opening("x"),
    startedAt: "2026-01-01T00:00:00.000Z",
    codecs: {},
    media: {},
    reconnects: 0,
  };
  const line = (callId: string) => encodeJournalLine({ call: { ...call, callId } });
  const lines = Array.from({ length: 20_000 }, (_, index) => line(String(index % 50)));
  await writeFile(folder.at("open-calls.jsonl"), lines.join(""));
  const { recorder } = await startRecorder(folder.path);
  await recorder[Symbol.asyncDispose]();
  expect(await readRecords(folder.at("calls.jsonl"))).toHaveLength(50);
  expect((await readFile(folder.at("open-calls.jsonl"))).length).toBeLessThan(100_000);
});

test("where nothing can be written, calls go on, and each failure is logged once", async () => {
  await using folder = await makeFolder();
  await writeFile(folder.at("file"), "");
  const { recorder, clock, events } = await startRecorder(folder.at("file/records"));
  for (let index = 0; index < 100; index++) {
    recorder.begin(opening(String(index))).end({ by: "caller", cause: "NORMAL_CLEARING" });
    clock.advance(1000);
  }
  expect(recorder.list({ limit: 10 }).calls).toEqual([]);
  expect(recorder.find("1")).toBeUndefined();
  await recorder[Symbol.asyncDispose]();
  expect(events.sort()).toEqual([
    "records.database-failed",
    "records.folder-not-locked",
    "records.recovery-failed",
    "records.write-failed",
    "records.write-failed",
  ]);
  expect(clock.timerCount).toBe(0);
});

test("a folder that is removed while it runs is made anew, with all that is not over", async () => {
  await using folder = await makeFolder();
  const path = folder.at("records");
  const { recorder, clock, events } = await startRecorder(path);
  const open = recorder.begin(opening("open"));
  recorder.begin(opening("before")).end({ by: "caller", cause: "NORMAL_CLEARING" });
  await waitFor("the first record", async () => (await readRecords(`${path}/calls.jsonl`)).length === 1);
  await rm(path, { recursive: true });
  recorder.begin(opening("after")).end({ by: "caller", cause: "NORMAL_CLEARING" });
  await waitFor("the second record", async () => (await readRecords(`${path}/calls.jsonl`)).length === 1);
  expect(decodeJournal(await readFile(`${path}/open-calls.jsonl`, "utf8")).calls).toMatchObject([
    { callId: "open" },
  ]);
  await waitFor("the row in a new database", () => {
    clock.advance(1_000);
    return recorder.find("after") !== undefined;
  });
  expect(events.filter((event) => event === "records.file-removed")).toHaveLength(3);
  open.end({ by: "caller", cause: "NORMAL_CLEARING" });
  await recorder[Symbol.asyncDispose]();
  expect(events).not.toContain("records.write-failed");
});
