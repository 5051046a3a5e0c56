import { describe, expect, test } from "bun:test";
import { applyNumberRules } from "../../src/calls/number-rules.ts";
import type { DialWay } from "../../src/calls/ports.ts";
import { readIni } from "../../src/config/ini.ts";
import { resolveConfig } from "../../src/config/resolve.ts";

function readDialing(text = "") {
  const resolved = resolveConfig([readIni(`[dialing]\n${text}`, "test.ini")], false);
  if ("problems" in resolved) throw new Error(resolved.problems.join("\n"));
  return resolved.config.dialing;
}

const dialing = readDialing();
const WAYS: readonly DialWay[] = ["dialplan", { gateway: "pstn" }];

/** Numbers that reach another country by some switch, telephone or carrier, and how each gets there. */
const HOSTILE: readonly (readonly [number: string, how: string])[] = [
  ["0044123456789", "plain"],
  ["+44123456789", "plain"],
  ["011441234567", "North America"],
  ["00861381234567", "not a Chinese mobile number"],
  ["900441234567", "an outside line first"],
  ["9011441234567", "an outside line first"],
  ["9-00-441234567", "an outside line and separators"],
  ["#00441234567", "a caller-id code"],
  ["*00441234567", "a short code"],
  ["*67*00441234567", "withheld caller id"],
  ["#31#00441234567", "withheld caller id"],
  ["*72", "diversion"],
  ["**21*00441234567#", "diversion"],
  ["179510044123456", "a carrier's prefix"],
  ["17909-0044-123456", "a carrier's prefix"],
  ["0w0441234567", "a wait"],
  ["0p0441234567", "a pause"],
  ["0P0w4412345", "both"],
  ["p00441234567", "a pause first"],
  ["w00441234567", "a wait first"],
  ["T00441234567", "tone dialling"],
  ["A00441234567", "a key first"],
  ["x00441234567", "an extension sign"],
  ["9w00441234567", "an outside line and a wait"],
  ["q00441234567", "a letter that a switch passes over"],
  ["tel00441234567", "letters that a switch passes over"],
  ["0z0441234567", "a letter in the middle"],
  ["17951w0044123456", "a carrier's prefix and a wait"],
  ["0-0441234567", "a separator"],
  ["0.0.4.4.1", "separators"],
  ["0_0441234567", "an underscore"],
  ["._00441234567", "separators first"],
  ["0+0441234567", "a plus in the middle"],
  ["++441234567", "two"],
  ["１00441234567", "a full-width digit"],
  ["００441234567", "full-width digits"],
  ["٠٠441234567", "Arabic digits"],
  ["0\u200b0441234567", "a blank of no width"],
  ["0,0441234567", "a comma, a modem's pause"],
  ["0;0441234567", "a semicolon, a telephone's wait"],
  ["0 0441234567", "a blank"],
  ["(00)441234567", "brackets"],
  ["0%30441234567", "an escape"],
  ["00441234567@evil.example", "another host"],
  ["sip:00441234567", "an address"],
];

/** Before the last comes what a switch drops. */
const EMERGENCY = [
  "110",
  "119",
  "120",
  "122",
  "112",
  "911",
  "1-1-0",
  "1_1_0",
  "110#",
  "1w10",
  "110p1",
  "p110",
  "x911",
];

const ORDINARY = ["13800138000", "01065551234", "4001234567", "95588", "10086", "1001", "12345"];
const NAMES = ["agent007", "support", "sales-2.x", "queue_00"];

describe.each(WAYS.map((via) => [JSON.stringify(via), via] as const))("without settings, by %s", (_, via) => {
  test.each(HOSTILE)("%j is refused: %s", (number) => {
    expect(applyNumberRules(number, dialing, via).kind).toBe("refused");
  });

  test.each(EMERGENCY)("%s is refused as an emergency number", (number) => {
    expect(applyNumberRules(number, dialing, via).kind).toBe("refused");
  });

  test.each(ORDINARY)("%s is dialled", (number) => {
    expect(applyNumberRules(number, dialing, via)).toEqual({ kind: "dial", number });
  });
});

test.each(NAMES)("the name %s is for the dialplan, and no gateway gets it", (number) => {
  expect(applyNumberRules(number, dialing, "dialplan")).toEqual({ kind: "dial", number });
  expect(applyNumberRules(number, dialing, { gateway: "pstn" })).toEqual({
    kind: "refused",
    cause: "OUTGOING_CALL_BARRED",
    rule: "letters through a gateway",
  });
});

test("emergency=true opens emergency numbers whatever allow and deny say, and nothing that looks like them", () => {
  const open = readDialing("emergency=true\nallow=1[3-9]XXXXXXXXX\ndeny=1*");
  for (const number of ["110", "1-1-9", "120", "122", "112", "911"]) {
    expect(applyNumberRules(number, open, { gateway: "pstn" }).kind).toBe("dial");
  }
  for (const number of ["110#", "1w10", "1100", "999"])
    expect(applyNumberRules(number, open, "dialplan").kind).toBe("refused");
});
