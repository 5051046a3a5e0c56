import { expect, test } from "bun:test";
import { join } from "node:path";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { EXECUTABLE, type Gateway, startGateway } from "../../peers/gateway.ts";
import { startProcess } from "../../peers/process.ts";
import { waitFor } from "../../peers/wait.ts";

async function runUser({ folder }: Gateway, args: readonly string[], input = ""): Promise<string> {
  const command = [EXECUTABLE, "user", ...args, "--config", join(folder, "nway_wx.ini")];
  await using child = startProcess(command, { cwd: folder, stdin: new TextEncoder().encode(input) });
  const code = await child.waitForExit();
  return code === 0 ? child.stdout() : `exit ${code}: ${child.stderr()}`;
}

async function logIn({ urls }: Gateway, user: string, password: string) {
  await using client = await SignalingClient.connect({ url: urls.signaling, user });
  return (await client.register(password)).data;
}

test.each([
  ["the settings file", {}],
  ["a file of SQLite", { database: { use_db: "yes", db_string: "users.db3" } }],
])(
  "users come and go in %s without a restart",
  async (_, config) => {
    // Waiting for a change means failing until it is seen.
    await using gateway = await startGateway({ config: { ...config, signaling: { login_failures: 1_000 } } });
    expect((await logIn(gateway, "dora", "x")).code).toBe("401");
    const [, made = ""] = /^password: (\S+)$/m.exec(await runUser(gateway, ["add", "dora"])) ?? [];
    await waitFor("dora to be known", async () => (await logIn(gateway, "dora", made)).code === "200ok");
    await runUser(gateway, ["passwd", "dora", "--password-stdin"], "another\n");
    await waitFor(
      "the other password",
      async () => (await logIn(gateway, "dora", "another")).code === "200ok",
    );
    expect((await logIn(gateway, "dora", made)).code).toBe("401");
    expect(await runUser(gateway, ["list"])).toContain("dora  argon2id\n");
    await runUser(gateway, ["remove", "dora"]);
    await waitFor("dora to be gone", async () => (await logIn(gateway, "dora", "another")).code !== "200ok");
    for (const secret of [made, "another", "$argon2"]) expect(gateway.log()).not.toContain(secret);
  },
  60_000,
);
