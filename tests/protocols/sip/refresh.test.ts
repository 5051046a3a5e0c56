import { expect, test } from "bun:test";
import { answerTo, draft, OFFER, Rig } from "./rig.ts";

const REFRESH_MS = 45_000;
/** A session of 90 s that we refresh, by UPDATE. */
const SESSION = ["Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: INVITE, UPDATE"];

/** A call whose first refresh has just been sent. */
function startRefresh(headers: readonly string[] = SESSION) {
  const rig = new Rig();
  const call = rig.call({ headers });
  rig.pass(REFRESH_MS);
  const refuse = (status: number, extra: readonly string[] = []) =>
    rig.exchange(answerTo(rig.lastRequest(), status, extra)).filter((name) => name !== "ACK");
  const accept = () => rig.receive(answerTo(rig.lastRequest(), 200, [], OFFER));
  return { rig, call, refuse, accept };
}

test.each([405, 415, 488, 501, 503, 500, 603])(
  "an UPDATE that is refused with %d is replaced by a re-INVITE, and the session goes on by it",
  (status) => {
    const { rig, refuse, accept } = startRefresh();
    expect(rig.lastRequest().method).toBe("UPDATE");
    refuse(status);
    expect(rig.pass(0)).toEqual(["INVITE@0"]);
    expect(rig.lastRequest().headers.first("session-expires")).toBe("90;refresher=uac");
    accept();
    expect(rig.pass(REFRESH_MS)).toEqual([`INVITE@${REFRESH_MS}`]);
  },
);

test.each([500, 503])("%d with Retry-After is tried again then, in the same way", (status) => {
  const { rig, refuse, accept } = startRefresh();
  refuse(status, ["Retry-After: 2"]);
  expect(rig.pass(4000)).toEqual(["UPDATE@2000", "UPDATE@2500", "UPDATE@3500"]);
  accept();
  expect(rig.pass(REFRESH_MS)).toEqual([`UPDATE@${REFRESH_MS}`]);
});

test("a Retry-After behind the end of the session is too late: it is tried before", () => {
  const { rig, refuse } = startRefresh();
  refuse(503, ["Retry-After: 3600"]);
  expect(rig.pass(12_000)).toEqual(["UPDATE@12000"]);
});

test("422 asks for a longer session, and gets it", () => {
  const { rig, refuse, accept } = startRefresh();
  refuse(422, ["Min-SE: 300"]);
  expect(rig.pass(0)).toEqual(["UPDATE@0"]);
  const { headers } = rig.lastRequest();
  expect([headers.first("session-expires"), headers.first("min-se")]).toEqual(["300;refresher=uac", "300"]);
  accept();
  expect(rig.pass(150_000)).toEqual(["UPDATE@150000"]);
});

test("a 422 that asks for nothing new is a refusal like others", () => {
  const { rig, refuse } = startRefresh();
  refuse(422, ["Min-SE: 90"]);
  expect(rig.pass(0)).toEqual(["INVITE@0"]);
});

test("a peer that refuses everything is asked now and then, and hung up at the end", () => {
  const { rig, refuse } = startRefresh();
  let count = 0;
  rig.onEvent = () => {};
  for (let step = 0; step < 300; step++) {
    const sent = rig.pass(50).filter((name) => !name.startsWith("ACK"));
    if (sent.some((name) => name.startsWith("BYE"))) break;
    if (sent.length === 0 && step > 0) continue;
    refuse(488);
    count++;
  }
  expect(count).toBeGreaterThan(3);
  expect(count).toBeLessThan(8);
  expect(rig.events.at(-1)).toMatchObject({ kind: "ended", how: "session-expired" });
});

test("a refresh that is due while the peer is probed follows the refusal of the probe", () => {
  const rig = new Rig();
  const call = rig.call({ headers: SESSION });
  rig.pass(REFRESH_MS - 100);
  call.probe(rig.nowMs);
  const probe = rig.lastRequest();
  rig.pass(200);
  rig.receive(answerTo(probe, 500, ["Retry-After: 1"]));
  expect(rig.pass(1000)).toEqual(["UPDATE@1000"]);
});

test("the refusal of a probe, with no refresh due, changes nothing", () => {
  const rig = new Rig();
  const call = rig.call({ headers: SESSION });
  call.probe(rig.nowMs);
  rig.receive(answerTo(rig.lastRequest(), 405));
  expect(rig.pass(10_000)).toEqual([]);
  expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 3 }))).toEqual([200]);
});
