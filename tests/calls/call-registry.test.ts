import { describe, expect, test } from "bun:test";
import { openDesk } from "./desk.ts";

const CAUSE_480 = (cause: string) => ({ code: "480", msg: cause, cause });

describe("invite", () => {
  test("rings the callee, tells the caller, connects both with their own URLs", () => {
    const { reach, caller, callee, ask, calls } = openDesk();
    const response = reach("talking", { caller_audio: "G711A" });
    expect(response).toMatchObject({ code: "200ok", callee_audio: "G711A", callee_video: "" });
    const offer = callee.last("invite").data;
    expect(offer).toMatchObject({ caller_number: "lihao", callee_number: "nway", caller_audio: "G711A" });
    for (const url of [response.caller_url, response.callee_url, offer.caller_url, offer.callee_url]) {
      expect(url).toMatch(/^rtmp:\/\/gw\.example:1935\/live\/[0-9a-f]{32}\?token=[0-9a-f]{32}$/);
    }
    const bare = (url: string | undefined) => url?.split("?")[0];
    expect(bare(offer.caller_url)).toBe(bare(response.caller_url));
    expect(bare(offer.callee_url)).toBe(bare(response.callee_url));
    expect(new Set([response.caller_url, response.callee_url, offer.caller_url, offer.callee_url]).size).toBe(
      4,
    );
    expect(caller.methods).toEqual(["ringing", "answer"]);
    expect(calls.snapshot()).toMatchObject([
      { state: "talking", calleeKind: "client", startedAt: expect.any(String) },
    ]);
    expect(ask(caller, "bye").code).toBe("200ok");
    expect(callee.last("bye").data).toMatchObject({ code: "200ok", msg: "NORMAL_CLEARING" });
  });

  test.each([
    ["absent", true, "USER_NOT_REGISTERED"],
    ["13800138000", false, "NO_ROUTE"],
    ["lihao", true, "USER_BUSY"],
  ])("%s (a user: %p) → 480 %s", (number, isUser, cause) => {
    const { ask, caller, calls, keys } = openDesk();
    expect(ask(caller, "invite", { callee_number: number }, "s1", isUser)).toEqual(CAUSE_480(cause));
    expect([calls.size, keys.size]).toEqual([0, 0]);
  });

  test("by another name than the registered: 403", () => {
    const { ask, caller } = openDesk();
    expect(ask(caller, "invite", { caller_number: "nway", callee_number: "nway" }).code).toBe("403");
  });

  test("in an open session: 506", () => {
    const { ask, caller, reach } = openDesk();
    reach("ringing");
    expect(ask(caller, "invite", { callee_number: "nway" })).toMatchObject({ code: "506" });
  });

  test("unrelated users may choose the same sessionid, each for a call of its own", () => {
    const { ask, caller, callee, clients, reach, calls } = openDesk();
    const [third, fourth] = [clients.add("third"), clients.add("fourth")];
    reach("talking");
    expect(ask(third, "invite", { callee_number: "fourth" }).code).toBe("200ok");
    expect(ask(fourth, "answer").code).toBe("200ok");
    expect(ask(third, "message", { msg: "hi" }).code).toBe("200ok");
    expect([callee.methods, fourth.methods]).toEqual([["invite"], ["invite", "message"]]);
    expect(ask(third, "bye").code).toBe("200ok");
    expect(calls.snapshot()).toMatchObject([{ caller: "lihao", state: "talking" }]);
    expect(ask(third, "message", { msg: "hi", callee_number: "fourth" }).code).toBe("200ok");
    expect(ask(caller, "bye").code).toBe("200ok");
  });

  test("a callee that has another call in a session of that name is busy", () => {
    const { ask, clients, reach } = openDesk({ limits: { maxCalls: 10, maxCallsPerUser: 5 } });
    reach("talking");
    const third = clients.add("third");
    expect(ask(third, "invite", { callee_number: "nway" })).toEqual(CAUSE_480("USER_BUSY"));
    expect(ask(third, "invite", { callee_number: "nway" }, "s2").code).toBe("200ok");
  });

  test("glare: whoever invites second finds the first busy", () => {
    const { ask, caller, callee, calls } = openDesk({ limits: { maxCalls: 10, maxCallsPerUser: 5 } });
    expect(ask(caller, "invite", { callee_number: "nway" }, "a").code).toBe("200ok");
    expect(ask(callee, "invite", { callee_number: "lihao" }, "b")).toEqual(CAUSE_480("USER_BUSY"));
    expect(calls.size).toBe(1);
    expect(callee.methods).toEqual(["invite"]);
  });

  test("limits: a busy callee, a busy caller, a full gateway", () => {
    const { ask, caller, reach, clients } = openDesk({ limits: { maxCalls: 2, maxCallsPerUser: 1 } });
    reach("talking");
    const third = clients.add("third");
    expect(ask(third, "invite", { callee_number: "nway" }, "s2")).toEqual(CAUSE_480("USER_BUSY"));
    expect(ask(caller, "invite", { callee_number: "9196" }, "s2")).toMatchObject({
      code: "403",
      msg: "too many calls",
    });
    expect(ask(third, "invite", { callee_number: "9196" }, "s2").code).toBe("200ok");
    expect(ask(clients.add("fourth"), "invite", { callee_number: "9196" }, "s3")).toEqual(
      CAUSE_480("SWITCH_CONGESTION"),
    );
  });

  test("a machine that carries no more calls refuses new ones, and the others go on", () => {
    let isOverloaded = false;
    const desk = openDesk({ isOverloaded: () => isOverloaded });
    desk.reach("talking");
    isOverloaded = true;
    const third = desk.clients.add("third");
    expect(desk.ask(third, "invite", { callee_number: "9196" }, "s2")).toEqual(
      CAUSE_480("SWITCH_CONGESTION"),
    );
    expect(desk.calls.snapshot()).toMatchObject([{ state: "talking" }]);
    isOverloaded = false;
    expect(desk.ask(third, "invite", { callee_number: "9196" }, "s2").code).toBe("200ok");
  });
});

describe("media_attribute", () => {
  test.each([
    ["sendrecv", true, true],
    ["sendonly", true, false],
    ["recvonly", false, true],
  ] as const)("%s", (media_attribute, callerPushes, calleePushes) => {
    const { reach, callee, keys, media } = openDesk();
    const response = reach("ringing", { media_attribute });
    const offer = callee.last("invite").data;
    expect(offer.media_attribute).toBe(media_attribute);
    expect([response.caller_url !== "", response.callee_url !== ""]).toEqual([callerPushes, calleePushes]);
    expect([offer.caller_url !== "", offer.callee_url !== ""]).toEqual([callerPushes, calleePushes]);
    expect(keys.size).toBe(media.streams.size);
    expect(keys.size).toBe(Number(callerPushes) + Number(calleePushes));
  });

  test("both speak where a client does not say", () => {
    const { reach, callee, calls } = openDesk();
    reach("ringing", {});
    expect(callee.last("invite").data.media_attribute).toBe("sendrecv");
    expect(calls.snapshot()).toMatchObject([{ mediaAttribute: "sendrecv", streams: { length: 2 } }]);
  });
});

describe("codecs", () => {
  test.each([
    ["no video in the gateway", undefined, "H264", "", ""],
    ["video by default", "H264", undefined, "H264", "H264"],
    ["a caller without a camera", "H264", "", "", ""],
    ["the caller's own", "H264", "H265", "H265", "H265"],
  ])("%s", (_what, video, wished, offered, answered) => {
    const { reach, callee, caller } = openDesk({ codecs: { audio: "AAC", video } });
    reach("talking", { caller_video: wished });
    expect(callee.last("invite").data).toMatchObject({ caller_audio: "AAC", caller_video: offered });
    expect(caller.last("answer").data).toMatchObject({ callee_audio: "AAC", callee_video: answered });
  });

  test("the callee's choice reaches the caller in the answer", () => {
    const { reach, ask, callee, caller } = openDesk({ codecs: { audio: "AAC", video: "H264" } });
    reach("inviting");
    callee.respond({ callee_audio: "G711U", callee_video: "" });
    ask(callee, "answer");
    expect(caller.last("answer").data).toMatchObject({ callee_audio: "G711U", callee_video: "" });
  });
});

describe("endings", () => {
  test.each([
    ["USER_BUSY", "USER_BUSY"],
    ["not now, please", "CALL_REJECTED"],
  ])("a callee that refuses with %p: bye 480 %s", (msg, cause) => {
    const { reach, callee, caller, calls } = openDesk();
    reach("inviting");
    callee.respond({ code: "480", msg });
    expect(caller.last("bye").data).toMatchObject(CAUSE_480(cause));
    expect(calls.size).toBe(0);
  });

  test("a callee that never responds: NO_USER_RESPONSE", () => {
    const { reach, callee, caller } = openDesk();
    reach("inviting");
    callee.last("invite").onOutcome?.(undefined);
    expect(caller.last("bye").data).toMatchObject(CAUSE_480("NO_USER_RESPONSE"));
  });

  test("cancel: the callee is told, and its late answer is 506", () => {
    const { reach, ask, callee, caller } = openDesk();
    reach("ringing");
    expect(ask(caller, "cancel").code).toBe("200ok");
    expect(callee.methods).toEqual(["invite", "cancel"]);
    expect(callee.last("cancel").data).toMatchObject({ msg: "ORIGINATOR_CANCEL" });
    expect(callee.withdrawn).toEqual(["invite s1"]);
    expect(ask(callee, "answer")).toEqual({ code: "506", msg: "answer: the session is not ringing" });
    expect(caller.methods).toEqual(["ringing"]);
  });

  test("a cancel that crosses the answer ends the call all the same", () => {
    const { reach, ask, callee, caller } = openDesk();
    reach("talking");
    expect(ask(caller, "cancel").code).toBe("200ok");
    expect(callee.last("bye").data).toMatchObject({ code: "200ok", msg: "NORMAL_CLEARING" });
  });

  test("byes that cross are both 200ok, later ones 506", () => {
    const { reach, ask, callee, caller } = openDesk();
    reach("talking");
    expect(ask(caller, "bye").code).toBe("200ok");
    expect(ask(callee, "bye").code).toBe("200ok");
    expect(caller.methods).toEqual(["ringing", "answer"]);
    callee.beingEnded.clear();
    expect(ask(callee, "bye")).toEqual({ code: "506", msg: "bye: no such session" });
  });

  test("ring time-out: cancel to the callee, bye 480 NO_ANSWER to the caller", () => {
    const { reach, clock, callee, caller } = openDesk();
    reach("ringing");
    clock.advance(59_900);
    expect(callee.methods).toEqual(["invite"]);
    clock.advance(600);
    expect(callee.methods).toEqual(["invite", "cancel"]);
    expect(caller.last("bye").data).toMatchObject(CAUSE_480("NO_ANSWER"));
    expect(clock.timerCount).toBe(0);
  });

  test("shutdown tells both sides", () => {
    const { reach, calls, callee, caller } = openDesk();
    reach("talking");
    calls.endAll();
    expect(caller.last("bye").data).toMatchObject(CAUSE_480("SYSTEM_SHUTDOWN"));
    expect(callee.last("bye").data).toMatchObject(CAUSE_480("SYSTEM_SHUTDOWN"));
  });

  test.each(["inviting", "ringing", "talking"] as const)("a call ends once, in %s", (state) => {
    const { reach, ask, calls, clock, clients, callee, caller, keys, media, lines } = openDesk();
    reach(state);
    const streams = [...media.streams.values()];
    ask(caller, "bye");
    clients.watcher?.clientGone("lihao");
    clients.watcher?.clientGone("nway");
    callee.respond();
    clock.advance(120_000);
    expect(lines.filter((line) => line.includes(" call.ended "))).toHaveLength(1);
    expect(streams.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect([calls.size, keys.size, clock.timerCount]).toEqual([0, 0, 0]);
  });
});

describe("lost and returning clients", () => {
  test.each(["inviting", "ringing", "talking"] as const)(
    "%s: held while away, on when back, over when gone",
    (state) => {
      const { reach, clients, calls, caller } = openDesk();
      reach(state);
      expect(clients.watcher?.clientLost("nway")).toBe(true);
      expect(calls.snapshot()).toMatchObject([{ state, calleeAway: true, callerAway: false }]);
      expect(clients.watcher?.clientBack("nway")).toBe(true);
      expect(calls.snapshot()).toMatchObject([{ state, calleeAway: false }]);
      clients.watcher?.clientLost("nway");
      clients.watcher?.clientGone("nway");
      expect(calls.size).toBe(0);
      const cause = state === "talking" ? "RECOVERY_ON_TIMER_EXPIRE" : "USER_NOT_REGISTERED";
      expect(caller.last("bye").data).toMatchObject(CAUSE_480(cause));
    },
  );

  const ANEW = { callee_number: "9196" };

  test.each(["lihao", "nway"])("%s, started anew, calls another: the old call is REPLACED", (user) => {
    const { reach, clients, calls, caller, callee, ask } = openDesk();
    reach("talking");
    const [own, other] = user === "lihao" ? [caller, callee] : [callee, caller];
    clients.watcher?.clientLost(user);
    clients.watcher?.clientBack(user);
    expect(ask(own, "invite", ANEW, "s2").code).toBe("200ok");
    expect(other.last("bye").data.msg).toBe("REPLACED");
    expect(calls.snapshot()).toMatchObject([{ caller: user, sessionid: "s2" }]);
  });

  test.each(["ringing", "talking"] as const)("%s: who goes on with the old call has one", (state) => {
    const { reach, clients, calls, caller, ask } = openDesk();
    reach(state);
    clients.watcher?.clientLost("lihao");
    expect(ask(caller, "invite", ANEW, "s2").code).toBe("403");
    clients.watcher?.clientBack("lihao");
    expect(ask(caller, "message", { msg: "hi" }).code).toBe("200ok");
    expect(ask(caller, "invite", ANEW, "s2").code).toBe("403");
    expect(calls.snapshot()).toMatchObject([{ sessionid: "s1", state }]);
  });

  test("who still pushes into the old call has one", () => {
    const { reach, clients, caller, ask, media, clock } = openDesk();
    reach("talking");
    clients.watcher?.clientLost("lihao");
    clients.watcher?.clientBack("lihao");
    for (const stream of media.streams.values()) stream.frameAtMs = clock.nowMs();
    expect(ask(caller, "invite", ANEW, "s2").code).toBe("403");
    clock.advance(3_000);
    expect(ask(caller, "invite", ANEW, "s2").code).toBe("200ok");
  });

  test("a callee that is still called keeps the call that waits for it", () => {
    const { reach, clients, callee, ask, calls } = openDesk();
    reach("ringing");
    clients.watcher?.clientLost("nway");
    clients.watcher?.clientBack("nway");
    expect(ask(callee, "invite", ANEW, "s2").code).toBe("403");
    expect(calls.snapshot()).toMatchObject([{ sessionid: "s1", state: "ringing" }]);
  });

  test("a user without calls is not waited for", () => {
    const { clients } = openDesk();
    expect(clients.watcher?.clientLost("nway")).toBe(false);
  });
});

describe("sessions", () => {
  test.each(["answer", "cancel", "bye", "message"] as const)(
    "%s in somebody else's session: 403",
    (method) => {
      const { reach, ask, clients } = openDesk();
      reach("ringing");
      expect(ask(clients.add("third"), method, { msg: "hi", callee_number: "nway" }).code).toBe("403");
    },
  );

  test.each(["answer", "cancel", "bye"] as const)("%s without a session: 506", (method) => {
    const { ask, caller } = openDesk();
    expect(ask(caller, method).code).toBe("506");
  });

  test("only the callee answers, only the caller cancels, nobody answers twice", () => {
    const { reach, ask, caller, callee } = openDesk();
    reach("ringing");
    expect(ask(caller, "answer").code).toBe("506");
    expect(ask(callee, "cancel").code).toBe("506");
    expect(ask(callee, "answer", { caller_number: "lihao" }).code).toBe("200ok");
    expect(callee.withdrawn).toEqual(["invite s1"]);
    expect(ask(callee, "answer").code).toBe("506");
    expect(ask(callee, "bye", { caller_number: "somebody" }).code).toBe("403");
  });
});

describe("message", () => {
  test("in a call it goes to the other party, keys from a client of any version to one of 1.1", () => {
    const { reach, ask, caller, callee } = openDesk();
    reach("talking");
    ask(caller, "message", { msg: "hello" });
    expect(callee.last("message").data.msg).toBe("hello");
    ask(callee, "message", { dtmf: "12#" });
    expect(caller.last("message").data.dtmf).toBe("12#");
    expect(ask(caller, "message", { dtmf: "x" }).code).toBe("505");
    expect(ask(caller, "message").code).toBe("505");
    caller.hasEvents = false;
    const before = caller.sent.length;
    expect(ask(callee, "message", { dtmf: "1" }).code).toBe("200ok");
    expect(caller.sent).toHaveLength(before);
    expect(ask(caller, "message", { dtmf: "1" }).code).toBe("200ok");
    expect(callee.last("message").data.dtmf).toBe("1");
    expect(ask(caller, "message", { dtmf: "" })).toEqual({ code: "505", msg: "data.msg: required" });
  });

  test("out of a call it goes to a registered client", () => {
    const { ask, caller, callee } = openDesk();
    expect(ask(caller, "message", { callee_number: "nway", msg: "hi" }, "m1").code).toBe("200ok");
    expect(callee.last("message")).toMatchObject({
      sessionid: "m1",
      data: { caller_number: "lihao", msg: "hi" },
    });
    expect(ask(caller, "message", { callee_number: "nobody", msg: "hi" }, "m2")).toEqual(
      CAUSE_480("USER_NOT_REGISTERED"),
    );
    callee.hasRoom = false;
    expect(ask(caller, "message", { callee_number: "nway", msg: "hi" }, "m4")).toEqual(
      CAUSE_480("SWITCH_CONGESTION"),
    );
    expect(ask(caller, "message", { msg: "hi" }, "m3")).toEqual({
      code: "505",
      msg: "data.callee_number: required",
    });
  });

  test("a 1.0 caller hears of no events and no cause", () => {
    const { reach, caller, callee, ask } = openDesk();
    caller.hasEvents = false;
    reach("talking");
    expect(caller.methods).toEqual(["answer"]);
    ask(callee, "bye");
    expect(caller.last("bye").data.cause).toBeUndefined();
  });
});

describe("echo", () => {
  test("answers after the response and plays back what is pushed", () => {
    const { calls, ask, caller, media } = openDesk();
    const { caller_url = "", callee_url = "" } = ask(caller, "invite", { callee_number: "9196" });
    const keyIn = (url: string) => /live\/(\w+)\?/.exec(url)?.[1] ?? "";
    expect(media.streams.get(keyIn(callee_url))?.source?.key).toBe(keyIn(caller_url));
    expect(caller.methods).toEqual(["answer"]);
    expect(calls.snapshot()).toMatchObject([{ state: "talking", calleeKind: "extension", callee: "9196" }]);
  });
});
