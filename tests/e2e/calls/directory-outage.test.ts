import { describe, expect } from "bun:test";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { DATABASE_PASSWORD, DATABASE_SERVERS, type TestDatabase } from "../../peers/databases.ts";
import { EXECUTABLE, type Gateway, startGateway } from "../../peers/gateway.ts";
import { startProcess } from "../../peers/process.ts";
import { waitFor } from "../../peers/wait.ts";

/** Of the users, nobody else knows it. */
const PASSWORD = "sesame, open";
const PROMISED_MS = 700;

describe.each(DATABASE_SERVERS)("%s", (_, testWith, start) => {
  testWith(
    "that hangs and then stops lets nobody in, while a call goes on; and then it does again",
    async () => {
      await using database = await start();
      await fill(database);
      await using gateway = await startGateway({
        config: { database: { use_db: true, ...database.settings } },
      });
      await using caller = await register(gateway, "lihao");
      await using callee = await register(gateway, "nway");
      const { sessionid } = await caller.invite("nway");
      await callee.nextRequest("invite");
      await callee.answer(sessionid);
      await caller.nextRequest("answer");
      await using probe = startProbe(gateway);
      await waitFor("the probe's call", async () => (await countCalls(gateway)) === 2);

      await database.hang();
      await expectShut(gateway);
      await expectShut(gateway);
      await database.stop();
      await expectShut(gateway);
      expect((await caller.message("m1", "nway", "still here")).data.code).toBe("200ok");
      expect(await countCalls(gateway)).toBe(2);
      await using again = await register(gateway, "lihao");
      expect((await caller.closed).code).toBe(4001);
      expect((await again.bye(sessionid)).data.code).toBe("200ok");

      await database.start();
      await waitFor("the database again", async () => (await logIn(gateway, "dora")).code === "200ok");
      await probe.exited;
      expect(JSON.parse(probe.stdout())).toMatchObject({ faults: [] });
      expect(gateway.log()).toContain("info users.available");
      for (const secret of [DATABASE_PASSWORD, PASSWORD, encodeURIComponent(DATABASE_PASSWORD)]) {
        expect(gateway.log()).not.toContain(secret);
      }
    },
    120_000,
  );
});

async function fill(database: TestDatabase): Promise<void> {
  await database.run("create table wx_user(user_name varchar(64), password varchar(200))");
  const names = ["lihao", "nway", "dora", "probe1", "probe2"];
  const rows = names.map((name) => `('${name}', '${PASSWORD}')`);
  await database.run(`insert into wx_user values ${rows.join(",")}`);
}

async function expectShut(gateway: Gateway): Promise<void> {
  const { code, msg, tookMs } = await logIn(gateway, "dora");
  expect([code, msg]).toEqual(["480", "DIRECTORY_UNAVAILABLE"]);
  expect(tookMs).toBeLessThan(PROMISED_MS);
}

async function logIn({ urls }: Gateway, user: string) {
  await using client = await SignalingClient.connect({ url: urls.signaling, user });
  const startedMs = performance.now();
  const { code, msg } = (await client.register(PASSWORD)).data;
  return { code, msg, tookMs: performance.now() - startedMs };
}

async function register({ urls }: Gateway, user: string): Promise<SignalingClient> {
  const client = await SignalingClient.connect({ url: urls.signaling, user });
  expect((await client.register(PASSWORD)).data.code).toBe("200ok");
  return client;
}

function startProbe({ urls }: Gateway) {
  const first = ["--user1", "probe1", "--password1", PASSWORD];
  const second = ["--user2", "probe2", "--password2", PASSWORD];
  const command = [EXECUTABLE, "probe", "--url", urls.signaling, ...first, ...second];
  return startProcess([...command, "--seconds", "8", "--json"]);
}

async function countCalls({ urls }: Gateway): Promise<number> {
  const { calls }: { calls: unknown[] } = JSON.parse(await (await fetch(`${urls.api}/api/calls`)).text());
  return calls.length;
}
