import { describe, expect, test } from "bun:test";
import type { OrderRefusal } from "../../../src/calls/telephone-order.ts";
import { silentLogger } from "../../../src/log.ts";
import { createApi } from "../../../src/servers/http/api.ts";
import { type CallDesk, type CallOrder, OrderedCall } from "../../../src/servers/http/call-order.ts";
import { ErrorView } from "../../../src/servers/http/views.ts";
import { SAMPLE_SOURCES } from "./sample-sources.ts";

const TOKEN = "0123456789abcdef";
const URLS = "rtmp://127.0.0.1/live/up rtmp://127.0.0.1/live/down";
const COMMAND = `c-1 lihao gw1 13800000000 welcome.wav welcome.h264 ${URLS} nway.com.cn`;
const ORDER: CallOrder = {
  uuid: "c-1",
  caller_name: "lihao",
  gateway: "gw1",
  destination_number: "13800000000",
  welcome_wav: "welcome.wav",
  welcome_h264: "welcome.h264",
  push_url: "rtmp://127.0.0.1/live/up",
  pull_url: "rtmp://127.0.0.1/live/down",
  realm: "nway.com.cn",
};

/** An API whose desk takes every order, or refuses each for the same reason. */
function open(access: { token: string | undefined } = { token: TOKEN }, refusal?: OrderRefusal) {
  const orders: CallOrder[] = [];
  const desk: CallDesk = {
    async place(order) {
      orders.push(order);
      return refusal ?? begin(order);
    },
    end: (callId) => callId === "c-1",
  };
  const parts = {
    sources: SAMPLE_SOURCES,
    desk,
    version: "1.2.3",
    clock: { nowMs: () => 0, timerCount: 0 },
    startedMs: 0,
  };
  const api = createApi(parts, { ...access, isLocal: true }, silentLogger);
  const send = (
    method: string,
    path: string,
    body?: string,
    authorization: string | undefined = `Bearer ${TOKEN}`,
  ) =>
    api.request(path, {
      method,
      ...(body && { body }),
      ...(authorization && { headers: { authorization } }),
    });
  return { orders, send };
}

function begin(order: CallOrder): OrderedCall {
  return {
    callId: order.uuid ?? "made-up",
    state: "inviting",
    caller: "lihao",
    callee: order.destination_number,
    mediaAttribute: "sendrecv",
    startedAt: "2026-01-02T03:04:05.678Z",
    streams: ["up", "down"],
    pushUrl: "rtmp://127.0.0.1/live/up?token=a",
    pullUrl: "rtmp://127.0.0.1/live/down?token=b",
  };
}

describe("the manual's command", () => {
  test.each([COMMAND, `nway_wx_api ${COMMAND}`, `  nway_wx_api   ${COMMAND.replaceAll(" ", "\t")}\r\n`])(
    "%j",
    async (body) => {
      const { orders, send } = open();
      const response = await send("POST", "/api/nway_wx_api", body);
      expect([response.status, await response.text()]).toEqual([200, "+OK c-1\n"]);
      expect(orders).toEqual([ORDER]);
    },
  );

  test("with - for what there is none of, and without the realm", async () => {
    const { orders, send } = open();
    const response = await send("POST", "/api/nway_wx_api", `- - - 9196 - - ${URLS}`);
    expect(await response.text()).toBe("+OK made-up\n");
    const { destination_number: _, push_url, pull_url } = ORDER;
    expect(orders).toEqual([{ destination_number: "9196", push_url, pull_url } as CallOrder]);
  });

  test.each([
    ["", "needed are: uuid caller_name gateway"],
    ["c-1 lihao gw1", "needed are: "],
    [`${COMMAND} more`, "needed are: "],
    [`c-1 lihao gw1 - - - ${URLS}`, "destination_number: "],
    ["c-1 lihao gw1 13800000000 - - - rtmp://127.0.0.1/live/down", "push_url and pull_url: required"],
  ])("is refused in words: %j", async (body, words) => {
    const { orders, send } = open();
    const response = await send("POST", "/api/nway_wx_api", body);
    expect(response.status).toBe(400);
    expect(await response.text()).toStartWith(`-ERR ${words}`);
    expect(orders).toEqual([]);
  });

  test.each([
    ["taken", 409],
    ["unavailable", 503],
    ["unfit", 400],
  ] as const)("tells why it is %s", async (reason, status) => {
    const { send } = open({ token: TOKEN }, { reason, cause: "GATEWAY_DOWN", message: "it is down" });
    const response = await send("POST", "/api/nway_wx_api", COMMAND);
    expect([response.status, await response.text()]).toEqual([status, "-ERR GATEWAY_DOWN it is down\n"]);
    const json = await send("POST", "/api/calls", JSON.stringify(ORDER));
    expect(json.status).toBe(status);
    const error = { code: `call.${reason}`, message: "GATEWAY_DOWN: it is down" };
    expect(ErrorView.parse(await json.json())).toEqual({ error });
  });
});

describe("an order as JSON", () => {
  test("makes a call", async () => {
    const { orders, send } = open();
    const response = await send("POST", "/api/calls", JSON.stringify(ORDER));
    expect([response.status, response.headers.get("location")]).toEqual([201, "/api/calls/c-1"]);
    expect(OrderedCall.parse(await response.json())).toEqual(begin(ORDER));
    expect(orders).toEqual([ORDER]);
  });

  test("needs nothing but a number, and takes - and nothing alike", async () => {
    const { orders, send } = open();
    const response = await send(
      "POST",
      "/api/calls",
      '{"destination_number":"9196","gateway":"-","uuid":""}',
    );
    expect(response.status).toBe(201);
    expect(orders).toEqual([{ destination_number: "9196" }]);
  });

  test.each([
    ["", "the body is not JSON"],
    ["{", "the body is not JSON"],
    ["[]", "expected object"],
    ["null", "expected object"],
    ["{}", "destination_number: "],
    ['{"destination_number":9196}', "destination_number: "],
    ['{"destination_number":"9196","destination":"1"}', "destination"],
    ['{"destination_number":"9196","__proto__":{"gateway":"x"}}', "__proto__"],
  ])("is refused: %s", async (body, words) => {
    const { orders, send } = open();
    const response = await send("POST", "/api/calls", body);
    const { code, message } = ErrorView.parse(await response.json()).error;
    expect([response.status, code]).toEqual([400, "http.bad-order"]);
    expect(message).toContain(words);
    expect(orders).toEqual([]);
  });

  test("is ended by its id", async () => {
    const { send } = open();
    const ended = await send("DELETE", "/api/calls/c-1");
    expect([ended.status, await ended.text()]).toEqual([204, ""]);
    expect((await send("DELETE", "/api/calls/c-2")).status).toBe(404);
  });
});

describe("no field lets anything be smuggled", () => {
  const words = [
    "a b",
    "a\nb",
    "a,b=c",
    "{a=b}",
    "a'",
    'a"',
    "a\\b",
    "$" + "{a}",
    "a;b",
    "../a",
    "x".repeat(700),
  ];

  test.each(Object.keys(ORDER))("%s", async (field) => {
    const { orders, send } = open();
    for (const word of field.endsWith("_url") ? words.map((one) => `rtmp://127.0.0.1/live/${one} `) : words) {
      const json = await send("POST", "/api/calls", JSON.stringify({ ...ORDER, [field]: word }));
      expect([field, word, json.status]).toEqual([field, word, 400]);
      const { message } = ErrorView.parse(await json.json()).error;
      expect(message).toStartWith(`${field}: `);
      expect(message).not.toContain(word);
      const command = Object.values({ ...ORDER, [field]: word }).join(" ");
      const text = await send("POST", "/api/nway_wx_api", command);
      expect([field, word, text.status]).toEqual([field, word, 400]);
      expect(await text.text()).toMatch(/^-ERR [^\n]*\n$/);
    }
    expect(orders).toEqual([]);
  });
});

describe("the token", () => {
  const WRITING = [
    ["POST", "/api/calls", JSON.stringify(ORDER)],
    ["POST", "/api/nway_wx_api", COMMAND],
    ["DELETE", "/api/calls/c-1", undefined],
  ] as const;
  const WRONG = [
    "",
    "Bearer",
    "Bearer ",
    `Bearer ${TOKEN}x`,
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN} ${TOKEN}`,
  ];

  test.each(WRITING)("is needed for %s %s", async (method, path, body) => {
    const { orders, send } = open();
    for (const authorization of WRONG) {
      const response = await send(method, path, body, authorization);
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
      expect(await response.text()).toContain("Show the token of [api]");
    }
    expect(orders).toEqual([]);
    expect((await send(method, path, body, `bearer  ${TOKEN}`)).status).toBeLessThan(300);
  });

  test.each(WRITING)("must be configured for %s %s", async (method, path, body) => {
    const { orders, send } = open({ token: undefined });
    const response = await send(method, path, body);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("set token of [api]");
    expect(orders).toEqual([]);
  });
});
