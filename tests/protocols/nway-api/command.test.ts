import { describe, expect, test } from "bun:test";
import {
  type ApiField,
  dropAbsent,
  encodeReply,
  FIELD_RULES,
  joinCommand,
  splitCommand,
} from "../../../src/protocols/nway-api/command.ts";
import { errorCodeOf } from "../error-code.ts";

const FIELDS = Object.keys(FIELD_RULES) as ApiField[];

/** The manual's example, with the words that it leaves to the reader filled in. */
const COMMAND =
  "nway_wx_api c-1 lihao gw1 13800000000 welcome.wav welcome.h264 rtmp://nway.com.cn/push_url rtmp://nway.com.cn/pull_url nway.com.cn";

const GOOD: Record<ApiField, string[]> = {
  uuid: ["7643f1fb-a07e-4f5f-9cea-e9563950c6fc", "c_1", "x".repeat(64)],
  caller_name: ["lihao", "李浩", "a.b_c+d-e"],
  gateway: ["gw1", "carrier.example_2"],
  destination_number: ["13800000000", "+8613800000000", "*72#", "agent_1.a-b"],
  welcome_wav: ["welcome.wav", "欢迎.wav", "a-b_c.1"],
  welcome_h264: ["welcome.h264"],
  push_url: ["rtmp://127.0.0.1/live/up", "https://[::1]:8443/live/up.flv?a=1&b=%20"],
  pull_url: ["http://gw.example/live/down.flv"],
  realm: ["nway.com.cn", "192.0.2.1:18123", "[::1]:18123"],
};

/** What would make another argument, variable, command, line or path of a field. */
const SMUGGLED = [
  "a b",
  "a\tb",
  "a\nb",
  "a\r\n\r\napi shutdown",
  "a\0b",
  "a\u2028b",
  "a\u00a0b",
  "a,b=c",
  "a{b}",
  "{origination_uuid=1}a",
  "a[b=1]c d",
  "a'b",
  'a"b',
  "a`b`",
  "a\\b",
  "$" + "{system(id)}",
  "a;b",
  "a|b",
  "a<b>",
  "a^b",
  "x".repeat(600),
  "",
];
const PATHS = ["../a.wav", "a/b.wav", "/etc/passwd", "..", ".hidden", "a\\..\\b", "-rf", "~root"];

describe("the manual's command", () => {
  test("is split and joined", () => {
    const fields = splitCommand(COMMAND);
    expect(Object.keys(fields ?? {})).toEqual(FIELDS);
    expect(fields).toMatchObject({ uuid: "c-1", gateway: "gw1", realm: "nway.com.cn" });
    expect(joinCommand(fields ?? {})).toBe(COMMAND);
    expect(splitCommand(COMMAND.replace("nway_wx_api ", ""))).toEqual(fields);
  });

  test("has - where there is nothing", () => {
    expect(joinCommand({ uuid: "c-1", destination_number: "9196" })).toBe(
      "nway_wx_api c-1 - - 9196 - - - - -",
    );
    expect(splitCommand("c-1 - - 9196 - - - -")).toEqual({ uuid: "c-1", destination_number: "9196" });
    expect(dropAbsent({ uuid: "-", gateway: "", realm: "a", caller_name: null })).toEqual({
      realm: "a",
      caller_name: null,
    });
  });

  test.each(["", "nway_wx_api", "status", "1 2 3 4 5 6 7", "1 2 3 4 5 6 7 8 9 10"])("is not %j", (text) => {
    expect(splitCommand(text)).toBeUndefined();
  });

  test("is answered as FreeSWITCH answers", () => {
    expect(encodeReply({ uuid: "c-1" })).toBe("+OK c-1\n");
    expect(encodeReply({ cause: "GATEWAY_DOWN" })).toBe("-ERR GATEWAY_DOWN\n");
  });
});

describe.each(FIELDS)("%s", (field) => {
  test("takes what it should", () => {
    for (const word of GOOD[field]) expect(joinCommand({ [field]: word }).split(" ")).toContain(word);
  });

  test("lets nothing be smuggled", () => {
    const prefixes = field.endsWith("_url") ? ["rtmp://h/live/", "rtmp://", ""] : [""];
    for (const prefix of prefixes) {
      for (const word of SMUGGLED.filter((one) => prefix + one !== "rtmp://h/live/")) {
        expect([word, errorCodeOf(() => joinCommand({ [field]: prefix + word }))]).toEqual([
          word,
          "nway-api.bad-field",
        ]);
      }
    }
  });
});

test.each(["welcome_wav", "welcome_h264"] as const)("%s is a name, never a path", (field) => {
  for (const path of PATHS) {
    expect([path, errorCodeOf(() => joinCommand({ [field]: path }))]).toEqual([path, "nway-api.bad-field"]);
  }
});
