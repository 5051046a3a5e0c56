import { describe, expect, test } from "bun:test";
import { readXml } from "../../src/config/xml.ts";

function wrap(params: string): string {
  return `<configuration name="nway_wx.conf" description="x">\n<settings>\n${params}\n</settings>\n</configuration>\n`;
}

function problemsOf(text: string): readonly string[] {
  return readXml(text, "x.xml").problems;
}

const PTIME = { section: "settings", key: "ptime", text: "20" };
const PARAM = '<param name="ptime" value="20"/>';

describe("layout", () => {
  const layouts: [string, string][] = [
    ["plain", wrap(PARAM)],
    ["with a declaration", `<?xml version="1.0" encoding="utf-8"?>\n${wrap(PARAM)}`],
    ["inside an include", `<include>\n${wrap(PARAM)}</include>`],
    ["BOM and CRLF", `\ufeff${wrap(PARAM).replaceAll("\n", "\r\n")}`],
    ["comments", wrap(`<!-- <param name="x"/> -->\n${PARAM}<!--program name usage: wechat dingding-->`)],
    ["single quotes and an end tag", wrap("<param name='ptime' value='20'></param>")],
    ["an empty value, which is absent", wrap(`${PARAM}<param name="use_flv" value=""/>`)],
    ["blanks around the value", wrap('<param value=" 20 " name="ptime" />')],
  ];
  test.each(layouts)("%s", (_, text) => {
    expect(readXml(text, "x.xml")).toMatchObject({ entries: [PTIME], problems: [] });
  });

  test("built-in entities stand for their characters", () => {
    const { entries } = readXml(wrap('<param name="ptime" value="&lt;&amp;&gt;"/>'), "x.xml");
    expect(entries[0]?.text).toBe("<&>");
  });

  test("each value knows its line", () => {
    const { entries } = readXml(wrap(`${PARAM}\n\n<!-- -->\n<param\n name="use_flv" value="1"/>`), "x.xml");
    expect(entries.map(({ origin }) => origin)).toEqual(["x.xml:3", "x.xml:6"]);
  });
});

describe("what is refused", () => {
  const rows: [text: string, problem: string][] = [
    [
      wrap('\n<param name="ptim" value="20"/>'),
      'x.xml:4: unknown key "ptim" in [settings]; did you mean ptime?',
    ],
    [
      wrap('<param name="addr" value="20"/>'),
      'x.xml:3: unknown key "addr" in [settings]; it belongs in [server]',
    ],
    [wrap('<param name="__proto__" value="1"/>'), 'x.xml:3: unknown key "__proto__"'],
    [wrap('<param name="constructor" value="1"/>'), 'x.xml:3: unknown key "constructor"'],
    [wrap(`${PARAM}\n${PARAM}`), "x.xml:4: ptime of [settings] was already given at x.xml:3"],
    [wrap('<param name="ptime"/>'), "x.xml:3: [settings] ptime: no value"],
    [wrap('<param value="20"/>'), "x.xml:3: a param without a name"],
    [wrap('<param name="ptime" value="20" vaule="30"/>'), 'x.xml:3: unknown attribute "vaule" of param'],
    [wrap('<parm name="ptime" value="20"/>'), "x.xml:3: found <parm> where only <param> is allowed"],
    [wrap("ptime=20"), "x.xml:2: found text where only <param> is allowed"],
    ["<settings/>", "x.xml:1: found <settings> where only <configuration> is allowed"],
    [
      '<configuration name="sofia.conf"/>',
      'x.xml:1: found configuration "sofia.conf", expected name="nway_wx.conf"',
    ],
    ["<configuration/>", 'x.xml:1: found configuration "", expected name="nway_wx.conf"'],
    ["<include/>", 'x.xml:1: there is no <configuration name="nway_wx.conf">'],
    ["", "x.xml:1: not well-formed XML"],
    [wrap(PARAM).slice(0, -5), "x.xml:5: not well-formed XML"],
    [wrap("<param name=ptime/>"), "x.xml:3: not well-formed XML"],
    [wrap('<param name="ptime" value="1" value="2"/>'), "x.xml:3: not well-formed XML"],
    ["<__proto__/>", "x.xml:1: "],
  ];
  test.each(rows)("%j", (text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith(problem);
  });
});

describe("hostile files", () => {
  test("entities of the file's own are refused before any is expanded", () => {
    const bomb = Array.from({ length: 20 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join(
      "\n",
    );
    const text = `<!DOCTYPE x [\n<!ENTITY e0 "lol">\n${bomb}]>\n${wrap('<param name="ptime" value="&e20;"/>')}`;
    expect(problemsOf(text)).toEqual(["x.xml:1: a document type or entity declaration is not allowed"]);
  });

  test("files are never read through entities", () => {
    const text = `\n<!doctype x [<!entity f SYSTEM "file:///etc/passwd">]>${wrap(PARAM)}`;
    expect(problemsOf(text)).toEqual(["x.xml:2: a document type or entity declaration is not allowed"]);
  });

  test("deep nesting is refused", () => {
    const problems = problemsOf(`${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}`);
    expect(problems).toHaveLength(1);
  });

  test("prototypes stay as they are", () => {
    problemsOf(wrap('<param __proto__="x" name="__proto__" value="1"/>'));
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, "value")).toBe(false);
  });
});
