import { describe, expect, test } from "bun:test";
import {
  decodeFrame,
  encodeRequest,
  encodeResponse,
  refuseFrame,
} from "../../../src/protocols/signaling/codec.ts";
import { isSuccess } from "../../../src/protocols/signaling/codes.ts";
import { hasEvents, negotiateVersion } from "../../../src/protocols/signaling/message.ts";

const PROTONAME_RULE = "protoname: must be rtmp; a client without RTMP uses FLV over HTTP or WebSocket";

/** The request of the manual, its comments taken out, filled in as an invite. */
const MANUAL_INVITE = `{
  "type":"request", "method":"invite", "version":"1.0", "sessionid":"c0ffee", "order":2,
  "appname":"wx", "protoname":"rtmp", "realm":"192.168.1.9",
  "data":{ "caller_number":"lihao", "callee_number":"nway", "caller_url":"", "callee_url":"",
    "caller_audio":"G711A", "caller_video":"H264", "media_attribute":"sendrecv", "password":"x" } }`;

/** The response of the manual: callee members before the URLs, no realm. */
const MANUAL_RESPONSE =
  '{"type":"response","method":"invite","version":"1.0","sessionid":"c0ffee","order":2,"appname":"fs",' +
  '"protoname":"rtmp","data":{"code":"200ok","msg":"OK","callee_audio":"G711A","callee_video":"H264",' +
  '"caller_url":"rtmp://a/live/b","callee_url":"rtmp://a/live/c"}}';

const GOOD = JSON.parse(MANUAL_INVITE);
const text = (changes: object) => JSON.stringify({ ...GOOD, ...changes });
const withData = (data: object) => text({ data: { ...GOOD.data, ...data } });

describe("requests", () => {
  test("the manual's request is read as it stands", () => {
    expect(decodeFrame(MANUAL_INVITE)).toMatchObject({ ...GOOD, type: "request" });
  });

  test("what we send has the manual's members in the manual's order, and no password", () => {
    const { type, method, version, sessionid, order, protoname } = GOOD;
    const sent = encodeRequest({
      ...{ type, method, version, sessionid, order, protoname, appname: "fs", realm: "gw" },
      data: { caller_number: "lihao", callee_number: "nway" },
    });
    expect(sent).toBe(
      '{"type":"request","method":"invite","version":"1.0","sessionid":"c0ffee","order":2,"appname":"fs",' +
        '"protoname":"rtmp","realm":"gw","data":{"caller_number":"lihao","callee_number":"nway","caller_url":"",' +
        '"callee_url":"","caller_audio":"","caller_video":"","media_attribute":"sendrecv"}}',
    );
  });

  test.each([
    ["order as digits", text({ order: "17" }), { order: 17 }],
    ["numbers as integers", withData({ callee_number: 9196 }), { data: { callee_number: "9196" } }],
    ["sessionid as an integer", text({ sessionid: 77 }), { sessionid: "77" }],
    ["no data", text({ method: "option", data: undefined }), { data: {} }],
    ["null data", text({ method: "option", data: null }), { data: {} }],
    ["null members", withData({ caller_url: null }), { data: { caller_url: undefined } }],
    [
      "no appname, protoname, realm",
      text({ appname: undefined, protoname: undefined, realm: undefined }),
      { appname: "", protoname: "rtmp", realm: "" },
    ],
    ["an empty media_attribute", withData({ media_attribute: "" }), { data: { media_attribute: undefined } }],
    ["a higher version", text({ version: "2.0" }), { version: "1.1" }],
    ["Chinese", text({ sessionid: "會話" }), { sessionid: "會話" }],
    ["a server-only member of any type", withData({ event: { x: 1 } }), { method: "invite" }],
  ])("accepted: %s", (_what, frame, expected) => {
    expect(decodeFrame(frame)).toMatchObject({ type: "request", ...expected });
  });

  test("unknown members are ignored, __proto__ too", () => {
    const frame = MANUAL_INVITE.replace('"order"', '"__proto__":{"polluted":1},"extra":[1],"order"');
    const decoded = decodeFrame(frame);
    expect(decoded).toMatchObject({ type: "request" });
    expect(Object.keys(decoded ?? {})).not.toContain("extra");
    expect("polluted" in {}).toBe(false);
    expect("polluted" in (decoded ?? {})).toBe(false);
  });
});

describe("what does not fit is answered 505 or 506", () => {
  test.each([
    ["not JSON", "{", "505", "not JSON"],
    ["deep JSON", "[".repeat(60_000), "505", "nested deeper than 16 levels"],
    ["an array", "[]", "505", "not a JSON object"],
    ["null", "null", "505", "not a JSON object"],
    ["no type", text({ type: undefined }), "505", "type: required"],
    ["a number as type", text({ type: 1 }), "505", "type: must be a string"],
    ["another type", text({ type: "event" }), "506", "type: must be request or response"],
    ["no method", text({ method: undefined }), "505", "method: required"],
    ["another method", text({ method: "constructor" }), "506", "method: unknown"],
    ["no version", text({ version: undefined }), "505", "version: required"],
    ["a bad version", text({ version: "1" }), "505", "version: must be N.N"],
    ["a version too long", text({ version: "1.00000" }), "505", "version: must be N.N"],
    ["a number as version", text({ version: 1.1 }), "505", "version: must be a string"],
    ["no sessionid", text({ sessionid: undefined }), "505", "sessionid: required"],
    ["an empty sessionid", text({ sessionid: "" }), "505", "sessionid: required"],
    [
      "a long sessionid",
      text({ sessionid: "x".repeat(129) }),
      "505",
      "sessionid: longer than 128 characters",
    ],
    ["a control character", text({ sessionid: "a\nb" }), "505", "sessionid: must be printable"],
    ["no order", text({ order: undefined }), "505", "order: required"],
    ["half an order", text({ order: 1.5 }), "505", "order: must be an integer"],
    ["another protoname", text({ protoname: "rtsp" }), "506", PROTONAME_RULE],
    ["the cameras' protoname", text({ protoname: "gb28181" }), "506", PROTONAME_RULE],
    ["data of another type", text({ data: [] }), "505", "data: must be an object"],
    ["no callee", withData({ callee_number: undefined }), "505", "data.callee_number: required"],
    ["an empty callee", withData({ callee_number: "" }), "505", "data.callee_number: required"],
    ["no caller", withData({ caller_number: null }), "505", "data.caller_number: required"],
    [
      "a callee of another type",
      withData({ callee_number: {} }),
      "505",
      "data.callee_number: must be a string",
    ],
    [
      "another direction",
      withData({ media_attribute: "inactive" }),
      "505",
      "data.media_attribute: must be one of sendrecv, sendonly, recvonly",
    ],
    [
      "a long URL",
      withData({ caller_url: "r".repeat(2049) }),
      "505",
      "data.caller_url: longer than 2048 characters",
    ],
    [
      "a codec with spaces",
      withData({ caller_audio: "a b" }),
      "505",
      "data.caller_audio: must be a codec name",
    ],
    [
      "no password",
      text({ method: "register", data: { caller_number: "a" } }),
      "505",
      "data.password: required",
    ],
  ])("%s", (_what, frame, code, msg) => {
    expect(decodeFrame(frame)).toMatchObject({ type: "misfit", code, msg });
  });

  test("with what could be read of the envelope", () => {
    expect(decodeFrame(text({ method: "dance", version: "1.7" }))).toMatchObject({
      echo: { method: "dance", version: "1.1", sessionid: "c0ffee", order: 2, protoname: "rtmp" },
    });
    expect(decodeFrame(text({ order: {}, sessionid: [], version: 3, method: "m".repeat(99) }))).toMatchObject(
      {
        echo: { method: "", version: "1.0", sessionid: "", order: 0 },
      },
    );
    expect(refuseFrame("binary frame")).toMatchObject({ code: "505", msg: "binary frame" });
  });
});

describe("responses", () => {
  const echo = { method: "invite", version: "1.0", sessionid: "c0ffee", order: 2, protoname: "rtmp" };
  const urls = { caller_url: "rtmp://a/live/b", callee_url: "rtmp://a/live/c" };
  const data = { code: "200ok", msg: "OK", callee_audio: "G711A", callee_video: "H264", ...urls };

  test("ours are exactly the manual's, and read back", () => {
    expect(encodeResponse({ echo, data })).toBe(MANUAL_RESPONSE);
    expect(decodeFrame(MANUAL_RESPONSE)).toMatchObject({ type: "response", ...echo, data });
  });

  test("all members stand in a refusal too; the cause goes to 1.1 alone", () => {
    const refusal = { code: "480", msg: "USER_BUSY", cause: "USER_BUSY" };
    const rest = { callee_audio: "", callee_video: "", caller_url: "", callee_url: "" };
    const parse = (version: string) =>
      JSON.parse(encodeResponse({ echo: { ...echo, version }, data: refusal })).data;
    expect(parse("1.0")).toEqual({ code: "480", msg: "USER_BUSY", ...rest });
    expect(parse("1.1")).toEqual({ ...refusal, ...rest });
  });

  test.each([
    ["200", true],
    ["200ok", true],
    ["480", false],
  ])("%s", (code, isGood) => {
    expect(isSuccess(code)).toBe(isGood);
  });

  test("a code may come as a number, and little else is needed", () => {
    const frame =
      '{"type":"response","method":"bye","version":"1.0","sessionid":"a","order":"3","data":{"code":200}}';
    expect(decodeFrame(frame)).toMatchObject({ type: "response", order: 3, data: { code: "200", msg: "" } });
  });

  test("a broken one is not quarrelled with", () => {
    expect(decodeFrame('{"type":"response"}')).toBeUndefined();
  });
});

test.each([
  ["1.0", "1.0", false],
  ["1.1", "1.1", true],
  ["1.2", "1.1", true],
  ["1.10", "1.1", true],
  ["2.0", "1.1", true],
  ["0.9", "0.9", false],
])("version %s → %s", (peer, negotiated, events) => {
  expect(negotiateVersion(peer)).toBe(negotiated);
  expect(hasEvents(negotiated)).toBe(events);
});

test("every truncation of a request and of a response is a misfit, none throws", () => {
  for (const frame of [MANUAL_INVITE, MANUAL_RESPONSE]) {
    for (let length = 0; length < frame.length; length++) {
      expect(decodeFrame(frame.slice(0, length))).toMatchObject({ type: "misfit", code: "505" });
    }
  }
});
