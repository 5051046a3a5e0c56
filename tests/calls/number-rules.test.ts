import { describe, expect, test } from "bun:test";
import {
  applyNumberRules,
  isDialable,
  matchesPattern,
  type NumberRules,
} from "../../src/calls/number-rules.ts";
import { numberPatterns, rewriteRules } from "../../src/config/number-patterns.ts";
import { Random } from "../fuzz/mutator.ts";

function rules({ rewrite = "", allow = "", deny = "" }): NumberRules {
  return {
    rewrite: rewriteRules.schema.parse(rewrite),
    allow: numberPatterns.schema.parse(allow),
    deny: numberPatterns.schema.parse(deny),
    emergency: false,
  };
}

const INVALID = { kind: "refused", cause: "INVALID_NUMBER_FORMAT" } as const;
const barred = (rule?: string) => ({ kind: "refused", cause: "OUTGOING_CALL_BARRED", rule }) as const;
const dial = (number: string) => ({ kind: "dial", number }) as const;

const NONE = rules({});

describe("a number of allowed characters is dialled as it is", () => {
  test.each(["1100", "13800138000", "+8613800138000", "*72#", "agent.smith_2-b", "A", "9".repeat(64), "+"])(
    "%s",
    (number) => {
      expect(applyNumberRules(number, NONE, "dialplan")).toEqual(dial(number));
    },
  );
});

test.each([
  ["0-0.44", "0044"],
  ["+86-138-0013-8000", "+8613800138000"],
  ["1.2", "12"],
  ["sales-2.x", "sales-2.x"],
])("separators of a telephone number are dropped: %s", (asked, number) => {
  expect(applyNumberRules(asked, NONE, "dialplan")).toEqual(dial(number));
});

test.each(["", "-", ".-.", "9".repeat(65), "0+044", "++1", "+1+", "a+b"])("%p is no number", (asked) => {
  expect(applyNumberRules(asked, NONE, "dialplan")).toEqual(INVALID);
});

describe("patterns", () => {
  test.each([
    ["00*", ["00", "0044123"], ["0", "0100", "100"]],
    [
      "1[3-9]XXXXXXXXX",
      ["13800138000", "19912345678"],
      ["12800138000", "1380013800", "138001380001", "1380013800a"],
    ],
    ["[*]*", ["*", "*72"], ["72", "#"]],
    ["*", ["1", "agent"], []],
    ["agent*", ["agent", "Agent7", "AGENT-7"], ["agen", "1agent"]],
    ["X", ["0", "9"], ["X", "x", "", "10"]],
    ["[X]", ["X", "x"], ["0"]],
    ["x", ["X", "x"], ["0"]],
    [".1", [".1"], ["21", "11"]],
  ])("%s", (text, fitting, others) => {
    const [pattern] = numberPatterns.schema.parse(text);
    const fits = (number: string) => pattern !== undefined && matchesPattern(number, pattern);
    expect(fitting.filter(fits)).toEqual(fitting);
    expect(others.filter(fits)).toEqual([]);
  });
});

describe("rules", () => {
  const table: [asked: string, rules: Parameters<typeof rules>[0], outcome: unknown][] = [
    ["913800138000", { rewrite: "9|*" }, dial("13800138000")],
    ["13800138000", { rewrite: "1[3-9]XXXXXXXXX>0" }, dial("013800138000")],
    ["+8613800138000", { rewrite: "+86|1[3-9]XXXXXXXXX,+86|*>0" }, dial("13800138000")],
    ["+861065551234", { rewrite: "+86|1[3-9]XXXXXXXXX,+86|*>0" }, dial("01065551234")],
    ["0044123", { rewrite: "00|*>+" }, dial("+44123")],
    ["99", { rewrite: "9|*" }, dial("9")],
    ["9", { rewrite: "9|*" }, INVALID],
    ["9", { rewrite: "9|X*" }, dial("9")],
    ["9".repeat(64), { rewrite: "*>0" }, INVALID],
    ["+1", { rewrite: "*>0" }, INVALID],
    ["0044", { deny: "00*" }, barred("00*")],
    ["0-0.44", { deny: "00*" }, barred("00*")],
    ["90044", { rewrite: "9|*", deny: "00*" }, barred("00*")],
    ["9-0044", { rewrite: "9|*", deny: "00*" }, barred("00*")],
    ["tel-0-044", { rewrite: "tel|*", deny: "00*" }, barred("00*")],
    ["044", { rewrite: "*>0-", deny: "00*" }, barred("00*")],
    ["+44", { rewrite: "+|*>00", deny: "00*" }, barred("00*")],
    ["0+044", { deny: "00*" }, INVALID],
    ["0-044a", { deny: "00*" }, barred("00*")],
    ["0_044", { deny: "00*" }, barred("00*")],
    ["*.72", { deny: "[*]*" }, barred("[*]*")],
    ["agent.smith-2", { deny: "00*" }, dial("agent.smith-2")],
    ["PREMIUM", { deny: "premium" }, barred("premium")],
    ["1100", { allow: "1[3-9]XXXXXXXXX" }, barred(undefined)],
    ["110", { allow: "1*" }, barred("emergency")],
    ["10086w1", { deny: "10086" }, barred("10086")],
    ["10086#", { deny: "10086" }, barred("10086")],
    ["agent007", { deny: "00*" }, dial("agent007")],
    ["agent0071234", { deny: "00*" }, barred("00*")],
    ["13800138000", { allow: "1[3-9]XXXXXXXXX" }, dial("13800138000")],
    ["13800138000", { allow: "*", deny: "138*" }, barred("138*")],
    ["agent", { allow: "X*" }, barred(undefined)],
  ];
  test.each(table)("%s under %j", (asked, given, outcome) => {
    expect(applyNumberRules(asked, rules(given), "dialplan")).toEqual(
      outcome as ReturnType<typeof applyNumberRules>,
    );
  });
});

describe("Chinese numbers in both forms, and none abroad", () => {
  const national = [
    "1[3-9]XXXXXXXXX",
    "[48]00XXXXXXX",
    "10XXXXXXXX>0",
    "[2-9]XXXXXXXXX>0",
    "[3-9]XXXXXXXXXX>0",
  ];
  const given = rules({
    rewrite: ["+86", "0086"].flatMap((prefix) => national.map((rule) => `${prefix}|${rule}`)).join(),
    deny: "00*,+*,179XX00*,[*]*,[#]*",
  });
  test.each([
    ["13800138000", "13800138000"],
    ["+8613800138000", "13800138000"],
    ["+86-138-0013-8000", "13800138000"],
    ["008613800138000", "13800138000"],
    ["+861065551234", "01065551234"],
    ["+862165551234", "02165551234"],
    ["+867556551234", "07556551234"],
    ["+8675565551234", "075565551234"],
    ["+864001234567", "4001234567"],
    ["01065551234", "01065551234"],
    ["95588", "95588"],
    ["1001", "1001"],
  ])("%s is dialled as %s", (asked, number) => {
    expect(applyNumberRules(asked, given, "dialplan")).toEqual(dial(number));
  });

  test.each([
    "+14155550100",
    "0014155550100",
    "+85221234567",
    "0085221234567",
    "+860014155550100",
    "+8600",
    "+86*72#",
    "+86",
    "+8",
    "+",
    "+861380013800",
    "+86138001380001",
    "+86179090014155550100",
    "1790900141555501",
    "*7213800138000",
    "#21#",
    "0-0.1415",
    "0_01415",
  ])("%s is barred", (asked) => {
    expect(applyNumberRules(asked, given, "dialplan")).toMatchObject({ cause: "OUTGOING_CALL_BARRED" });
  });
});

describe("nothing that means something elsewhere gets through", () => {
  const hostile = [
    "1,{a=b}",
    "1 XML default",
    "1\n\nbgapi system rm",
    "1\r\nEvil: 1",
    "&system(id)",
    "1'||'",
    '1"',
    "\u0024{system(id)}",
    "1;phone-context=x",
    "sip:1@evil",
    "1@evil",
    "1/../2",
    "1%0a",
    "1|2",
    "1:_:2",
    "[a=b]1",
    "<1>",
    "1^^",
    "1!2",
    "1\\n",
    "1\0",
    "1\u2028",
    "１１０",
    "١١٠",
    "1\u200b",
    "é",
    "\ud800",
    "1\n",
    "\n1",
  ];
  test.each(hostile)("%j", (asked) => {
    expect(isDialable(asked)).toBe(false);
    expect(applyNumberRules(asked, rules({ rewrite: "1|*>9,*>0", allow: "*" }), "dialplan")).toEqual(INVALID);
  });

  test("of 65,536 code units, 68 are dialable", () => {
    const dialable = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
      isDialable,
    );
    expect(dialable.join("")).toBe("#*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
  });

  test("whatever is asked under whatever rules, what is dialled is dialable and not denied", () => {
    const random = new Random(7);
    const given = rules({ rewrite: "+86|*>0,9|*,00|*>+,X*>#", allow: "[+0-9#]*,a*", deny: "+1*,#00*" });
    const alphabet = [..."+-.*#_0189aZ \n,{}"];
    let dialledCount = 0;
    for (let round = 0; round < 20_000; round++) {
      const length = random.below(12);
      const asked = Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join("");
      const outcome = applyNumberRules(asked, given, "dialplan");
      if (outcome.kind === "refused") continue;
      dialledCount++;
      expect(isDialable(outcome.number)).toBe(true);
      expect(outcome.number).not.toMatch(/^\+1|^#00|.\+/);
    }
    expect(dialledCount).toBeGreaterThan(1000);
  });
});

test("the longest list is looked through to its end", () => {
  const long = "X".repeat(31);
  const given = rules({ deny: `${`${long}a,`.repeat(950)}${long}9` });
  expect(applyNumberRules(`${"1".repeat(31)}8`, given, "dialplan")).toEqual(dial(`${"1".repeat(31)}8`));
  expect(applyNumberRules(`${"1".repeat(31)}9`, given, "dialplan")).toEqual(barred(`${long}9`));
});
