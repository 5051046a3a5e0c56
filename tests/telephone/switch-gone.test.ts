import { describe, expect, test } from "bun:test";
import { Cause } from "../../src/calls/causes.ts";
import { waitFor } from "../peers/wait.ts";
import { answerTo, draft, PEER } from "../protocols/sip/rig.ts";
import { OFFER, startPureExchange } from "./pure-lab.ts";

const SILENT_MS = 1000;
const BEAT_MS = 250;
const ANSWER_MS = 1600;
const HEADERS = ["Allow: INVITE, UPDATE"];

/** A call of FreeSWITCH's, dialled by us or not, whose RTP has just come. */
async function startTalking(isDialled: boolean, switchAddress = PEER.address) {
  const lab = startPureExchange();
  lab.switchState.address = switchAddress;
  const { rig, rtp, clock, placed } = lab;
  if (isDialled) lab.dial();
  const uri = `sip:${isDialled ? placed.session : "lihao"}@192.0.2.1:25560`;
  rig.receive(draft({ uri, body: OFFER, headers: HEADERS }));
  await waitFor("the answer", () => rig.lastResponse().status === 200);
  rig.receive(draft({ uri, method: "ACK", toTag: rig.localTag() }));
  if (isDialled) placed.report({ kind: "answered" });
  lab.events.length = 0;
  /** Lets time pass for all; RTP comes all the while, or none does. */
  const pass = (durationMs: number, hasRtp = false) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += BEAT_MS) {
      const stepMs = Math.min(BEAT_MS, durationMs - passedMs);
      clock.advance(stepMs);
      rig.nowMs = clock.nowMs() - stepMs;
      rig.pass(stepMs);
      if (hasRtp) rtp.lastReceivedAtMs = clock.nowMs();
    }
  };
  const updates = () =>
    rig.sent.filter(({ bytes }) => new TextDecoder().decode(bytes).startsWith("UPDATE ")).length;
  pass(10_000, true);
  return { ...lab, pass, updates };
}

describe.each([
  ["that we dialled", true],
  ["that came in", false],
] as const)("a call %s", (_, isDialled) => {
  test("is asked about once link and sound are gone, and ends unless it answers soon", async () => {
    const { pass, updates, switchState, events } = await startTalking(isDialled);
    switchState.seemsGone = true;
    pass(SILENT_MS - BEAT_MS);
    expect(updates()).toBe(0);
    pass(BEAT_MS);
    expect([updates(), switchState.askedCount]).toEqual([1, 0]);
    pass(ANSWER_MS - 1);
    expect(events).toEqual([]);
    pass(1);
    expect(events).toEqual([{ kind: "ended", cause: Cause.recoveryOnTimerExpire }]);
  });

  test("goes on where only its sound is gone: the switch is asked whether it is there", async () => {
    const { pass, updates, switchState, events } = await startTalking(isDialled);
    pass(SILENT_MS - BEAT_MS);
    expect(switchState.askedCount).toBe(0);
    pass(20_000);
    expect(switchState.askedCount).toBeGreaterThan(10);
    expect([updates(), events]).toEqual([0, []]);
  });

  test("goes on where only the link is gone", async () => {
    const { pass, updates, switchState, events } = await startTalking(isDialled);
    switchState.seemsGone = true;
    pass(60_000, true);
    expect([updates(), events]).toEqual([0, []]);
  });

  test("goes on where both are gone but it answers, and is asked again only after a while", async () => {
    const { pass, updates, switchState, events, rig } = await startTalking(isDialled);
    switchState.seemsGone = true;
    for (let count = 1; count <= 5; count++) {
      pass(count === 1 ? SILENT_MS : 2000);
      expect(updates()).toBe(count);
      rig.receive(answerTo(rig.lastRequest(), 200));
    }
    expect(events).toEqual([]);
  });
});

test.each([
  ["a telephone that calls without the switch is not asked", false, 0],
  ["a switch that calls us from an address of its own is", true, 1],
] as const)("%s", async (_, isDialled, count) => {
  const { pass, updates, switchState } = await startTalking(isDialled, "192.0.2.77");
  switchState.seemsGone = true;
  pass(SILENT_MS + BEAT_MS);
  expect(updates()).toBe(count);
});
