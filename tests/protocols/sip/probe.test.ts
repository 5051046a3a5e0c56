import { describe, expect, test } from "bun:test";
import { answerTo, draft, OFFER, Rig } from "./rig.ts";

const SESSION = ["Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: INVITE, UPDATE"];
const WITHIN_MS = 1600;

function start() {
  const rig = new Rig();
  return { rig, call: rig.call({ headers: SESSION }) };
}

test("a peer that does not answer in time is lost", () => {
  const { rig, call } = start();
  call.probe(rig.nowMs, WITHIN_MS);
  expect(rig.pass(WITHIN_MS)).toEqual(["UPDATE@500", "UPDATE@1500", `BYE@${WITHIN_MS}`]);
  expect(rig.events.at(-1)).toMatchObject({ kind: "ended", by: "network", how: "dialog-lost" });
});

test("without such a time it has as long as for any request", () => {
  const { rig, call } = start();
  call.probe(rig.nowMs);
  rig.pass(31_999);
  expect(call.isEnded).toBe(false);
  rig.pass(1);
  expect(call.isEnded).toBe(true);
});

describe("a peer that answers in time stays", () => {
  test.each([200, 405, 500])("with %d", (status) => {
    const { rig, call } = start();
    call.probe(rig.nowMs, WITHIN_MS);
    rig.pass(WITHIN_MS - 1);
    rig.receive(answerTo(rig.lastRequest(), status));
    rig.pass(10_000);
    expect(call.isEnded).toBe(false);
  });

  test("but 481 is no sign of life of the call", () => {
    const { rig, call } = start();
    call.probe(rig.nowMs, WITHIN_MS);
    rig.receive(answerTo(rig.lastRequest(), 481));
    expect(call.isEnded).toBe(true);
  });
});

test("what is under way already asks too: its answer has to come in time", () => {
  const { rig, call } = start();
  call.probe(rig.nowMs);
  rig.pass(1000);
  call.probe(rig.nowMs, WITHIN_MS);
  expect(rig.pass(WITHIN_MS - 1)).toEqual(["UPDATE@500"]);
  expect(call.isEnded).toBe(false);
  rig.pass(1);
  expect(call.isEnded).toBe(true);
});

test("an answer to it counts for both", () => {
  const { rig, call } = start();
  call.probe(rig.nowMs);
  call.probe(rig.nowMs, WITHIN_MS);
  rig.receive(answerTo(rig.lastRequest(), 200, [], OFFER));
  rig.pass(10_000);
  expect(call.isEnded).toBe(false);
  expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 3 }))).toEqual([200]);
});
