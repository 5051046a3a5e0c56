import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createFolder } from "../../config/folder.ts";
import { EXECUTABLE, startGateway } from "../../peers/gateway.ts";
import { runProcess } from "../../peers/process.ts";
import { run } from "./own-network.ts";

const COMMANDS = [
  "serve",
  "check-config",
  "init DIR",
  "probe",
  "api UUID CALLER GATEWAY",
  "licences",
  "version",
  "help",
];
const OPTIONS = ["--config FILE", "--module-config FILE", "--url URL", "--user1 NAME", "--password1 WORD"];
const MORE_OPTIONS = [
  "--user2 NAME",
  "--password2 WORD",
  "--seconds N",
  "--json",
  "--api-url URL",
  "--user NAME",
  "--lang LANG",
  "--tls self",
  "--ca FILE",
  "--insecure",
  "--cyclonedx",
  "-h, --help",
];

describe("the executable", () => {
  test("tells its version, which is the package's", async () => {
    using folder = createFolder();
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dir, "../../../package.json"), "utf8"));
    for (const word of ["version", "--version"]) {
      const { code, stdout } = await run([word], folder.path);
      expect(code).toBe(0);
      expect(stdout).toStartWith(`nway-wx ${version} (Bun `);
    }
  });

  test("prints its licences, into a pipe that is closed early too", async () => {
    using folder = createFolder();
    const { stdout, code } = await run(["licences"], folder.path);
    expect(code).toBe(0);
    expect(stdout).toContain("  JavaScriptCore and WebCore of WebKit: LGPL-2.0-or-later\n");
    const pipe = `"${EXECUTABLE}" licences | head -n 1; echo "\${PIPESTATUS[@]}"`;
    const { stdout: first, stderr } = await runProcess(["bash", "-c", pipe]);
    expect([first, stderr]).toEqual(["This executable contains:\n0 0\n", ""]);
  });

  test("helps with every command and option", async () => {
    using folder = createFolder();
    const { code, stdout, stderr } = await run(["--help"], folder.path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const word of [...COMMANDS, ...OPTIONS, ...MORE_OPTIONS]) expect(stdout).toContain(`  ${word} `);
    const about = await run(["probe", "--help"], folder.path);
    expect(about.stdout).toStartWith("usage: nway-wx probe [OPTIONS]\n");
  });

  test.each([
    [["--confg", "x"]],
    [["sreve"]],
    [["serve", "--config"]],
    [["init"]],
    [["probe", "--seconds", "0"]],
  ])("%p is wrong usage: 2", async (args) => {
    using folder = createFolder();
    const { code, stdout, stderr } = await run(args, folder.path);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toStartWith("nway-wx: ");
  });

  test("reads no .env file and no bunfig of the folder it runs in", async () => {
    using folder = createFolder({
      ".env": "NWAY_WX_SERVER_ADR=1\n",
      "bunfig.toml": 'preload = ["./evil.ts"]\n',
      "evil.ts": 'console.log("evil");\n',
    });
    const { code, stdout } = await run(["check-config"], folder.path);
    expect({ code, start: stdout.slice(0, 3) }).toEqual({ code: 0, start: "OK\n" });
  });
});

describe("check-config", () => {
  test("0 and the values for good settings, 1 and a line a problem for bad ones", async () => {
    using folder = createFolder({
      "good.ini": "[server]\naddr=127.0.0.1:0\n[users]\nuser1=ann\npassword1=sesame\n",
      "bad.ini": "[server]\nadr=127.0.0.1:0\naddr=here\n[settings]\nptime=25\n",
    });
    const good = await run(["check-config", "--config", "good.ini"], folder.path);
    expect({ code: good.code, stderr: good.stderr }).toEqual({ code: 0, stderr: "" });
    expect(good.stdout).toMatch(/^addr=127\.0\.0\.1:0 +# good\.ini:2$/m);
    expect(good.stdout).not.toContain("sesame");
    const bad = await run(["check-config", "--config", "bad.ini"], folder.path);
    expect({ code: bad.code, stdout: bad.stdout }).toEqual({ code: 1, stdout: "" });
    const places = bad.stderr
      .trimEnd()
      .split("\n")
      .map((line) => line.split(": ")[0]);
    expect(places.sort()).toEqual(["bad.ini:2", "bad.ini:3", "bad.ini:5"]);
    expect(bad.stderr).toMatch(/adr.*did you mean.*addr/);
  });

  test("1 for a file that is not there", async () => {
    using folder = createFolder();
    const { code, stderr } = await run(["check-config", "--config", "no.ini"], folder.path);
    expect(code).toBe(1);
    expect(stderr).toContain("no.ini");
  });
});

describe("init", () => {
  test("writes a set that check-config passes, once", async () => {
    using folder = createFolder();
    expect((await run(["init", "etc"], folder.path)).code).toBe(0);
    const written = readdirSync(join(folder.path, "etc")).sort();
    expect(written).toEqual(["nway-wx.service", "nway_wx.conf.xml", "nway_wx.ini"]);
    const ini = readFileSync(join(folder.path, "etc/nway_wx.ini"), "utf8");
    const check = await run(["check-config", "--config", "etc/nway_wx.ini"], folder.path);
    expect({ code: check.code, stderr: check.stderr }).toEqual({ code: 0, stderr: "" });

    const again = await run(["init", "etc"], folder.path);
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 1, stdout: "" });
    expect(again.stderr).toContain("exists already");
    expect(readFileSync(join(folder.path, "etc/nway_wx.ini"), "utf8")).toBe(ini);
  });
});

describe("probe", () => {
  const users = (password: string) => {
    const [first, second] = ["lihao", "nway"];
    return ["--user1", first, "--password1", password, "--user2", second, "--password2", password];
  };

  test("green at a gateway that works, as text and as JSON", async () => {
    using folder = createFolder();
    await using gateway = await startGateway();
    const args = ["probe", "--url", gateway.urls.signaling, "--seconds", "1", ...users("1234")];
    const text = await run(args, folder.path);
    expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: "" });
    expect(text.stdout).toMatch(/^set-up: .* ms/m);
    expect(text.stdout).toMatch(/lost 0\.0 %/);
    const { code, stdout } = await run([...args, "--json"], folder.path);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "ok", setUpMs: expect.any(Number), faults: [] });
  }, 180_000);

  test("red for a wrong password, a gateway that stopped and one that hangs", async () => {
    using folder = createFolder();
    await using gateway = await startGateway();
    const probe = (password: string, ...more: string[]) =>
      run(
        ["probe", "--url", gateway.urls.signaling, "--seconds", "1", ...users(password), ...more],
        folder.path,
      );
    const asJson = await probe("wrong-word", "--json");
    expect({ code: asJson.code, stderr: asJson.stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(asJson.stdout)).toMatchObject({ verdict: expect.stringContaining("bad password") });
    const refused = await probe("wrong-word");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^RED: .*bad password/);
    expect(refused.stderr).not.toContain("wrong-word");
    gateway.process.kill("SIGSTOP");
    const hanging = await probe("1234");
    expect(hanging.code).toBe(1);
    expect(hanging.stderr).toStartWith("RED: ");
    gateway.process.kill("SIGCONT");
    gateway.process.kill("SIGTERM");
    await gateway.process.waitForExit();
    const stopped = await probe("1234");
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toStartWith("RED: ");
  }, 180_000);
});
