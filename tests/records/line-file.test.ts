import { expect, test } from "bun:test";
import { appendFile, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { LineFile } from "../../src/records/line-file.ts";
import { readNewestLines, rotateFiles } from "../../src/records/rotation.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { type Folder, listenToLog, makeFolder } from "./folder.ts";

function openLines(folder: Folder, { name = "lines", maxBytes = 1_000_000, keptCount = 3 } = {}) {
  const clock = new FakeClock();
  const { log, events } = listenToLog();
  const turnOver = (path: string) => rotateFiles(path, keptCount);
  const file = new LineFile({ path: folder.at(name), maxBytes: () => maxBytes, turnOver, clock, log });
  return { file, clock, events };
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index).padStart(6, "0")}\n`);

test("lines come out in order, each told once it is there", async () => {
  await using folder = await makeFolder();
  const { file } = openLines(folder, { name: "new/folder/lines" });
  let toldCount = 0;
  for (const line of lines(0, 5000)) file.append(line, () => void toldCount++);
  expect(toldCount).toBe(0);
  await file.settle();
  expect(toldCount).toBe(5000);
  for (const line of lines(5000, 5010)) file.append(line);
  await file[Symbol.asyncDispose]();
  expect(await readFile(folder.at("new/folder/lines"), "utf8")).toBe(lines(0, 5010).join(""));
  file.append("late\n");
  expect(file.droppedCount).toBe(1);
  await file[Symbol.asyncDispose]();
});

test("a torn line at the end is ended before the next", async () => {
  await using folder = await makeFolder();
  await appendFile(folder.at("lines"), "whole\nto");
  const { file } = openLines(folder);
  file.append("next\n");
  await file[Symbol.asyncDispose]();
  expect(await readFile(folder.at("lines"), "utf8")).toBe("whole\nto\nnext\n");
});

test("rotates by size and keeps so many", async () => {
  await using folder = await makeFolder();
  const { file, events } = openLines(folder, { maxBytes: 1000, keptCount: 2 });
  for (const line of lines(0, 400)) {
    file.append(line);
    await file.settle();
  }
  await file[Symbol.asyncDispose]();
  const perFile = Math.ceil(1000 / 12);
  const rest = 400 - 4 * perFile;
  expect(await readFile(folder.at("lines.2"), "utf8")).toBe(lines(2 * perFile, 3 * perFile).join(""));
  expect(await readFile(folder.at("lines.1"), "utf8")).toBe(lines(3 * perFile, 4 * perFile).join(""));
  expect(await readFile(folder.at("lines"), "utf8")).toBe(lines(400 - rest, 400).join(""));
  expect(await Bun.file(folder.at("lines.3")).exists()).toBe(false);
  expect(events).toEqual([]);
  const newest = await readNewestLines(folder.at("lines"), 1_000_000);
  expect(newest).toBe(lines(2 * perFile, 400).join(""));
  expect(await readNewestLines(folder.at("lines"), 100)).toBe(lines(392, 400).join(""));
  expect(await readNewestLines(folder.at("nothing"), 100)).toBe("");
});

test("fewer files kept than before: the surplus goes", async () => {
  await using folder = await makeFolder();
  for (const number of [1, 2, 3, 7]) await appendFile(folder.at(`lines.${number}`), `${number}\n`);
  await appendFile(folder.at("lines.old"), "foreign\n");
  await appendFile(folder.at("lines"), "0\n");
  await rotateFiles(folder.at("lines"), 2);
  const left = [...new Bun.Glob("*").scanSync(folder.path)].sort();
  expect(left).toEqual(["lines.1", "lines.2", "lines.old"]);
  expect(await readFile(folder.at("lines.2"), "utf8")).toBe("1\n");
});

test("a full disk is logged once, and everything is there when it has room again", async () => {
  await using folder = await makeFolder();
  await symlink("/dev/full", folder.at("lines"));
  const { file, clock, events } = openLines(folder);
  for (const line of lines(0, 10)) file.append(line);
  await file.settle();
  for (let round = 0; round < 3; round++) {
    clock.advance(5000);
    await file.settle();
  }
  file.append("line 000010\n");
  expect(events).toEqual(["records.write-failed"]);
  expect(clock.timerCount).toBe(1);
  await rm(folder.at("lines"));
  clock.advance(5000);
  await file.settle();
  expect(events).toEqual(["records.write-failed", "records.write-resumed"]);
  expect(await readFile(folder.at("lines"), "utf8")).toBe(lines(0, 11).join(""));
  expect(clock.timerCount).toBe(0);
  await file[Symbol.asyncDispose]();
});

test("an unwritable place costs a bounded memory, and disposing ends all the same", async () => {
  await using folder = await makeFolder();
  await appendFile(folder.at("file"), "");
  const { file, clock, events } = openLines(folder, { name: "file/lines" });
  const long = `${"x".repeat(65_535)}\n`;
  for (let index = 0; index < 200; index++) file.append(long);
  await file.settle();
  expect(events).toEqual(["records.write-failed"]);
  // One is being written while 8 MiB wait.
  expect(file.droppedCount).toBe(200 - 1 - 128);
  await file[Symbol.asyncDispose]();
  expect(clock.timerCount).toBe(0);
});

test("where the old file cannot be put aside, lines still come in", async () => {
  await using folder = await makeFolder();
  await mkdir(folder.at("lines.1/in-the-way"), { recursive: true });
  const { file, events } = openLines(folder, { maxBytes: 10, keptCount: 1 });
  for (const line of lines(0, 3)) {
    file.append(line);
    await file.settle();
  }
  await file[Symbol.asyncDispose]();
  expect(await readFile(folder.at("lines"), "utf8")).toBe(lines(0, 3).join(""));
  expect(events).toEqual(["records.turn-over-failed"]);
});
