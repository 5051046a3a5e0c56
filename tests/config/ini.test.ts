import { describe, expect, test } from "bun:test";
import { readIni } from "../../src/config/ini.ts";

function problemsOf(text: string): readonly string[] {
  return readIni(text, "x.ini").problems;
}

function decode(raw: string): string | undefined {
  const { entries, problems } = readIni(`[server]\nfs_auth=${raw}\n`, "x.ini");
  expect(problems).toEqual([]);
  return entries[0]?.text;
}

const ADDR = { section: "server", key: "addr", text: "a:1", origin: "x.ini:2" };

describe("layout", () => {
  const layouts: [string, string][] = [
    ["plain", "[server]\naddr=a:1\n"],
    ["without a last newline", "[server]\naddr=a:1"],
    ["CRLF", "[server]\r\naddr=a:1\r\n"],
    ["CR", "[server]\raddr=a:1\r"],
    ["BOM", "\ufeff[server]\naddr=a:1\n"],
    ["blanks", "[server]  \n\t addr\t = \t a:1  \n"],
    ["comments", "[server]\naddr=a:1\n# comment\n; comment = ]\n  # another\n\n"],
    [
      "empty values, which are absent",
      "[server]\naddr=a:1\nwelcome_wav=\nfs_auth=\"\"\nbase_pull_url = ''\n",
    ],
    ["a section in two parts", "[server]\naddr=a:1\n[user]\n[server]\n"],
  ];
  test.each(layouts)("%s", (_, text) => {
    expect(readIni(text, "x.ini")).toMatchObject({ entries: [ADDR], problems: [] });
  });
});

describe("values", () => {
  const values: [raw: string, text: string][] = [
    ["plain", "plain"],
    ["a=b=c", "a=b=c"],
    ['"a;b#c"', "a;b#c"],
    ['"a \\" b \\\\ c"', 'a " b \\ c'],
    ["'a;b#c'", "a;b#c"],
    ["'007'", "007"],
    ["a\\;b\\#c", "a;b#c"],
    ["C:\\x", "C:\\x"],
    ['"  blanks  "', "  blanks  "],
    ["true", "true"],
    ["null", "null"],
    ["1e3", "1e3"],
    ["[x]", "[x]"],
    ["寧衛", "寧衛"],
  ];
  test.each(values)("%s", (raw, text) => {
    expect(decode(raw)).toBe(text);
  });

  const refused: [raw: string, why: string][] = [
    ["a;b", "holds ;"],
    ["a#b", "holds #"],
    ["a ; comment", "double quotes"],
    ["#all", "holds #"],
    ['"a" # comment', "holds #"],
    ["a\\\\;b", "holds ;"],
    ["a\\\\b", "double quotes"],
    ['"a', "not closed"],
    ["'a", "not closed"],
    ['"', "not closed"],
    ['"a\\b\\q"', "\\\\ for a backslash"],
    ['"a" "b"', "for a quote"],
    ["'1e3'", "ambiguous"],
    ["'{}'", "ambiguous"],
    ["a\u2028b", "line separator"],
  ];
  test.each(refused)("refuses %s", (raw, why) => {
    const problems = problemsOf(`[server]\n\nfs_auth=${raw}\naddr=a:1\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith("x.ini:3: [server] fs_auth: ");
    expect(problems[0]).toContain(why);
  });

  test("a refused password is not repeated in what is said about it", () => {
    for (const raw of ["sesame#1", '"sesame', "sesame\\\\", "'\"sesame\"'"]) {
      expect(problemsOf(`[users]\npassword1=${raw}\n`).join()).not.toContain("sesame");
    }
  });
});

describe("what does not belong", () => {
  const rows: [text: string, problem: string][] = [
    ["addr=1\n", 'x.ini:1: "addr" stands before the first [section]'],
    ["[servr]\n", "x.ini:1: unknown section [servr]; did you mean server?"],
    ["[Server]\n", "x.ini:1: unknown section [Server]; did you mean server?"],
    ["[]\n", "x.ini:1: unknown section []"],
    ["[__proto__]\nx=1\n", "x.ini:1: unknown section [__proto__]"],
    ["[server.addr]\nx=1\n", "x.ini:1: unknown section [server.addr]"],
    ["[server\n", "x.ini:1: a section is written as [name]"],
    [" [server]\n", "x.ini:1: a section is written as [name]"],
    ["[server] # comment\n", "x.ini:1: a section is written as [name]"],
    ["[server]\n\nadr=1\n", 'x.ini:3: unknown key "adr" in [server]; did you mean addr?; allowed are addr, '],
    ["[server]\nADDR=1\n", 'x.ini:2: unknown key "ADDR" in [server]; did you mean addr?'],
    ["[server]\nptime=20\n", 'x.ini:2: unknown key "ptime" in [server]; it belongs in [settings]'],
    ["[user]\nuser1=a\n", 'x.ini:2: unknown key "user1" in [user]; it belongs in [users]'],
    ["[server]\naddr[]=1\n", 'x.ini:2: unknown key "addr[]" in [server]'],
    ["[server]\n__proto__=1\n", 'x.ini:2: unknown key "__proto__" in [server]'],
    ["[server]\nconstructor=1\n", 'x.ini:2: unknown key "constructor" in [server]'],
    ["[server]\n=1\n", 'x.ini:2: unknown key "" in [server]'],
    ["[users]\nuser0=a\n", 'x.ini:2: unknown key "user0" in [users]; allowed are user1, password1'],
    ["[users]\npasword1=sesame\n", 'x.ini:2: unknown key "pasword1" in [users]'],
    ["[server]\naddr\n", "x.ini:2: [server] addr: no value: write addr=value"],
    ["[server]\naddr=a:1\naddr=a:2\n", "x.ini:3: addr of [server] was already given at x.ini:2"],
    ["[server]\naddr=\n[server]\naddr=a:2\n", "x.ini:4: addr of [server] was already given at x.ini:2"],
  ];
  test.each(rows)("%j", (text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith(problem);
    expect(problems[0]).not.toContain("sesame");
  });

  test("everything that is wrong is told, not only the first", () => {
    expect(problemsOf("[servr]\n[server]\nadr=1\nfs_auth=a;b\n")).toHaveLength(3);
  });

  test("prototypes stay as they are", () => {
    readIni("[__proto__]\npolluted=1\n[server]\n__proto__=1\n[constructor]\nprototype=1\n", "x.ini");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});
