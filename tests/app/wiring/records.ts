import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../../peers/wait.ts";
import { type Ini, RunningApp } from "../running-app.ts";
import type { Row } from "./row.ts";

const FOLDER = join(tmpdir(), `nway-wx-wiring-${process.pid}`);
const IN_FOLDER: Ini = { records: { dir: FOLDER } };
/** A line of a record that nobody reads. */
const TWO_MEGABYTES = `${"x".repeat(1023)}\n`.repeat(2048);

/** What is left of calls. */
export const recordRows: readonly Row[] = [
  {
    setting: "records.dir",
    value: FOLDER,
    observe: (ini) =>
      withFolder(
        {},
        () => callOnce(ini),
        () => existsSync(join(FOLDER, "calls.jsonl")),
      ),
    sees: true,
  },
  {
    setting: "records.file_megabytes",
    value: "1",
    beside: IN_FOLDER,
    observe: (ini) => withFolder({ "calls.jsonl": TWO_MEGABYTES }, () => callOnce(ini), listRotated),
    sees: ["calls.jsonl.1"],
  },
  {
    setting: "records.files",
    value: "1",
    beside: { records: { dir: FOLDER, file_megabytes: "1" } },
    observe: (ini) =>
      withFolder({ "calls.jsonl": TWO_MEGABYTES, "calls.jsonl.1": "\n" }, () => callOnce(ini), listRotated),
    sees: ["calls.jsonl.1"],
  },
  {
    setting: "records.recent_calls",
    value: "1",
    beside: IN_FOLDER,
    async observe(ini) {
      const call = async () => {
        await callOnce(ini);
        await callOnce(ini);
      };
      const count = async () => {
        await using app = await RunningApp.start(ini);
        return await app.count("records");
      };
      return await withFolder({}, call, count);
    },
    sees: 1,
  },
];

async function withFolder<T>(
  files: Readonly<Record<string, string>>,
  call: () => Promise<void>,
  look: () => T | Promise<T>,
): Promise<T> {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(FOLDER, name), text);
  try {
    await call();
    return await look();
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

/** A gateway that sees one call and stops, which writes down what is to be written. */
async function callOnce(ini: Ini): Promise<void> {
  await using app = await RunningApp.start(ini);
  await using lihao = await app.register("lihao");
  const { sessionid } = await lihao.invite("9196");
  await lihao.bye(sessionid);
  await waitFor("the end of the call", async () => (await app.count("calls")) === 0);
}

function listRotated(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith("calls.jsonl."))
    .sort();
}
