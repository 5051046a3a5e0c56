import { describe, expect, test } from "bun:test";
import { applyNumberRules } from "../../src/calls/number-rules.ts";
import { TONE_PLANS } from "../../src/codecs/pcm/tone-plans.ts";
import { readIni } from "../../src/config/ini.ts";
import { keyTables } from "../../src/config/keys.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { SAMPLE_USERS } from "../../src/config/sample.ts";
import { parseXml, type XmlNode } from "../../src/config/xml-nodes.ts";
import { readSources, type Source } from "../rules/source.ts";

// What FreeSWITCH's own examples and tests/fixtures/freeswitch say about form; no FreeSWITCH reads these files here.

const files = await readSources("conf/freeswitch/**/*.xml");
const PAPERS = ["README.md", "README.zh-CN.md", "docs/en/freeswitch.md", "docs/zh/freeswitch.md"];
const papers = await readSources(...PAPERS);

function find(name: string): Source {
  const file = files.find(({ path }) => path.endsWith(name));
  if (file === undefined) throw new Error(`${name} is not there`);
  return file;
}

/** Every element of a file, from the outermost in. */
function readNodes(name: string): readonly XmlNode[] {
  const roots = parseXml(find(name).text);
  if ("what" in roots) throw new Error(`${name}:${roots.line} ${roots.what}`);
  const flatten = (node: XmlNode): XmlNode[] => [node, ...node.children.flatMap(flatten)];
  return roots.flatMap(flatten);
}

function readParams(name: string): Record<string, string> {
  const params = readNodes(name).filter(({ tag }) => tag === "param");
  return Object.fromEntries(
    params.map(({ attributes }) => [attributes.get("name") ?? "", attributes.get("value") ?? ""]),
  );
}

/** The data of a dialplan's actions, as `application data`. */
function readActions(name: string): string[] {
  const actions = readNodes(name).filter(({ tag }) => tag === "action");
  return actions.map(({ attributes }) => `${attributes.get("application")} ${attributes.get("data")}`);
}

function fallback(section: string, key: string): string {
  return keyTables.get(section)?.get(key)?.fallback ?? "";
}

describe.each(files.map(({ path, text }) => [path, text] as const))("%s", (path, text) => {
  const comments = [...text.matchAll(/<!--([\s\S]*?)-->/g)].map(([, comment = ""]) => comment);

  test("is well-formed", () => {
    expect(readNodes(path).length).toBeGreaterThan(1);
  });

  test("is explained in both languages", () => {
    expect(comments.length).toBeGreaterThan(0);
    for (const comment of comments) {
      expect(comment).toMatch(/[a-z]{3}/);
      expect(comment).toMatch(/\p{Script=Han}/u);
    }
  });

  test("has nothing in comments that FreeSWITCH's preprocessor reads there too", () => {
    for (const comment of comments) expect(comment).not.toMatch(/\$\$\{|-PRE-PROCESS|--/);
  });
});

test("the event socket is where fs_esl_ip says, with the password of fs_auth, for this machine alone", () => {
  const params = readParams("event_socket.conf.xml");
  const { allowed } = keyTables.get("server")?.get("fs_esl_ip") ?? {};
  expect(allowed?.en).toContain(` ${params["listen-ip"]}:${params["listen-port"]} `);
  expect(params.password).toBe(fallback("server", "fs_auth"));
  expect(params["apply-inbound-acl"]).toBe("loopback.auto");
});

test("the dialplan calls our SIP address, through our profile, in our context", () => {
  const profile = fallback("freeswitch", "sip_profile");
  const context = fallback("freeswitch", "dialplan_context");
  const bridge = readActions(`dialplan/${context}/10_nway_wx.xml`).find((action) =>
    action.startsWith("bridge "),
  );
  expect(bridge).toEndWith(`}sofia/${profile}/$1@${fallback("sip", "addr")}`);
  const [first = ""] = fallback("rtp", "codecs").toUpperCase().split(",");
  expect(bridge).toContain(`{absolute_codec_string=${first},`);
  expect(bridge).toContain(`,leg_timeout=${Number(fallback("calls", "ring_seconds")) + 5},`);
  expect(readNodes("internal.note.xml")[0]?.attributes.get("name")).toBe(profile);
  expect(readActions("dialplan/public/10_nway_wx.xml")).toEqual([
    `transfer ${SAMPLE_USERS[0]} XML ${context}`,
  ]);
});

test("callers from the telephone hear the ringing tone that callers from the app hear", () => {
  const tones = readActions("dialplan/default/10_nway_wx.xml").flatMap((action) => {
    const [, variable, on, off, hz] = /^set (\w+)=%\((\d+),(\d+),(\d+)\)$/.exec(action) ?? [];
    return variable === undefined ? [] : [{ variable, cadenceMs: [Number(on), Number(off)], hz: Number(hz) }];
  });
  const name = fallback("media", "tones");
  const plan = Object.entries(TONE_PLANS).find(([country]) => country === name)?.[1];
  const expected = { cadenceMs: plan?.ringback.cadenceMs, hz: plan?.ringback.sines[0]?.hz };
  expect(tones).toEqual([
    { variable: "ringback", ...expected },
    { variable: "transfer_ringback", ...expected },
  ] as typeof tones);
});

test("the dialplan knows the sample users, and the extensions behind an 8", () => {
  const condition = readNodes("dialplan/default/10_nway_wx.xml").find(({ tag }) => tag === "condition");
  const expression = new RegExp(condition?.attributes.get("expression") ?? "");
  const extensions = ["echo", "tone", "welcome"].map((key) => fallback("extensions", key));
  const dialled = (number: string) => expression.exec(number)?.[1];
  for (const user of SAMPLE_USERS) expect(dialled(user)).toBe(user);
  for (const extension of extensions) expect(dialled(`8${extension}`)).toBe(extension);
  for (const number of ["9195", "lihao2", "13800000000", ""]) expect(dialled(number)).toBeUndefined();
});

test("the papers tell to name the gateway that is in the example", () => {
  const gateway = readNodes("pstn.xml")
    .find(({ tag }) => tag === "gateway")
    ?.attributes.get("name");
  const line = new RegExp(`^ *callout_gateway=${gateway}$`, "m");
  expect(papers.filter(({ text }) => line.test(text)).map(({ path }) => path)).toEqual(PAPERS);
});

test("without settings numbers abroad are barred, and Chinese mobile numbers go out in national form", () => {
  const resolved = resolveConfig([readIni("", "empty.ini")], false);
  if ("problems" in resolved) throw new Error(resolved.problems.join("\n"));
  const dial = (number: string) => applyNumberRules(number, resolved.config.dialing, "dialplan");
  for (const number of ["13800000000", "+8613800000000", "0086-138-0000-0000"])
    expect(dial(number)).toEqual({ kind: "dial", number: "13800000000" });
  expect(dial("01065551234")).toEqual({ kind: "dial", number: "01065551234" });
  for (const number of ["0044123", "+44123", "+860044123", "+85221234567"])
    expect(dial(number)).toMatchObject({ cause: "OUTGOING_CALL_BARRED" });
});

test.each(papers.slice(2).map(({ path, text }) => [path, text] as const))(
  "%s shows settings that are accepted",
  (path, text) => {
    const block = text.split("```ini\n")[1]?.split("```")[0] ?? "";
    const resolved = resolveConfig([readIni(block, path)], false);
    if ("problems" in resolved) throw new Error(resolved.problems.join("\n"));
    const { server, sip, rtp } = resolved.config;
    expect(server).toMatchObject({ use_callout: true, callout_gateway: "pstn" });
    expect(`${sip.addr.host}:${sip.addr.port}`).toBe(fallback("sip", "addr"));
    expect(`${rtp.ports.first}-${rtp.ports.last}`).toBe(fallback("rtp", "ports"));
    expect(applyNumberRules("+8613800000000", resolved.config.dialing, "dialplan")).toMatchObject({
      number: "13800000000",
    });
    for (const number of ["0044123", "+44123", "+860044123", "179090044123", "*72#", "#21#", "16800000"])
      expect(applyNumberRules(number, resolved.config.dialing, "dialplan").kind).toBe("refused");
  },
);
