import { describe, expect, test } from "bun:test";
import { openDesk } from "./desk.ts";

/** Lets time pass in steps while the named streams bring frames. */
function passTime(
  { clock, media }: ReturnType<typeof openDesk>,
  seconds: number,
  flowing: readonly number[],
): void {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000);
    const streams = [...media.streams.values()];
    for (const index of flowing) {
      const stream = streams[index];
      if (stream !== undefined) stream.frameAtMs = clock.nowMs();
    }
  }
}

test("a stream that stops is reported lost after 10 s, restored when it is back, and ends the call after 30 s", () => {
  const desk = openDesk();
  desk.reach("talking");
  passTime(desk, 20, [0, 1]);
  expect(desk.caller.methods).toEqual(["ringing", "answer"]);
  passTime(desk, 12, [0]);
  expect(desk.caller.methods.slice(2)).toEqual(["media_lost"]);
  expect(desk.caller.last("message").data.msg).toBe("callee");
  expect(desk.callee.methods).toEqual(["invite", "media_lost"]);
  passTime(desk, 2, [0, 1]);
  expect(desk.caller.methods.slice(2)).toEqual(["media_lost", "media_restored"]);
  passTime(desk, 28, [0]);
  expect(desk.calls.size).toBe(1);
  passTime(desk, 4, [0]);
  expect(desk.calls.size).toBe(0);
  for (const client of [desk.caller, desk.callee]) {
    expect(client.last("bye").data).toMatchObject({ code: "480", msg: "MEDIA_TIMEOUT" });
  }
});

test("a side that never pushes is noticed too, but only from the answer on", () => {
  const desk = openDesk();
  desk.reach("ringing");
  passTime(desk, 40, []);
  desk.ask(desk.callee, "answer");
  passTime(desk, 29, [0]);
  expect(desk.calls.size).toBe(1);
  passTime(desk, 3, [0]);
  expect(desk.calls.size).toBe(0);
});

test("silence before the answer does not count", () => {
  const desk = openDesk();
  desk.reach("ringing");
  passTime(desk, 5, [0, 1]);
  passTime(desk, 40, []);
  desk.ask(desk.callee, "answer");
  passTime(desk, 9, []);
  expect(desk.caller.methods).toEqual(["ringing", "answer"]);
});

test.each([
  ["sendonly", 0],
  ["recvonly", 0],
] as const)("%s: only the expected stream counts", (media_attribute, flowing) => {
  const desk = openDesk();
  desk.reach("talking", { media_attribute });
  passTime(desk, 60, [flowing]);
  expect(desk.caller.methods).toEqual(["ringing", "answer"]);
  passTime(desk, 32, []);
  expect(desk.calls.size).toBe(0);
});

test("echo: what the extension plays is not expected from anybody", () => {
  const desk = openDesk();
  desk.ask(desk.caller, "invite", { callee_number: "9196" });
  passTime(desk, 60, [0]);
  expect(desk.caller.methods).toEqual(["answer"]);
});

test("streams of another server count from their first frame on", () => {
  const desk = openDesk({ pushBase: "rtmp://cdn.example/live/" });
  desk.reach("talking");
  passTime(desk, 120, []);
  expect(desk.calls.size).toBe(1);
  passTime(desk, 1, [0]);
  passTime(desk, 32, []);
  expect(desk.calls.size).toBe(0);
});

test("an app that never pushes to an extension is noticed, wherever the base URLs point", () => {
  const desk = openDesk({ pushBase: "rtmp://cdn.example/live/" });
  desk.ask(desk.caller, "invite", { callee_number: "9196" });
  passTime(desk, 29, []);
  expect(desk.calls.size).toBe(1);
  passTime(desk, 3, []);
  expect(desk.caller.last("bye").data).toMatchObject({ code: "480", msg: "MEDIA_TIMEOUT" });
});

describe("URLs that the caller chose", () => {
  const BASE = "rtmp://182.61.34.55/live/";
  const chosen = {
    caller_url: `${BASE}mine?txSecret=a&token=old&txTime=b#c`,
    callee_url: "rtmp://182.61.34.55:1935/live/yours",
  };

  test("under a base: bound to the call and its roles, with tokens added", () => {
    const desk = openDesk({ pushBase: BASE.slice(0, -1) });
    const response = desk.reach("ringing", chosen);
    expect(response.caller_url).toMatch(
      /^rtmp:\/\/182\.61\.34\.55\/live\/mine\?txSecret=a&txTime=b&token=[0-9a-f]{32}$/,
    );
    expect(response.callee_url).toMatch(/^rtmp:\/\/182\.61\.34\.55:1935\/live\/yours\?token=[0-9a-f]{32}$/);
    expect(desk.callee.last("invite").data.caller_url).toMatch(
      /^rtmp:\/\/182\.61\.34\.55\/live\/mine\?token=/,
    );
    expect([...desk.media.streams.keys()]).toEqual(["mine", "yours"]);
    const play = { key: "mine", action: "play", token: undefined, from: desk.callee.address } as const;
    expect(desk.keys.authorize(play)?.callId).toMatch(/^[0-9a-f]{16}$/);
    desk.ask(desk.caller, "cancel");
    expect(desk.keys.authorize(play)).toBeUndefined();
  });

  test("the embedded server's own address is a base while none is configured", () => {
    const desk = openDesk();
    const response = desk.reach("ringing", { caller_url: "rtmp://GW.example/live/mine" });
    expect(response.code).toBe("200ok");
  });

  test("an HTTP base pulls FLV, whose name a client may give with or without its ending", () => {
    const desk = openDesk({ pullBase: "http://gw.example:25535/live" });
    const callee_url = "http://gw.example:25535/live/yours.flv";
    const response = desk.reach("ringing", { callee_url });
    expect(response.callee_url).toMatch(/^http:\/\/gw\.example:25535\/live\/yours\.flv\?token=[0-9a-f]{32}$/);
    expect(response.caller_url).toMatch(
      /^rtmp:\/\/gw\.example:1935\/live\/[0-9a-f]{32}\?token=[0-9a-f]{32}$/,
    );
    const offer = desk.callee.last("invite").data;
    expect(offer.caller_url).toMatch(/^http:\/\/gw\.example:25535\/live\/[0-9a-f]{32}\.flv\?token=/);
    expect(offer.callee_url).toMatch(/^rtmp:\/\/gw\.example:1935\/live\/yours\?token=/);
  });

  test.each([
    ["another host", "rtmp://elsewhere/live/mine"],
    ["another port", "rtmp://182.61.34.55:1936/live/mine"],
    ["another application", "rtmp://182.61.34.55/other/mine"],
    ["a way out", "rtmp://182.61.34.55/live/../other/mine"],
    ["a folder more", "rtmp://182.61.34.55/live/a/mine"],
    ["no key", "rtmp://182.61.34.55/live/"],
    ["an escaped key", "rtmp://182.61.34.55/live/%2e%2e"],
    ["a password", "rtmp://u:p@182.61.34.55/live/mine"],
    ["another scheme", "http://182.61.34.55/live/mine"],
    ["a detour", "rtmp://182.61.34.55/live/../live/mine"],
    ["a space", "rtmp://182.61.34.55/live/mine "],
    ["a line feed", "rtmp://182.61.34.55/li\nve/mine"],
    ["no URL", "mine"],
  ])("%s: 403", (_what, caller_url) => {
    const desk = openDesk({ pushBase: BASE });
    expect(desk.reach("inviting", { caller_url }).code).toBe("403");
    expect([desk.calls.size, desk.keys.size, desk.media.streams.size]).toEqual([0, 0, 0]);
  });

  test("a key in use by another call: 403, and the other call keeps it", () => {
    const desk = openDesk({ pushBase: BASE });
    desk.reach("talking", chosen);
    const third = desk.clients.add("third");
    const again = { ...chosen, callee_number: "9196", caller_url: `${BASE}fresh` };
    expect(desk.ask(third, "invite", again, "s2").code).toBe("403");
    expect([...desk.media.streams.keys()]).toEqual(["mine", "yours"]);
    expect(desk.keys.size).toBe(2);
  });
});
