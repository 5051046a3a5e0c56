import { expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProblems, type HealthParts } from "../../src/app/health.ts";
import { createFolder } from "../config/folder.ts";
import { startFreeswitchPeer } from "../peers/freeswitch.ts";
import { waitFor } from "../peers/wait.ts";
import { type Ini, RunningApp } from "./running-app.ts";

const GOOD: HealthParts = {
  telephone: { freeswitch: undefined },
  recorder: undefined,
  users: { problem: undefined },
  load: { isOverloaded: false },
};

test("what is not set up is no problem", () => {
  expect(findProblems(GOOD)).toEqual([]);
});

test("a machine that carries no more calls is told", () => {
  expect(findProblems({ ...GOOD, load: { isOverloaded: true } })).toEqual([
    { part: "load", reason: "this machine carries no more calls: new ones are refused" },
  ]);
});

/** `ok`, or each problem's part. It answers 200 either way. */
async function readHealth(app: RunningApp): Promise<string> {
  const response = await app.ask("/healthz");
  expect(response.status).toBe(200);
  const health: unknown = await response.json();
  const { status, problems } = health as { status: string; problems: { part: string; reason: string }[] };
  expect(status).toBe(problems.length === 0 ? "ok" : "degraded");
  return problems.map(({ part }) => part).join() || "ok";
}

const start = (ini: Ini) => RunningApp.start(ini);

test("FreeSWITCH goes and comes", async () => {
  const peer = await startFreeswitchPeer();
  const { port } = peer;
  await using app = await start({ server: { fs_esl_ip: `127.0.0.1:${port}`, fs_auth: "ClueCon" } });
  await waitFor("the link", async () => (await readHealth(app)) === "ok");
  await peer[Symbol.asyncDispose]();
  await waitFor("the loss", async () => (await readHealth(app)) === "freeswitch");
  await using _ = await startFreeswitchPeer({ port });
  await waitFor("its return", async () => (await readHealth(app)) === "ok");
});

test("records that cannot be written are told until they can", async () => {
  using folder = createFolder();
  const journal = join(folder.path, "open-calls.jsonl");
  await using app = await start({ records: { dir: folder.path } });
  expect(await readHealth(app)).toBe("ok");
  rmSync(journal, { force: true });
  mkdirSync(journal);
  await using caller = await app.register("lihao");
  const { sessionid } = await caller.invite("9196");
  await waitFor("the failure", async () => (await readHealth(app)) === "records");
  rmSync(journal, { recursive: true });
  await caller.bye(sessionid);
  await waitFor("the disk", async () => (await readHealth(app)) === "ok");
});

test("a database that is not there is told until it is", async () => {
  using folder = createFolder();
  const place = join(folder.path, "missing");
  await using app = await start({
    database: { use_db: "yes", db_type: "sqlite3", db_string: join(place, "db.db3") },
  });
  await waitFor("the failure", async () => (await readHealth(app)) === "directory");
  mkdirSync(place);
  await waitFor("the database", async () => {
    // Somebody asks for a user, as each login does.
    await using client = await app.connect("somebody");
    await client.register("1234");
    return (await readHealth(app)) === "ok";
  });
});
