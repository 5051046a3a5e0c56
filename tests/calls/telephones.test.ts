import { describe, expect, test } from "bun:test";
import type { LegEvent } from "../../src/calls/ports.ts";
import { parsePattern, parseRewriteRule } from "../../src/config/number-patterns.ts";
import { type DeskOptions, makeRequest, openDesk } from "./desk.ts";
import { FakeCallingTelephone, FakeTelephony } from "./fake-telephony.ts";

const NUMBER = "13800000000";

function openTelephoneDesk(options: DeskOptions = {}) {
  const telephony = new FakeTelephony();
  const desk = openDesk({ telephony, ...options });
  const dial = (number = NUMBER, isUser = false) =>
    desk.ask(desk.caller, "invite", { callee_number: number }, "s1", isUser);
  const endOf = () => {
    const { code, msg } = desk.caller.last("bye").data;
    return `${code} ${msg}`;
  };
  const logged = (event: string) => desk.lines.filter((line) => line.includes(` ${event} `));
  return { ...desk, telephony, dial, endOf, logged };
}

type TelephoneDesk = ReturnType<typeof openTelephoneDesk>;

const STAGES: Readonly<Record<string, readonly LegEvent[]>> = {
  dialled: [],
  ringing: [{ kind: "ringing" }],
  early: [{ kind: "ringing" }, { kind: "early-media" }],
  talking: [{ kind: "early-media" }, { kind: "answered" }],
};

function reach({ dial, telephony }: TelephoneDesk, stage: string) {
  dial();
  const leg = telephony.leg;
  for (const event of STAGES[stage] ?? []) leg.report(event);
  return leg;
}

function expectNothingLeft({ calls, clock, media }: TelephoneDesk): void {
  expect([calls.size, clock.timerCount, media.streams.size]).toEqual([0, 0, 0]);
}

describe("a call to a telephone", () => {
  test("rings, has early media, is answered and ends", () => {
    const desk = openTelephoneDesk();
    const response = desk.dial();
    expect(response).toMatchObject({ code: "200ok", callee_audio: "AAC" });
    const { leg } = desk.telephony;
    expect(leg.request).toMatchObject({ number: NUMBER, callerNumber: "lihao" });
    leg.report({ kind: "ringing" });
    leg.report({ kind: "early-media" });
    expect(desk.caller.methods).toEqual(["ringing", "early_media"]);
    leg.report({ kind: "answered" });
    expect(desk.caller.last("answer").data).toMatchObject({ callee_audio: "AAC", callee_video: "" });
    leg.report({ kind: "ended", cause: "NORMAL_CLEARING" });
    expect(desk.endOf()).toBe("200ok NORMAL_CLEARING");
    expect(leg.asked).toEqual([]);
    expectNothingLeft(desk);
  });

  test("hears ringing of ours until its own sound, and is heard where it should be", () => {
    const desk = openTelephoneDesk();
    const { heard, spoken } = reach(desk, "ringing").streams;
    const [caller, callee] = [...desk.media.streams.values()];
    expect([heard, spoken]).toEqual([caller, callee]);
    expect(callee?.played.length).toBe(1);
  });

  test.each([
    ["dialled", "hang up ORIGINATOR_CANCEL"],
    ["ringing", "hang up ORIGINATOR_CANCEL"],
    ["early", "hang up ORIGINATOR_CANCEL"],
    ["talking", "hang up NORMAL_CLEARING"],
  ])("is cancelled when %s", (stage, asked) => {
    for (const method of ["cancel", "bye"] as const) {
      const desk = openTelephoneDesk();
      const leg = reach(desk, stage);
      expect(desk.ask(desk.caller, method).code).toBe("200ok");
      expect(leg.asked).toEqual([asked]);
      leg.report({ kind: "answered" });
      leg.report({ kind: "ended", cause: "NORMAL_CLEARING" });
      expect(desk.caller.methods).not.toContain("bye");
      expectNothingLeft(desk);
    }
  });

  test.each(["dialled", "ringing", "early"])("is refused when %s", (stage) => {
    for (const cause of ["USER_BUSY", "NO_ANSWER", "UNALLOCATED_NUMBER", "GATEWAY_DOWN"]) {
      const desk = openTelephoneDesk();
      reach(desk, stage).report({ kind: "ended", cause });
      expect(desk.endOf()).toBe(`480 ${cause}`);
      expect(desk.logged("call.ended")[0]).toContain("by=callee");
      expectNothingLeft(desk);
    }
  });

  test.each([
    ["NORMAL_CLEARING", "200ok NORMAL_CLEARING"],
    [undefined, "200ok NORMAL_CLEARING"],
    ["NORMAL_TEMPORARY_FAILURE", "480 NORMAL_TEMPORARY_FAILURE"],
  ])("is cut off while they talk with %s", (cause, told) => {
    const desk = openTelephoneDesk();
    reach(desk, "talking").report({ kind: "ended", cause });
    expect(desk.endOf()).toBe(told);
    expectNothingLeft(desk);
  });

  test("fails within dial itself", () => {
    const desk = openTelephoneDesk();
    desk.telephony.atOnce = { kind: "ended", cause: "NETWORK_OUT_OF_ORDER" };
    expect(desk.dial().code).toBe("200ok");
    expect(desk.endOf()).toBe("480 NETWORK_OUT_OF_ORDER");
    expectNothingLeft(desk);
  });

  test("is not begun while FreeSWITCH is away, or where there is none", () => {
    const desk = openTelephoneDesk();
    desk.telephony.problem = "NETWORK_OUT_OF_ORDER";
    expect(desk.dial()).toMatchObject({ code: "480", msg: "NETWORK_OUT_OF_ORDER" });
    expect(openTelephoneDesk({ telephony: undefined }).dial()).toMatchObject({
      code: "480",
      msg: "NO_ROUTE",
    });
    expect(desk.telephony.legs).toEqual([]);
    expectNothingLeft(desk);
  });

  test("rings no longer than it may", () => {
    const desk = openTelephoneDesk();
    const leg = reach(desk, "ringing");
    desk.clock.advance(60_500);
    expect(leg.asked).toEqual(["hang up NO_ANSWER"]);
    expect(desk.endOf()).toBe("480 NO_ANSWER");
    expectNothingLeft(desk);
  });

  test("ends with the gateway, and when its app stays away", () => {
    for (const end of [
      (desk: TelephoneDesk) => desk.calls.endAll(),
      (desk: TelephoneDesk) => desk.clients.watcher?.clientGone("lihao"),
    ]) {
      const desk = openTelephoneDesk();
      const leg = reach(desk, "talking");
      end(desk);
      expect(leg.asked.length).toBe(1);
      expectNothingLeft(desk);
    }
  });

  test("does not time out when the telephone says nothing", () => {
    const desk = openTelephoneDesk();
    reach(desk, "talking");
    const [pushed] = desk.media.streams.values();
    for (let second = 0; second < 120; second++) {
      if (pushed !== undefined) pushed.frameAtMs = desk.clock.nowMs();
      desk.clock.advance(1000);
    }
    expect(desk.calls.size).toBe(1);
  });
});

describe("which numbers are dialled", () => {
  const rules = {
    rewrite: [parseRewriteRule("+86|1XXXXXXXXXX>0")].filter((rule) => rule !== undefined),
    allow: [],
    deny: [parsePattern("00*")].filter((pattern) => pattern !== undefined),
    emergency: false,
  };

  test("extensions and users come first", () => {
    const desk = openTelephoneDesk();
    desk.ask(desk.caller, "invite", { callee_number: "9196" });
    expect(desk.telephony.legs).toEqual([]);
    expect(openTelephoneDesk().dial("absent", true)).toMatchObject({
      code: "480",
      msg: "USER_NOT_REGISTERED",
    });
  });

  test("they are rewritten, and denied ones refused", () => {
    const desk = openTelephoneDesk({ numberRules: rules });
    expect(desk.dial("00123")).toMatchObject({ code: "403", msg: "OUTGOING_CALL_BARRED" });
    expect(desk.logged("call.barred")[0]).toContain("user=lihao number=00123 rule=00*");
    desk.dial("+8613800000000");
    expect(desk.telephony.legs.map(({ request }) => request.number)).toEqual(["013800000000"]);
  });

  test.each([
    "",
    " 1",
    "1,2",
    "1}2",
    "1{2",
    "1\n2",
    "1'2",
    '1"2',
    "1|2",
    "1 2",
    "1/2",
    "1@2",
    "１２",
    "x".repeat(65),
  ])("%j never", (number) => {
    const desk = openTelephoneDesk();
    expect(desk.dial(number)).toMatchObject({ code: "480", msg: "INVALID_NUMBER_FORMAT" });
    expect(desk.telephony.legs).toEqual([]);
  });

  test("a user has no more calls at a time than allowed", () => {
    const desk = openTelephoneDesk();
    desk.dial();
    const second = desk.ask(desk.caller, "invite", { callee_number: NUMBER }, "s2", false);
    expect(second).toMatchObject({ code: "403", msg: "too many calls" });
  });
});

describe("keys", () => {
  test("from the app go to the telephone, and from it to the app", () => {
    const desk = openTelephoneDesk();
    const leg = reach(desk, "talking");
    expect(desk.ask(desk.caller, "message", { dtmf: "12#" }).code).toBe("200ok");
    expect(leg.asked).toEqual(["digits 12#"]);
    leg.report({ kind: "digits", digits: "5" });
    expect(desk.caller.last("message").data).toMatchObject({ event: "dtmf", dtmf: "5", msg: "" });
  });
});

describe("what the directory says of users", () => {
  test("a user who is away is reached where the calls are forwarded", () => {
    const desk = openTelephoneDesk();
    const { calls, caller, callee } = desk;
    const invite = (forwardTo: string, sessionid: string) =>
      calls.invite(
        caller,
        makeRequest("invite", { caller_number: "lihao", callee_number: "absent" }, sessionid),
        {
          forwardTo,
        },
      ).data.msg;
    expect(invite("no number", "s1")).toBe("INVALID_NUMBER_FORMAT");
    expect(invite(NUMBER, "s2")).toBe("OK");
    expect(callee.methods).toEqual([]);
  });

  test("a user may have more calls, or none, and is shown by another name", () => {
    const desk = openTelephoneDesk();
    desk.caller.maxCalls = 2;
    desk.caller.displayName = "李浩";
    desk.callee.maxCalls = 0;
    desk.dial();
    expect(desk.telephony.leg.request).toMatchObject({ callerNumber: "lihao", callerName: "李浩" });
    const again = (number: string, sessionid: string) =>
      desk.ask(desk.caller, "invite", { callee_number: number }, sessionid).msg;
    expect(again("nway", "s2")).toBe("USER_BUSY");
    expect(again("9196", "s2")).toBe("OK");
    expect(again("9196", "s3")).toBe("too many calls");
  });
});

describe("a telephone calls", () => {
  function callIn(desk: TelephoneDesk, number = "nway", isUser = true, from?: string) {
    const phone = new FakeCallingTelephone(number, from);
    desk.calls.receive(phone, isUser ? {} : undefined);
    return phone;
  }

  test("a user, who answers and hangs up", () => {
    const desk = openTelephoneDesk();
    const { leg } = callIn(desk);
    const { sessionid, data } = desk.callee.last("invite");
    expect(data).toMatchObject({ caller_number: "13900000001", callee_number: "nway", caller_video: "" });
    expect(leg?.asked).toEqual([]);
    desk.callee.respond();
    expect(leg?.asked).toEqual(["ring"]);
    expect(desk.ask(desk.callee, "answer", {}, sessionid).code).toBe("200ok");
    expect(leg?.asked).toEqual(["ring", "answer"]);
    expect(desk.ask(desk.callee, "message", { dtmf: "1" }, sessionid).code).toBe("200ok");
    leg?.report({ kind: "digits", digits: "2" });
    expect(desk.callee.last("message").data).toMatchObject({ event: "dtmf", dtmf: "2" });
    desk.ask(desk.callee, "bye", {}, sessionid);
    expect(leg?.asked).toEqual(["ring", "answer", "digits 1", "hang up NORMAL_CLEARING"]);
    expectNothingLeft(desk);
  });

  test("and hears what the user pushes, as it is pushed, without ringing of ours", () => {
    const desk = openTelephoneDesk();
    const { leg } = callIn(desk);
    const [caller, callee] = [...desk.media.streams.values()];
    expect(leg?.streams).toEqual({ heard: callee, spoken: caller });
    expect(callee?.played).toEqual([]);
    expect([caller?.conversion, callee?.conversion]).toEqual(["AAC", undefined]);
  });

  test.each(["inviting", "ringing", "talking"])("and gives up when %s", (state) => {
    const desk = openTelephoneDesk();
    const { leg } = callIn(desk);
    const { sessionid } = desk.callee.last("invite");
    if (state !== "inviting") desk.callee.respond();
    if (state === "talking") desk.ask(desk.callee, "answer", {}, sessionid);
    leg?.report({ kind: "ended", cause: "NORMAL_CLEARING" });
    const told = desk.callee.sent.at(-1);
    expect([told?.method, told?.data.msg]).toEqual(
      state === "talking" ? ["bye", "NORMAL_CLEARING"] : ["cancel", "ORIGINATOR_CANCEL"],
    );
    expect(desk.ask(desk.callee, "answer", {}, sessionid).code).toBe("506");
    expectNothingLeft(desk);
  });

  test.each([
    ["USER_BUSY", "USER_BUSY"],
    ["no time now", "CALL_REJECTED"],
  ])("and is refused with %j", (msg, cause) => {
    const desk = openTelephoneDesk();
    const { leg } = callIn(desk);
    desk.callee.respond({ code: "480", msg });
    expect(leg?.asked).toEqual([`hang up ${cause}`]);
    expectNothingLeft(desk);
  });

  test("and is refused by a bye while it rings, or left to ring", () => {
    const desk = openTelephoneDesk();
    const first = callIn(desk);
    desk.callee.respond();
    desk.ask(desk.callee, "bye", {}, desk.callee.last("invite").sessionid);
    expect(first.leg?.asked.at(-1)).toBe("hang up CALL_REJECTED");
    const second = callIn(desk);
    desk.clock.advance(60_500);
    expect(second.leg?.asked.at(-1)).toBe("hang up NO_ANSWER");
    expect(desk.callee.sent.at(-1)?.method).toBe("cancel");
    expectNothingLeft(desk);
  });

  test.each([
    ["a user who is not registered", "absent", true, "USER_NOT_REGISTERED"],
    ["nobody", "nobody", false, "UNALLOCATED_NUMBER"],
    ["another telephone, at our expense", NUMBER, false, "UNALLOCATED_NUMBER"],
  ])("%s", (_, number, isUser, cause) => {
    const desk = openTelephoneDesk();
    expect(callIn(desk, number, isUser).refusal).toBe(cause);
    expect(desk.telephony.legs).toEqual([]);
    expectNothingLeft(desk);
  });

  test("a user who is away: the call goes on to where it is forwarded, but to no telephone", () => {
    const desk = openTelephoneDesk();
    const toUser = new FakeCallingTelephone("absent");
    desk.calls.receive(toUser, { forwardTo: "nway" });
    expect(desk.callee.methods).toEqual(["invite"]);
    const toTelephone = new FakeCallingTelephone("absent");
    desk.calls.receive(toTelephone, { forwardTo: NUMBER });
    expect(toTelephone.refusal).toBe("USER_NOT_REGISTERED");
    expect(desk.telephony.legs).toEqual([]);
  });

  test("a user who talks, or a gateway that is full", () => {
    const desk = openTelephoneDesk();
    desk.reach("talking");
    expect(callIn(desk).refusal).toBe("USER_BUSY");
    const full = openTelephoneDesk({ limits: { maxCalls: 0, maxCallsPerUser: 1 } });
    expect(callIn(full).refusal).toBe("SWITCH_CONGESTION");
    const overloaded = openTelephoneDesk({ isOverloaded: () => true });
    expect(callIn(overloaded).refusal).toBe("SWITCH_CONGESTION");
  });

  test("a gateway that stops", () => {
    const desk = openTelephoneDesk();
    desk.calls.endAll();
    expect(callIn(desk).refusal).toBe("SWITCH_CONGESTION");
    expect(callIn(desk, "9196", false).refusal).toBe("SWITCH_CONGESTION");
    expectNothingLeft(desk);
  });

  test("an extension, and hears it without AAC in between", () => {
    for (const number of ["9196", "9197", "9198"]) {
      const desk = openTelephoneDesk();
      const { leg } = callIn(desk, number, false);
      expect(leg?.asked).toEqual(["answer"]);
      expect([...desk.media.streams.values()].map(({ conversion }) => conversion)).toEqual(["L16", "L16"]);
      leg?.report({ kind: "ended", cause: undefined });
      expectNothingLeft(desk);
    }
  });

  test("under the name of the very user: nobody is mixed up", () => {
    const desk = openTelephoneDesk();
    const { leg } = callIn(desk, "nway", true, "nway");
    desk.callee.respond();
    desk.clients.watcher?.clientGone("nway");
    expect(leg?.asked.at(-1)).toBe("hang up USER_NOT_REGISTERED");
    expectNothingLeft(desk);
  });
});
