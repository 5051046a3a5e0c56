import { describe, expect, test } from "bun:test";
import { buildOriginate, type OriginateRequest } from "../../src/freeswitch/originate.ts";
import { errorCodeOf } from "../protocols/error-code.ts";
import { readWrites } from "./recordings.ts";

const gateway = {
  kind: "gateway",
  farLegId: "83fe0f3a-c88b-4145-8db2-8106af19beef",
  gateway: "gw1",
  number: "13800000000",
  ringTimeoutSeconds: 30,
} as const;
const dialplan = { kind: "dialplan", number: "9196", context: "public" } as const;
const request: OriginateRequest = {
  ourLegId: "83fe0f3a-c88b-4145-8db2-8106af19a19e",
  session: "wx-sess",
  sipProfile: "internal",
  sipAddress: "127.0.0.1:25560",
  callerNumber: "lihao",
  callerName: "lihao",
  codecs: ["PCMA"],
  route: gateway,
};

/** The parts of a recorded or built command: variables of both legs sorted, and all else. */
function dissect(command: string) {
  const variables = [...command.matchAll(/\{([^}]*)\}/g)].map((match) =>
    (match[1] ?? "").split(/(?<!\\),/).sort(),
  );
  return { variables, rest: command.replaceAll(/\{[^}]*\}/g, "{}").trim() };
}

const recordedCommand = (name: string) =>
  (readWrites(name).find(({ data }) => data.startsWith("bgapi originate"))?.data ?? "").slice(
    "bgapi ".length,
  );

describe("the command", () => {
  test.each([
    ["esl_ourleg_phonebye", ["PCMA"]],
    ["esl_ourleg_phonebye_video", ["PCMA", "H264"]],
  ] as const)("is the one that worked in %s, with our mark on it", (name, codecs) => {
    // FreeSWITCH copies our leg's headers to the telephone, which must not learn the session.
    const recorded = recordedCommand(name).replace(/,sip_h_X-Nway-Session=\w+/, "");
    const [ourLegId = "", farLegId = ""] = [...recorded.matchAll(/origination_uuid=([0-9a-f-]{36})/g)].map(
      (m) => m[1],
    );
    const built = dissect(buildOriginate({ ...request, ourLegId, codecs, route: { ...gateway, farLegId } }));
    const expected = dissect(recorded);
    expect(built.rest).toBe(expected.rest);
    // Our leg names the caller: the recorded command did it here, too.
    const far = (expected.variables[1] ?? []).filter((name) => !name.startsWith("origination_caller_id"));
    expect(built.variables[1]).toEqual(far);
    const mark = [
      "nway_wx=true",
      "media_mix_inbound_outbound_codecs=true",
      "export_vars=nway_wx\\,media_mix_inbound_outbound_codecs",
    ];
    const caller = ["origination_callee_id_number=lihao", "origination_callee_id_name=lihao"];
    expect(built.variables[0]).toEqual([...(expected.variables[0] ?? []), ...mark, ...caller].sort());
  });

  test("into the dialplan", () => {
    const { rest } = dissect(buildOriginate({ ...request, route: dialplan }));
    expect(rest).toBe("originate {}sofia/internal/wx-sess@127.0.0.1:25560 9196 XML public");
    expect(dissect(recordedCommand("esl_ourleg_dialplan_filter")).rest).toBe(rest);
  });

  test("wide-band sound is between us and FreeSWITCH only", () => {
    const { variables } = dissect(buildOriginate({ ...request, codecs: ["L16@16000h", "PCMA"] }));
    expect(variables[0]).toContain("absolute_codec_string=^^:L16@16000h:PCMA");
    expect(variables[1]).toContain("absolute_codec_string=^^:PCMA:PCMU");
    const keys = ["dtmf_type=info", "rtp_liberal_dtmf=false"];
    expect(variables[0]).toEqual(expect.arrayContaining(keys));
    const narrow = dissect(buildOriginate(request)).variables.flat();
    expect(narrow.filter((variable) => variable.includes("dtmf"))).toEqual([]);
  });

  test.each([
    ["a gateway", gateway],
    ["the dialplan", dialplan],
  ])("our leg's callee is the caller, who is shown to telephones behind %s", (_, route) => {
    const { variables } = dissect(
      buildOriginate({ ...request, callerNumber: "01088880001", callerName: "李浩", route }),
    );
    expect(variables[0]).toContain("origination_callee_id_number=01088880001");
    expect(variables[0]).toContain("origination_callee_id_name=李浩");
  });

  test("names may be of any script", () => {
    expect(buildOriginate({ ...request, callerName: "李浩" })).toContain("caller_id_name=李浩,");
  });
});

/** What could end a value, a variable, a list, an argument or a command, or be expanded. */
const SMUGGLED = [
  ",",
  "{",
  "}",
  "[",
  "]",
  "<",
  ">",
  "(",
  ")",
  "|",
  "^",
  "^^",
  "'",
  '"',
  "`",
  "\\",
  "$",
  "$".concat("{uuid}"),
  "&",
  "=",
  ";",
  ":_:",
  "%0a",
  " ",
  "\t",
  "\n",
  "\r",
  "\0",
  "\u00a0",
  "\u2028",
  "\u200b",
  "\n\napi shutdown\n\n",
  ",bridge_pre_execute=system(id)",
];

const withRoute = (part: Partial<typeof gateway>) => ({ ...request, route: { ...gateway, ...part } });
const withDialplan = (part: Partial<typeof dialplan>) => ({ ...request, route: { ...dialplan, ...part } });

const FIELDS: readonly (readonly [name: string, good: string, put: (value: never) => OriginateRequest])[] = [
  ["our-leg-id", request.ourLegId, (ourLegId) => ({ ...request, ourLegId })],
  ["session", "wx-sess", (session) => ({ ...request, session })],
  ["profile", "internal", (sipProfile) => ({ ...request, sipProfile })],
  ["sip-address", "127.0.0.1:25560", (sipAddress) => ({ ...request, sipAddress })],
  ["caller-number", "lihao", (callerNumber) => ({ ...request, callerNumber })],
  ["caller-name", "lihao", (callerName) => ({ ...request, callerName })],
  ["far-leg-id", gateway.farLegId, (farLegId) => withRoute({ farLegId })],
  ["gateway", "gw1", (name) => withRoute({ gateway: name })],
  ["number", "138", (number) => withRoute({ number })],
  ["number", "9196", (number) => withDialplan({ number })],
  ["context", "public", (context) => withDialplan({ context })],
];

describe("nothing is smuggled through", () => {
  test.each(FIELDS)("%s", (name, good, put) => {
    const build = (value: string) => errorCodeOf(() => buildOriginate(put(value as never)));
    expect(build(good)).toBe("nothing thrown");
    const bad = SMUGGLED.flatMap((text) => [
      text,
      `${good}${text}`,
      `${text}${good}`,
      `${good}${text}${good}`,
    ]);
    for (const value of [...bad, "", "a".repeat(400)])
      expect([value, build(value)]).toEqual([value, `originate.bad-${name}`]);
  });

  test.each([
    ["a port beyond the last", "sip-address", { ...request, sipAddress: "127.0.0.1:65536" }],
    ["an address without a port", "sip-address", { ...request, sipAddress: "127.0.0.1" }],
    ["no time to ring", "ring-timeout", { ...request, route: { ...gateway, ringTimeoutSeconds: 0 } }],
    ["half a second", "ring-timeout", { ...request, route: { ...gateway, ringTimeoutSeconds: 0.5 } }],
    [
      "no end of ringing",
      "ring-timeout",
      { ...request, route: { ...gateway, ringTimeoutSeconds: Number.NaN } },
    ],
    ["no codec", "codecs", { ...request, codecs: [] }],
    ["a codec of nobody", "codecs", { ...request, codecs: ["PCMA,x=y" as "PCMA"] }],
  ])("%s", (_, what, bad) => {
    expect(errorCodeOf(() => buildOriginate(bad))).toBe(`originate.bad-${what}`);
  });

  test("errors do not repeat the value", () => {
    expect(() => buildOriginate({ ...request, callerName: "{secret}" })).toThrow(
      /^originate.bad-caller-name \(length 8\)$/,
    );
  });
});
