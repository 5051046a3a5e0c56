import { describe, expect, test } from "bun:test";
import { Call } from "../../src/calls/call.ts";
import { plainReach } from "../../src/calls/stream-urls.ts";
import type { TelephoneOrder } from "../../src/calls/telephone-order.ts";
import { parsePattern } from "../../src/config/number-patterns.ts";
import { type DeskOptions, openDesk } from "./desk.ts";
import { FakeTelephony } from "./fake-telephony.ts";

const HOSTS = ["192.0.2.7", "127.0.0.1", "[::1]"];
const ORDER: TelephoneOrder = {
  callId: "c-1",
  callerName: "lihao",
  number: "13800000000",
  gateway: "gw1",
  clip: undefined,
  pushUrl: "rtmp://127.0.0.1/live/up",
  pullUrl: "rtmp://192.0.2.7:1935/live/down",
  vendor: { realm: "nway.com.cn" },
};

function openOrders(options: DeskOptions = {}) {
  const telephony = new FakeTelephony();
  const desk = openDesk({ telephony, ...options });
  const order = (fields: Partial<TelephoneOrder> = {}) => desk.calls.order({ ...ORDER, ...fields }, HOSTS);
  const place = (fields: Partial<TelephoneOrder> = {}): Call => {
    const call = order(fields);
    if (!(call instanceof Call)) throw new Error(call.cause);
    return call;
  };
  const refusal = (fields: Partial<TelephoneOrder> = {}) => {
    const call = order(fields);
    return call instanceof Call ? "a call" : `${call.reason} ${call.cause}`;
  };
  return { ...desk, telephony, place, refusal };
}

describe("an order", () => {
  test("binds the app's streams and dials by the gateway that it names", () => {
    const { place, telephony, media, keys } = openOrders();
    const call = place();
    expect(call.snapshot()).toMatchObject({
      callId: "c-1",
      state: "inviting",
      caller: "lihao",
      callee: "13800000000",
      streams: ["up", "down"],
    });
    expect(telephony.leg.request).toMatchObject({
      callId: "c-1",
      number: "13800000000",
      callerNumber: "lihao",
      via: { gateway: "gw1" },
      vendor: { realm: "nway.com.cn" },
    });
    expect(telephony.leg.request.streams.heard?.key).toBe("up");
    expect(telephony.leg.request.streams.spoken?.key).toBe("down");
    const { caller_url = "", callee_url = "" } = telephony.leg.request.urls;
    expect([caller_url, callee_url].map((url) => url.replace(/=.*/, "="))).toEqual([
      "rtmp://192.0.2.7:1935/live/up?token=",
      "rtmp://192.0.2.7:1935/live/down?token=",
    ]);
    const granted = (action: "publish" | "play", key: string, url: string) =>
      keys.authorize({ key, token: url.split("=")[1], action, from: "192.0.2.8" })?.key;
    for (const [key, url] of [
      ["up", caller_url],
      ["down", callee_url],
    ] as const) {
      expect([granted("play", key, url), granted("publish", key, url)]).toEqual(["up", "down"]);
    }
    for (const key of ["up", "down"]) {
      for (const action of ["publish", "play"] as const) {
        expect(keys.authorize({ key, token: undefined, action, from: "127.0.0.1" })).toEqual({
          ...{ callId: "c-1", key },
        });
      }
    }
    expect(media.streams.get("down")?.conversion).toBe("AAC");
  });

  test("may leave all but the number to the gateway", () => {
    const { place, telephony } = openOrders();
    const nothing = { callId: undefined, callerName: undefined, gateway: undefined, pushUrl: undefined };
    const call = place({ ...nothing, pullUrl: undefined });
    expect(telephony.leg.request).toMatchObject({ via: "dialplan", callerNumber: "anonymous" });
    const { caller_url, callee_url } = call.streams.urlsFor("caller", plainReach("192.0.2.7"));
    for (const url of [caller_url, callee_url]) {
      expect(url).toMatch(/^rtmp:\/\/192\.0\.2\.7:1935\/live\/[0-9a-f]{32}\?token=[0-9a-f]{32}$/);
    }
  });

  test("goes its way: ringing, early media, answer, and the telephone hangs up", () => {
    const { place, telephony, media } = openOrders();
    const call = place();
    for (const [kind, state] of [
      ["ringing", "ringing"],
      ["early-media", "early"],
      ["answered", "talking"],
    ] as const) {
      telephony.leg.report({ kind });
      expect(call.state).toBe(state);
    }
    telephony.leg.report({ kind: "ended", cause: "NORMAL_CLEARING" });
    expect(call.ending).toEqual({ by: "callee", cause: "NORMAL_CLEARING" });
    expect(media.streams.size).toBe(0);
  });

  test("ends when the app pushes nothing", () => {
    const { place, telephony, clock } = openOrders();
    const call = place();
    telephony.leg.report({ kind: "answered" });
    clock.advance(31_000);
    expect(call.ending).toEqual({ by: "gateway", cause: "MEDIA_TIMEOUT" });
    expect(telephony.leg.done).toEqual(["MEDIA_TIMEOUT"]);
  });

  test("plays its own clip before the ringing, and silence from the answer on", () => {
    const clip = new Float32Array(160).fill(0.5);
    const { place, telephony, media } = openOrders();
    place({ clip });
    const stream = media.streams.get("down");
    expect(stream?.played[0]?.sounds[0]).toEqual({ clip });
    expect(stream?.played[0]?.sounds).toHaveLength(2);
    telephony.leg.report({ kind: "answered" });
    expect(stream?.played[1]?.sounds).toEqual([]);
  });
});

describe("an order is refused", () => {
  test("whose id another call has, or an ended one had", () => {
    const { place, refusal, telephony } = openOrders({
      book: {
        begin: () => {
          const entry = {
            mark() {},
            setParty() {},
            setCodecs() {},
            setMedia() {},
            countReconnect() {},
            end() {},
          };
          return entry;
        },
        find: (callId) => (callId === "c-0" ? {} : undefined),
      },
    });
    place();
    expect(refusal()).toBe("taken UUID_IN_USE");
    expect(refusal({ callId: "c-0" })).toBe("taken UUID_IN_USE");
    expect(telephony.legs).toHaveLength(1);
  });

  test("whose stream another call has, and leaves no stream behind", () => {
    const { place, refusal, media } = openOrders();
    place();
    expect(refusal({ callId: "c-2", pushUrl: "rtmp://127.0.0.1/live/other" })).toBe("taken URL_IN_USE");
    expect(refusal({ callId: "c-2", pullUrl: ORDER.pushUrl, pushUrl: ORDER.pushUrl })).toBe(
      "taken URL_IN_USE",
    );
    expect([...media.streams.keys()]).toEqual(["up", "down"]);
  });

  test.each([
    "rtmp://gw.example/live/up",
    "rtmp://127.0.0.1:1936/live/up",
    "rtmp://127.0.0.1/other/up",
    "rtmp://127.0.0.1/live/a/b",
    "rtmp://127.0.0.1/live/",
    "http://127.0.0.1:1935/live/up",
    "rtmp://u:p@127.0.0.1/live/up",
  ])("whose URL is not ours: %s", (url) => {
    const { refusal, telephony } = openOrders();
    expect(refusal({ pushUrl: url })).toBe("unfit URL_NOT_OURS");
    expect(refusal({ pullUrl: url })).toBe("unfit URL_NOT_OURS");
    expect(telephony.legs).toEqual([]);
  });

  test("whose number the rules forbid", () => {
    const deny = [parsePattern("00*")].filter((pattern) => pattern !== undefined);
    const { refusal, lines } = openOrders({
      numberRules: { rewrite: [], allow: [], deny, emergency: false },
    });
    expect(refusal({ number: "0049-1" })).toBe("unfit OUTGOING_CALL_BARRED");
    expect(lines.join("")).toMatch(/ warn call\.barred .*number=0049-1 rule=00\*/);
    expect(refusal({ number: "1,2" })).toBe("unfit INVALID_NUMBER_FORMAT");
  });

  test("without a way to the telephone", () => {
    const { refusal, telephony, media } = openOrders();
    telephony.problem = "NETWORK_OUT_OF_ORDER";
    expect(refusal()).toBe("unavailable NETWORK_OUT_OF_ORDER");
    telephony.problem = undefined;
    telephony.atOnce = { kind: "ended", cause: "GATEWAY_DOWN" };
    expect(refusal()).toBe("unavailable GATEWAY_DOWN");
    expect(media.streams.size).toBe(0);
    expect(openOrders({ telephony: undefined }).refusal()).toBe("unavailable NO_ROUTE");
  });

  test("when there are as many calls as there may be", () => {
    const { place, refusal } = openOrders({ limits: { maxCalls: 1, maxCallsPerUser: 1 } });
    place();
    expect(refusal({ callId: "c-2" })).toBe("unavailable SWITCH_CONGESTION");
  });
});

describe("ending a call from outside", () => {
  test("hangs an ordered one up for the app", () => {
    const { place, calls, telephony } = openOrders();
    const call = place();
    expect(calls.end("c-1")).toBe(true);
    expect(call.ending).toEqual({ by: "caller", cause: "ORIGINATOR_CANCEL" });
    expect(telephony.leg.done).toEqual(["ORIGINATOR_CANCEL"]);
    expect(calls.end("c-1")).toBe(false);
  });

  test("tells both sides of any other", () => {
    const { calls, reach, caller, callee } = openDesk();
    reach("talking");
    const [call] = calls.snapshot();
    expect(calls.end(call?.callId ?? "")).toBe(true);
    for (const client of [caller, callee]) {
      expect(client.last("bye").data).toMatchObject({ code: "480", msg: "MANAGER_REQUEST" });
    }
  });
});
