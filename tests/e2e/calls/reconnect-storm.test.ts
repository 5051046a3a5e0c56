import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { hashPassword } from "../../../src/users/passwords.ts";
import { ResumeTokens } from "../../../src/users/resume-tokens.ts";
import { createFolder } from "../../config/folder.ts";
import { EXECUTABLE, type Gateway, startGateway } from "../../peers/gateway.ts";
import { startProcess } from "../../peers/process.ts";

const PHONE_COUNT = 1_000;
const WITHOUT_TOKEN = 40;
const PROMISED_MS = 10_000;
const NAMES = Array.from({ length: PHONE_COUNT }, (_, index) => `phone${index}`);

/** A call between two other users, measured by a process of its own. */
function startProbe({ urls }: Gateway) {
  const users = ["--user1", "lihao", "--password1", "1234", "--user2", "nway", "--password2", "1234"];
  return startProcess([EXECUTABLE, "probe", "--url", urls.signaling, ...users, "--seconds", "8", "--json"]);
}

test("a thousand phones with hashed passwords are back ten seconds after a restart, and a call goes on meanwhile", async () => {
  using folder = createFolder();
  const secret = await hashPassword("sesame");
  const file = join(folder.path, "users.db3");
  const keyFile = join(folder.path, "tokens.key");
  const config = { database: { use_db: true, db_string: file }, auth: { key_file: keyFile } };
  const first = await startGateway({ config });
  const sql = new SQL({ adapter: "sqlite", filename: file });
  await sql.unsafe("pragma busy_timeout = 5000");
  await sql.begin(async (all) => {
    for (const name of NAMES) await all.unsafe("insert into wx_user values (?, ?)", [name, secret]);
  });
  await sql.close();
  const given = await logIn(first, "phone0", "sesame");
  await first[Symbol.asyncDispose]();

  await using gateway = await startGateway({ config });
  const key = Buffer.from(readFileSync(keyFile, "utf8"), "base64url");
  const tokens = new ResumeTokens({ key, lifeMs: 3_600_000, clock: { wallMs: Date.now } });
  const passwords = NAMES.map((name, index) => {
    if (index === 0) return given;
    return index > WITHOUT_TOKEN ? tokens.make({ name, secret, enabled: true }) : "sesame";
  });
  await using probe = startProbe(gateway);
  const startedMs = performance.now();
  const answers = await Promise.all(NAMES.map((name, index) => logIn(gateway, name, passwords[index] ?? "")));
  const tookMs = performance.now() - startedMs;
  console.log(`${PHONE_COUNT} phones were back after ${Math.round(tookMs)} ms`);
  expect(answers.filter((token) => !token.startsWith("nwxt1."))).toEqual([]);
  expect(tookMs).toBeLessThan(PROMISED_MS);
  await probe.exited;
  expect(JSON.parse(probe.stdout())).toMatchObject({ faults: [] });
}, 120_000);

/** The token that it got. */
async function logIn({ urls }: Gateway, user: string, password: string): Promise<string> {
  await using client = await SignalingClient.connect({ url: urls.signaling, user, timeoutMs: 30_000 });
  const { code, msg, token = "" } = (await client.register(password)).data;
  return code === "200ok" ? token : `${code} ${msg}`;
}
