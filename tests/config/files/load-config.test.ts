import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import {
  ConfigRefused,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
} from "../../../src/config/files/load-config.ts";
import { createFolder } from "../folder.ts";

const MANUAL = join(import.meta.dir, "../../fixtures/manual");

type Files = Readonly<Record<string, string | Uint8Array>>;

function load(files: Files, options: Partial<LoadOptions> = {}): LoadedConfig {
  using folder = createFolder(files);
  return loadConfig({ cwd: folder.path, env: {}, ...options });
}

function problemsOf(files: Files, options: Partial<LoadOptions> = {}): readonly string[] {
  try {
    load(files, options);
  } catch (thrown) {
    if (thrown instanceof ConfigRefused) return thrown.problems;
    throw thrown;
  }
  return [];
}

function xml(params: Readonly<Record<string, string>>): string {
  const lines = Object.entries(params).map(([name, value]) => `<param name="${name}" value="${value}"/>`);
  return `<configuration name="nway_wx.conf"><settings>${lines.join("\n")}</settings></configuration>`;
}

const INI = "conf/nway_wx.ini";
const XML = "conf/nway_wx.conf.xml";

test("both samples of the manual load as they stand", () => {
  const { config, sources, missingFiles } = loadConfig({ cwd: MANUAL, env: {}, configFile: "nway_wx.ini" });
  expect(sources).toEqual(["nway_wx.ini", "nway_wx.conf.xml", "built-in values"]);
  expect(config.server).toEqual({
    addr: { host: "0.0.0.0", port: 18123 },
    welcome_wav: "/opt/welcome.wav",
    welcome_h264: "/opt/welcome.h264",
    fs_esl_ip: { host: "127.0.0.1", port: 8021 },
    fs_auth: "ClueCon",
    base_pull_url: "rtmp://182.61.34.55/live/",
    base_push_url: "rtmp://182.61.34.55/live/",
    use_callout: false,
  });
  expect(config.user.user_number).toBe(2);
  expect([...config.users]).toEqual([
    ["lihao", "1234"],
    ["nway", "1234"],
  ]);
  expect(config.database).toEqual({ use_db: false, db_type: "sqlite3", db_string: "./db.db3" });
  expect(config.acl).toEqual({
    use_acl: false,
    allow: ["0.0.0.0"],
    deny: [],
    trusted_proxies: ["127.0.0.0/8", "::1"],
  });
  expect(config.settings).toEqual({
    ip_port: { host: "0.0.0.0", port: 25535 },
    use_video: false,
    audio_codec: "AAC",
    video_codec: "H264",
    push_to_other: true,
    program_name: "wechat",
    use_flv: true,
    ptime: 20,
  });
  expect(missingFiles).toEqual([
    "nway_wx.ini:5: [server] welcome_wav: there is no file /opt/welcome.wav",
    "nway_wx.ini:7: [server] welcome_h264: there is no file /opt/welcome.h264",
  ]);
});

describe("without a file", () => {
  test("everything is on loopback and the sample users exist", () => {
    const { config, embedded, sources, warnings } = load({});
    const hosts = [config.server.addr, config.settings.ip_port, config.media.rtmp_addr, config.api.addr];
    expect(hosts.map(({ host, port }) => `${host}:${port}`)).toEqual([
      "127.0.0.1:18123",
      "127.0.0.1:25535",
      "127.0.0.1:1935",
      "127.0.0.1:25580",
    ]);
    expect([...config.users.keys()]).toEqual(["lihao", "nway"]);
    expect({ embedded, sources, warnings }).toEqual({
      embedded: true,
      sources: ["built-in values"],
      warnings: [],
    });
  });

  test("the sample users are not let out to the network", () => {
    const env = { NWAY_WX_MEDIA_RTMP_ADDR: "0.0.0.0:1935" };
    expect(problemsOf({}, { env })[0]).toStartWith(
      "NWAY_WX_MEDIA_RTMP_ADDR: [media] rtmp_addr: 0.0.0.0:1935 is reachable",
    );
  });

  test("users of one's own take the sample users' place", () => {
    const env = {
      NWAY_WX_SERVER_ADDR: "0.0.0.0:18123",
      NWAY_WX_USERS_USER2: "bob",
      NWAY_WX_USERS_PASSWORD2: "sesame",
    };
    const { config, embedded } = load({}, { env });
    expect([...config.users.keys()]).toEqual(["bob"]);
    expect(embedded).toBe(true);
  });
});

describe("search", () => {
  test("./conf is found by itself", () => {
    expect(load({ [INI]: "", [XML]: xml({}) }).sources).toEqual([INI, XML, "built-in values"]);
  });

  test("one of the two files is enough, and then there are no sample users", () => {
    for (const files of [{ [INI]: "" }, { [XML]: xml({}) }]) {
      const { config, embedded, warnings } = load(files);
      expect(config.server.addr.host).toBe("0.0.0.0");
      expect(config.users.size).toBe(0);
      expect(embedded).toBe(false);
      expect(warnings).toEqual([
        "there are no users, so nobody can register; add user1 and password1 to [users]",
      ]);
    }
  });

  test("--config names the INI and the XML is beside it", () => {
    const files = {
      [INI]: "[log]\nlevel=error",
      "a/b.ini": "[log]\nlevel=warn",
      "a/nway_wx.conf.xml": xml({ ptime: "30" }),
    };
    const { config, sources } = load(files, { configFile: "a/b.ini" });
    expect(sources).toEqual(["a/b.ini", "a/nway_wx.conf.xml", "built-in values"]);
    expect([config.log.level, config.settings.ptime]).toEqual(["warn", 30]);
  });

  test("--module-config replaces the XML", () => {
    const files = { [INI]: "", [XML]: xml({ ptime: "30" }), "fs.xml": xml({ ptime: "40" }) };
    expect(load(files, { moduleConfigFile: "fs.xml" }).config.settings.ptime).toBe(40);
    expect(load({ "fs.xml": xml({}) }, { moduleConfigFile: "fs.xml" }).embedded).toBe(false);
  });

  test("a file that is named must be there", () => {
    const problems = problemsOf({}, { configFile: "a.ini", moduleConfigFile: "." });
    expect(problems[0]).toStartWith(".: a folder");
    expect(problems[1]).toStartWith("a.ini: no such file");
  });

  test("what cannot be looked into is refused, not passed over", () => {
    expect(problemsOf({ [`${INI}/x`]: "" })).toEqual([`${INI}: a folder; name the file in it`]);
    using folder = createFolder();
    symlinkSync("conf", join(folder.path, "conf"));
    const refused = () => loadConfig({ cwd: folder.path, env: {} });
    expect(refused).toThrow(`${XML}: not readable (ELOOP)`);
  });

  test("a file where the folder would be is nothing of ours", () => {
    expect(load({ conf: "" }).embedded).toBe(true);
  });

  test("a name that no file can have is a missing file", () => {
    const { missingFiles } = load({ [INI]: `[server]\nwelcome_wav=${"a".repeat(300)}` });
    expect(missingFiles).toHaveLength(1);
  });

  test("what is not UTF-8 text, or too long, is refused", () => {
    expect(problemsOf({ [INI]: Uint8Array.of(0xff, 0xfe, 0x5b, 0) })).toEqual([
      `${INI}: not UTF-8 text; save it as UTF-8`,
    ]);
    expect(problemsOf({ [XML]: new Uint8Array(300_000) })[0]).toStartWith(`${XML}: 300000 bytes long`);
  });
});

test("built-in < XML < INI < environment", () => {
  const files = {
    [XML]: xml({ ptime: "30", use_video: "true" }),
    [INI]: "[settings]\nptime=40\n[media]\nopen=yes",
  };
  const ptime = (over: Partial<LoadOptions>, from: Files = files) => load(from, over).config.settings.ptime;
  expect(ptime({}, { [INI]: "" })).toBe(20);
  expect(ptime({}, { [XML]: files[XML] ?? "" })).toBe(30);
  expect(ptime({})).toBe(40);
  expect(ptime({ env: { NWAY_WX_SETTINGS_PTIME: "50" } })).toBe(50);
  expect(ptime({ env: { NWAY_WX_SETTINGS_PTIME: "" } })).toBe(40);
  const { config } = load(files);
  expect([config.settings.use_video, config.media.open]).toEqual([true, true]);
});

test("an empty value lets the weaker source through", () => {
  expect(load({ [XML]: xml({ ptime: "30" }), [INI]: "[settings]\nptime=\n" }).config.settings.ptime).toBe(30);
});

describe("wrong values", () => {
  const rows: [ini: string, problem: string][] = [
    ["[server]\naddr=0.0.0.0", '2: [server] addr: found "0.0.0.0", allowed: host:port, such as'],
    ["[server]\nuse_callout=maybe", '2: [server] use_callout: found "maybe", allowed: true or false'],
    ['[server]\nfs_auth="a\\u0000b"', "2: [server] fs_auth: found a secret of 3 characters, allowed: a text"],
    ["[server]\nbase_pull_url=rtmp://u:sesame@h/", '2: [server] base_pull_url: found "rtmp://***@h/"'],
    ["[settings]\nptime=25", '2: [settings] ptime: found "25", allowed: 10, 20, 30, 40, 50, 60'],
    ["[settings]\nprogram_name=qq", '2: [settings] program_name: found "qq", allowed: wechat, dingding'],
    [
      "[api]\naddr=0.0.0.0:25580",
      "2: [api] addr: found 0.0.0.0:25580, which others can reach; set token too",
    ],
    ["[api]\ntoken=short", "2: [api] token: found a secret of 5 characters, allowed: 16 to 200 letters"],
    ["[log]\nlevel=loud", '2: [log] level: found "loud", allowed: debug, info, warn, error, silent'],
    [
      "[user]\nuser_number=1\n[users]\nuser1=a\npassword1=b\nuser2=c\npassword2=d",
      "2: [user] user_number: found 1, but [users] names 2",
    ],
    ["[users]\nuser1=a", "2: [users] user1: the user a has no password: add password1"],
    ["[users]\nuser1=a\npassword1=", "2: [users] user1: the user a has no password: add password1"],
    ["[users]\npassword1=sesame", "2: [users] password1: there is no user1 that it belongs to"],
    ["[users]\nuser1=a\npassword1=x\nuser2=a\npassword2=y", "4: [users] user2: the user a is named twice"],
    ["[users]\nuser1=a b\npassword1=x", '2: [users] user1: found "a b", allowed: 1 to 64 letters'],
    [
      `[users]\nuser1=a\npassword1=${"sesame".repeat(50)}`,
      "3: [users] password1: allowed are at most 200 characters",
    ],
    ["[server]\nuse_callout=1", "2: [server] use_callout: found true, but callout_gateway is empty"],
    ["[signaling]\nping_seconds=60", "built-in"],
    [
      "[signaling]\ndead_seconds=20",
      "2: [signaling] dead_seconds: found 20, allowed: more than ping_seconds",
    ],
    ["[calls]\nmedia_timeout_seconds=5", "2: [calls] media_timeout_seconds: found 5, allowed: at least"],
    ["[extensions]\ntone=9196", "2: [extensions] tone: 9196 is the extension echo already"],
    ["[users]\nuser1=9196\npassword1=x", "built-in"],
    ["[server]\naddr=127.0.0.1:1935", "built-in"],
    ["[media]\nrtmp_addr=[::]:25535", "2: [media] rtmp_addr: [::]:25535 is taken by ip_port of [settings]"],
  ];
  test.each(rows)("%j", (ini, problem) => {
    const problems = problemsOf({ [INI]: ini });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith(problem === "built-in" ? problem : `${INI}:${problem}`);
    expect(problems[0]).not.toContain("sesame");
  });

  test("all problems of all sources are told together", () => {
    const files = {
      [XML]: xml({ ptim: "1", ptime: "25" }),
      [INI]: "[servr]\n[server]\naddr=x\nadr=1\n[users]\nuser1=a",
    };
    const problems = problemsOf(files, { env: { NWAY_WX_LOG_LEVEL: "loud", NWAY_WX_LOG: "x" } });
    expect(problems.map((problem) => problem.split(": ")[0])).toEqual([
      `${XML}:1`,
      `${INI}:1`,
      `${INI}:4`,
      "NWAY_WX_LOG",
      `${INI}:3`,
      `${XML}:2`,
      "NWAY_WX_LOG_LEVEL",
      `${INI}:6`,
    ]);
  });

  test("FreeSWITCH variables, which only FreeSWITCH knows, are refused like any wrong value", () => {
    expect(problemsOf({ [XML]: xml({ ip_port: "$${local_ip_v4}:25535" }) })[0]).toContain(
      "$${local_ip_v4}:25535",
    );
  });
});

describe("warnings", () => {
  const users = "[users]\nuser1=lihao\npassword1=1234\nuser2=x\npassword2=other\n";
  const rows: [ini: string, warning: string | undefined][] = [
    [users, "users with the manual's sample password, which everybody knows: lihao; change it"],
    [`${users}[server]\naddr=127.0.0.1:18123`, undefined],
    [
      `${users.replace("1234", "other")}[media]\nopen=1`,
      "[media] open is on: anybody who reaches this machine",
    ],
    [
      `${users.replace("1234", "other")}[server]\nfs_esl_ip=10.0.0.9:8021`,
      "FreeSWITCH on 10.0.0.9 can't call [sip] addr 127.0.0.1:25560; set it to this machine's address",
    ],
    [
      `${users.replace("1234", "other")}[server]\nfs_esl_ip=10.0.0.9:8021\n[sip]\naddr=10.0.0.5:25560`,
      undefined,
    ],
    [
      `${users.replace("1234", "other")}[rtp]\nports=12000-12999\n[calls]\nmax_calls=2000`,
      "[rtp] ports are enough for 500 calls with telephones, [calls] max_calls is 2000",
    ],
    [`${users.replace("1234", "other")}[rtp]\nports=12000-12001`, undefined],
    [
      `${users.replace("1234", "other")}[server]\nbase_push_url=rtmp://203.0.113.9/live/`,
      "[server] base_push_url names 203.0.113.9: unless that leads to this machine, apps hear each other only",
    ],
    [
      `${users.replace("1234", "other")}[server]\nbase_pull_url=rtmp://media.example.com/live/`,
      "[server] base_pull_url names media.example.com: unless that leads to this machine",
    ],
    [`${users.replace("1234", "other")}[server]\nbase_push_url=rtmp://127.0.0.1:1935/live/`, undefined],
    [
      `${users.replace("1234", "other")}[server]\nbase_push_url=rtmp://203.0.113.9/live/\n[settings]\npush_to_other=0`,
      undefined,
    ],
    [`${users.replace("1234", "other")}[acl]\nuse_acl=1`, undefined],
    [`${users.replace("1234", "other")}[database]\nuse_db=1`, undefined],
    ["[database]\nuse_db=1", undefined],
    ["[settings]\nuse_flv=1", "there are no users, so nobody can register"],
  ];
  test.each(rows)("%j", (ini, warning) => {
    const { warnings } = load({ [INI]: ini });
    expect(warnings).toHaveLength(warning === undefined ? 0 : 1);
    expect(warnings[0] ?? "").toStartWith(warning ?? "");
  });
});

test("a user called __proto__ is a user like any other", () => {
  const { config } = load({
    [INI]: "[users]\nuser1=__proto__\npassword1=x\nuser2=constructor\npassword2=y\n",
  });
  expect([...config.users.keys()]).toEqual(["__proto__", "constructor"]);
});
