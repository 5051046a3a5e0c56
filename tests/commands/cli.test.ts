import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { keyTables, sectionNames } from "../../src/config/keys.ts";
import { renderXml, SAMPLE_CONTENTS } from "../../src/config/render-files.ts";
import { createFolder } from "../config/folder.ts";
import { type RunningProcess, startProcess } from "../peers/process.ts";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");

/** A line of what check-config shows. */
const row = (setting: string, origin: string) => `${setting.padEnd(40)}  # ${origin}\n`;

type Run = { code: number; stdout: string; stderr: string };

function start(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): RunningProcess {
  return startProcess([process.execPath, MAIN, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
}

async function runIn(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  await using child = start(args, cwd, env);
  const code = await child.waitForExit();
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

const FREE_PORTS = {
  NWAY_WX_SERVER_ADDR: "127.0.0.1:0",
  NWAY_WX_SETTINGS_IP_PORT: "127.0.0.1:0",
  NWAY_WX_MEDIA_RTMP_ADDR: "127.0.0.1:0",
  NWAY_WX_SIP_ADDR: "127.0.0.1:0",
  NWAY_WX_API_ADDR: "127.0.0.1:0",
};

describe("help and version", () => {
  test("--help tells everything there is, on standard output", async () => {
    using folder = createFolder();
    const { code, stdout, stderr } = await runIn(folder.path, ["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const words = [
      "serve",
      "check-config",
      "init DIR",
      "probe",
      "version",
      "--config FILE",
      "--module-config FILE",
    ];
    const more = ["NWAY_WX_", "/etc/nway-wx", "nway_wx.conf.xml", "exit codes", "SIGTERM", "--user1 NAME"];
    for (const word of [...words, ...more]) expect(stdout).toContain(word);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test("version, by both names", async () => {
    using folder = createFolder();
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dir, "../../package.json"), "utf8"));
    for (const word of ["version", "--version"]) {
      expect((await runIn(folder.path, [word])).stdout).toStartWith(`nway-wx ${version} (Bun `);
    }
  });

  test("wrong usage exits with 2 and says so on standard error", async () => {
    using folder = createFolder();
    const { code, stdout, stderr } = await runIn(folder.path, ["--confg", "x"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe("nway-wx: unknown option --confg; did you mean --config?\nsee: nway-wx --help\n");
  });
});

describe("check-config", () => {
  test("shows the values that apply, where they come from, and no secret", async () => {
    const ini = "[server]\nfs_auth=sesame\n[media]\nopen=1\n[users]\nuser1=ann\npassword1=sesame\n";
    using folder = createFolder({ "conf/nway_wx.ini": ini });
    const { code, stdout, stderr } = await runIn(folder.path, ["check-config"], {
      NWAY_WX_LOG_LEVEL: "warn",
    });
    expect(code).toBe(0);
    expect(stderr).toBe("[media] open is on: anybody who reaches this machine may push and play streams\n");
    expect(stdout).toStartWith("OK\n");
    expect(stdout).toMatch(/^level=warn +# NWAY_WX_LOG_LEVEL$/m);
    expect(stdout).toMatch(/^addr=0\.0\.0\.0:18123 +# built-in$/m);
    expect(stdout).toMatch(/^user1=ann +# conf\/nway_wx\.ini:6$/m);
    expect(stdout).toMatch(/^password1=\*+ +# conf\/nway_wx\.ini:7$/m);
    expect(stdout).not.toContain("sesame");
  });

  test("lists each section with each key, its value and its origin", async () => {
    const ini = `[server]\naddr=127.0.0.1:0\n[api]\ntoken=${"t".repeat(16)}\n[users]\nuser1=ann\npassword1=sesame\n`;
    using folder = createFolder({ "a.ini": ini, "nway_wx.conf.xml": renderXml(SAMPLE_CONTENTS) });
    const env = { NWAY_WX_LOG_LEVEL: "warn" };
    const { stdout } = await runIn(folder.path, ["check-config", "--config", "a.ini"], env);
    const shown =
      "OK\nread, the strongest first:\n  NWAY_WX_LOG_LEVEL\n  a.ini\n  nway_wx.conf.xml\n  built-in values\n\n[server]\n";
    expect(stdout).toStartWith(shown);
    expect(stdout).toContain(
      `[api]\n${row("addr=127.0.0.1:25580", "built-in")}${row("token=********", "a.ini:4")}\n`,
    );
    expect(stdout).toContain(`\n${row("ip_port=127.0.0.1:25535", "nway_wx.conf.xml:6")}`);
    expect(stdout).toEndWith(
      `[users]\n${row("user1=ann", "a.ini:6")}${row("password1=********", "a.ini:7")}`,
    );
    const headings = [...stdout.matchAll(/^\[(\w+)\]$/gm)].map(([, name]) => name);
    expect(headings).toEqual([...sectionNames]);
    const keyCount = [...keyTables.values()].reduce((count, keys) => count + keys.size, 0);
    expect(stdout.match(/^\w+=.* {2}# \S+$/gm)).toHaveLength(keyCount + 2);
  });

  test("tells every problem, a line each", async () => {
    using folder = createFolder({ "a.ini": "[server]\nadr=1\nfs_auth=sesame#1\n[settings]\nptime=25\n" });
    const { code, stdout, stderr } = await runIn(folder.path, ["check-config", "--config", "a.ini"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(
      stderr
        .trimEnd()
        .split("\n")
        .map((line) => line.split(": ")[0]),
    ).toEqual(["a.ini:2", "a.ini:3", "a.ini:5"]);
    expect(stderr).not.toContain("sesame");
  });

  test("a file that is named but not there is an error", async () => {
    using folder = createFolder({ "a.ini": "[server]\nwelcome_wav=no.wav\n" });
    const { code, stderr } = await runIn(folder.path, ["check-config", "--config", "a.ini"]);
    expect(code).toBe(1);
    expect(stderr).toContain("a.ini:2: [server] welcome_wav: there is no file no.wav");
  });

  test("a welcome clip that is no WAV file is an error", async () => {
    using folder = createFolder({ "a.ini": "[server]\nwelcome_wav=a.ini\n" });
    const { code, stderr } = await runIn(folder.path, ["check-config", "--config", "a.ini"]);
    expect(code).toBe(1);
    expect(stderr).toContain("a.ini:2: [server] welcome_wav: a.ini can't be played: wav.no-wav");
  });
});

describe("init", () => {
  test("writes files that pass the check, with passwords that nobody knows", async () => {
    using folder = createFolder();
    const first = await runIn(folder.path, ["init", "a/b"]);
    await runIn(folder.path, ["init", "c"]);
    expect(first.code).toBe(0);
    const passwords = ["a/b", "c"].flatMap((name) => {
      const text = readFileSync(join(folder.path, name, "nway_wx.ini"), "utf8");
      return [...text.matchAll(/^password\d=([\w-]{16})$/gm)].map(([, password]) => password ?? "");
    });
    expect(new Set(passwords).size).toBe(4);
    for (const password of passwords) expect(first.stdout).not.toContain(password);
    const tokens = ["a/b", "c"].map((name) => {
      const text = readFileSync(join(folder.path, name, "nway_wx.ini"), "utf8");
      expect(text).toMatch(/^dir=records$/m);
      return /^token=([\w-]{32})$/m.exec(text)?.[1] ?? "none";
    });
    expect(tokens).not.toContain("none");
    expect(tokens[0]).not.toBe(tokens[1]);
    for (const token of tokens) expect(first.stdout).not.toContain(token);
    const modes = ["nway_wx.ini", "nway_wx.conf.xml", "nway-wx.service"].map((name) =>
      (statSync(join(folder.path, "a/b", name)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["640", "644", "644"]);
    const { code, stdout, stderr } = await runIn(folder.path, [
      "check-config",
      "--config",
      "a/b/nway_wx.ini",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("a/b/nway_wx.conf.xml");
  });

  test("writes a certificate for this machine on demand, whose key is for its owner alone", async () => {
    using folder = createFolder();
    expect((await runIn(folder.path, ["init", "a", "--tls", "self"])).code).toBe(0);
    const file = (name: string) => join(folder.path, "a", name);
    const certificate = new X509Certificate(readFileSync(file("tls.crt")));
    expect([certificate.checkIP("127.0.0.1"), certificate.checkHost("localhost")]).toEqual([
      "127.0.0.1",
      "localhost",
    ]);
    const modes = ["tls.crt", "tls.key"].map((name) => (statSync(file(name)).mode & 0o777).toString(8));
    expect(modes).toEqual(["644", "600"]);
    const check = () => runIn("/", ["check-config", "--config", file("nway_wx.ini")]);
    expect(await check()).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(file("tls.key"), "no key");
    const { code, stderr } = await check();
    expect(code).toBe(1);
    expect(stderr).toMatch(/nway_wx\.ini:\d+: \[tls\] key: \S+tls\.key: no private key in PEM form/);
    expect((await runIn(folder.path, ["init", "b", "--tls", "other"])).code).toBe(2);
    expect(existsSync(join(folder.path, "b"))).toBe(false);
  });

  test("writes Chinese comments on demand", async () => {
    using folder = createFolder();
    const { code } = await runIn(folder.path, ["init", "a", "--lang", "zh"]);
    expect(code).toBe(0);
    const ini = readFileSync(join(folder.path, "a/nway_wx.ini"), "utf8");
    expect(ini).toStartWith("# nway-wx 网关的配置。");
    expect(ini).toMatch(/^token=[\w-]{32}$/m);
    expect(await runIn(folder.path, ["check-config", "--config", "a/nway_wx.ini"])).toMatchObject({
      code: 0,
    });
    const refused = await runIn(folder.path, ["init", "b", "--lang", "fr"]);
    expect(refused).toEqual({ code: 2, stdout: "", stderr: "nway-wx: --lang takes en or zh\n" });
    expect(existsSync(join(folder.path, "b"))).toBe(false);
  });

  test("names the user that may read, and writes nothing for one that is not there", async () => {
    using folder = createFolder();
    const me = Bun.spawnSync(["id", "-un"]).stdout.toString().trim();
    const { code, stdout } = await runIn(folder.path, ["init", "a", "--user", me]);
    expect(code).toBe(0);
    expect(stdout).toContain(`a/nway_wx.ini, which this user and ${me} may read\n`);
    const refused = await runIn(folder.path, ["init", "b", "--user", "nobody-of-that-name"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toStartWith('nway-wx: there is no user "nobody-of-that-name": make it');
    expect(existsSync(join(folder.path, "b"))).toBe(false);
  });

  test("leaves what is there", async () => {
    using folder = createFolder({ "a/nway_wx.conf.xml": "mine" });
    const { code, stderr } = await runIn(folder.path, ["init", "a"]);
    expect(code).toBe(1);
    expect(stderr).toContain("a/nway_wx.conf.xml exists already");
    expect(readFileSync(join(folder.path, "a/nway_wx.conf.xml"), "utf8")).toBe("mine");
    expect(existsSync(join(folder.path, "a/nway_wx.ini"))).toBe(false);
  });

  test("says why it cannot write", async () => {
    using folder = createFolder({ a: "a file" });
    const { code, stderr } = await runIn(folder.path, ["init", "a/b"]);
    expect(code).toBe(1);
    expect(stderr).toStartWith("nway-wx: cannot write into a/b: ");
  });
});

describe("serve", () => {
  test("tells what listens and how to try it, and ends in order at the first signal", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      using folder = createFolder();
      await using child = start([], folder.path, FREE_PORTS);
      await child.waitForOutput(/stop it/);
      expect(child.stdout()).toMatch(/^ {2}rtmp +rtmp:\/\/127\.0\.0\.1:\d+\/live\/<key>$/m);
      expect(child.stdout()).toMatch(/^ {2}flv +http:\/\/127\.0\.0\.1:\d+\/live\/<key>\.flv$/m);
      expect(child.stdout()).toContain("nway-wx probe");
      expect(child.output()).not.toContain("1234");
      child.kill(signal);
      expect(await child.waitForExit()).toBe(0);
      expect(child.stderr()).toContain(`info stop signal=${signal}`);
    }
  });

  test("refuses wrong settings before anything listens", async () => {
    using folder = createFolder();
    const { code, stdout, stderr } = await runIn(folder.path, ["serve"], { NWAY_WX_SERVER_ADR: "x" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toStartWith(
      "NWAY_WX_SERVER_ADR: unknown environment variable; did you mean NWAY_WX_SERVER_ADDR?",
    );
  });

  test("names the address that is taken, its key and what to do", async () => {
    using folder = createFolder();
    using other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const addr = `127.0.0.1:${other.port}`;
    const { code, stderr } = await runIn(folder.path, [], { ...FREE_PORTS, NWAY_WX_MEDIA_RTMP_ADDR: addr });
    expect(code).toBe(1);
    const complaints = stderr.split("\n").filter((line) => line.startsWith("nway-wx: "));
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toStartWith(
      `nway-wx: cannot start: ${addr}, which is rtmp_addr of [media], is taken by another program: end it (ss -ltnp`,
    );
  });

  test("warns of what is careless", async () => {
    using folder = createFolder({ "a.ini": "[server]\nwelcome_wav=no.wav\n" });
    await using child = start(["--config", "a.ini"], folder.path, FREE_PORTS);
    await child.waitForOutput(/stop it/);
    expect(child.stdout()).toContain("nway-wx probe --config a.ini\n");
    expect(child.stderr()).toMatch(
      / warn config reason="a\.ini:2: \[server\] welcome_wav: there is no file no\.wav"/,
    );
    expect(child.stderr()).toMatch(/ warn config reason="there are no users/);
  });
});

describe("probe", () => {
  test("is red when nothing answers, and repeats no password", async () => {
    using folder = createFolder();
    const options = ["--user1", "a", "--password1", "sesame", "--user2", "b", "--password2", "sesame"];
    const { code, stderr } = await runIn(folder.path, ["probe", "--url", "ws://127.0.0.1:1/", ...options]);
    expect(code).toBe(1);
    expect(stderr).toStartWith("RED: ws://127.0.0.1:1/: ");
    expect(stderr).not.toContain("sesame");
  });

  test.each(["gw", "127.0.0.1:18123", "http://gw/", "ws://", "ws://gw:99999/", "ws://u:sesame@gw/"])(
    "refuses --url %s, and does not repeat it",
    async (url) => {
      using folder = createFolder();
      const { code, stderr } = await runIn(folder.path, ["probe", "--url", url]);
      expect(code).toBe(2);
      expect(stderr).toBe("nway-wx: --url takes ws://HOST:PORT/ or wss://HOST:PORT/\n");
    },
  );

  test("refuses to call a user from itself", async () => {
    using folder = createFolder();
    const { code, stderr } = await runIn(folder.path, ["probe", "--user1", "lihao", "--user2", "lihao"]);
    expect(code).toBe(2);
    expect(stderr).toContain("needs two users");
  });

  test("needs two users", async () => {
    using folder = createFolder({ "conf/nway_wx.ini": "[users]\nuser1=a\npassword1=b\n" });
    const { code, stderr } = await runIn(folder.path, ["probe"]);
    expect(code).toBe(2);
    expect(stderr).toContain("needs two users");
  });
});
