import { expect, test } from "bun:test";
import { openDesk } from "../desk.ts";
import { FakeCallingTelephone, FakeTelephony } from "../fake-telephony.ts";
import type { Limits } from "./open-spending.ts";

const NUMBER = "13800138000";

function openTelephoneDesk(spend: Limits) {
  const telephony = new FakeTelephony();
  return { telephony, ...openDesk({ telephony, spend }) };
}

test("a flood of invite and cancel reaches the telephones no more often than the limit says", () => {
  const { telephony, caller, ask } = openTelephoneDesk({ limits: "*:20/min" });
  const answers = Array.from({ length: 1000 }, (_, index) => {
    const { code, msg } = ask(caller, "invite", { callee_number: NUMBER }, `s${index}`, false);
    if (code === "200ok") ask(caller, "cancel", {}, `s${index}`);
    return `${code} ${msg}`;
  });
  expect(telephony.legs).toHaveLength(20);
  expect(new Set(answers.slice(20))).toEqual(new Set(["403 OUTGOING_CALL_BARRED"]));
  expect(ask(caller, "invite", { callee_number: "9196" }, "echo").code).toBe("200ok");
});

test("when all together are over a limit, everybody hears congestion", () => {
  const { caller, ask, calls } = openTelephoneDesk({ callsPerMinute: 1 });
  ask(caller, "invite", { callee_number: "9196" });
  expect(ask(caller, "bye").code).toBe("200ok");
  expect(ask(caller, "invite", { callee_number: "9196" }, "s2")).toMatchObject({
    code: "480",
    msg: "SWITCH_CONGESTION",
  });
  const telephone = new FakeCallingTelephone("9196");
  calls.receive(telephone, undefined);
  expect(telephone.refusal).toBe("SWITCH_CONGESTION");
});

test("a call that uses up the day is ended, and says why", () => {
  const desk = openTelephoneDesk({ limits: "138*:2min/day" });
  desk.ask(desk.caller, "invite", { callee_number: NUMBER }, "s1", false);
  desk.telephony.leg.report({ kind: "ringing" });
  desk.clock.advance(30_000);
  desk.telephony.leg.report({ kind: "answered" });
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      desk.clock.advance(1000);
      for (const stream of desk.media.streams.values()) stream.frameAtMs = desk.clock.nowMs();
    }
  };
  pass(119);
  expect(desk.calls.size).toBe(1);
  pass(2);
  expect(desk.calls.size).toBe(0);
  expect(desk.caller.last("bye").data).toMatchObject({ code: "480", msg: "OUTGOING_CALL_BARRED" });
  expect(desk.telephony.leg.done).toEqual(["OUTGOING_CALL_BARRED"]);
  expect(desk.lines.filter((line) => line.includes("call.over-limit"))[0]).toContain("limit=138*:2min/day");
  expect(desk.ask(desk.caller, "invite", { callee_number: NUMBER }, "s2", false).code).toBe("403");
  desk.clock.advance(24 * 3_600_000);
  expect(desk.ask(desk.caller, "invite", { callee_number: NUMBER }, "s3", false).code).toBe("200ok");
});

test("a call that never came about gives its place back", () => {
  const desk = openTelephoneDesk({ limits: "*:1live" });
  const caller_url = "rtmp://gw.example/live/taken";
  desk.keys.bind({ callId: "call-x", pushing: ["caller"], chosen: { caller: { key: "taken" } } });
  expect(desk.ask(desk.caller, "invite", { callee_number: NUMBER, caller_url }, "s1", false).code).toBe(
    "403",
  );
  expect(desk.ask(desk.caller, "invite", { callee_number: NUMBER }, "s2", false).code).toBe("200ok");
});
