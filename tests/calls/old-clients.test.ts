import { expect, test } from "bun:test";
import { openDesk } from "./desk.ts";
import { FakeTelephony } from "./fake-telephony.ts";

function callTelephone() {
  const telephony = new FakeTelephony();
  const { ask, caller } = openDesk({ telephony });
  caller.hasEvents = false;
  ask(caller, "invite", { callee_number: "13800000000" }, "s1", false);
  telephony.leg.report({ kind: "answered" });
  return { ask, caller, leg: telephony.leg };
}

test("keys of a client of 1.0 go to the telephone, with or without a text beside them", () => {
  const { ask, caller, leg } = callTelephone();
  expect(ask(caller, "message", { dtmf: "1" }).code).toBe("200ok");
  expect(ask(caller, "message", { dtmf: "2", msg: "2" }).code).toBe("200ok");
  expect(leg.asked).toEqual(["digits 1", "digits 2"]);
});

test("keys of the telephone are no news for a client of 1.0", () => {
  const { caller, leg } = callTelephone();
  leg.report({ kind: "digits", digits: "5" });
  expect(caller.methods).toEqual(["answer"]);
});

test("a telephone takes no text", () => {
  const { ask, caller } = callTelephone();
  expect(ask(caller, "message", { msg: "hello" })).toMatchObject({
    code: "480",
    msg: "FACILITY_NOT_IMPLEMENTED",
  });
});
