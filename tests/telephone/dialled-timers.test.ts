import { expect, test } from "bun:test";
import { Cause } from "../../src/calls/causes.ts";
import { waitFor } from "../peers/wait.ts";
import { draft } from "../protocols/sip/rig.ts";
import { OFFER, startPureExchange } from "./pure-lab.ts";

const HELP_MS = 1000;
const CAUSE_MS = 500;
const INVITE_MS = 5000;

/** The switch was asked for a telephone; it has called us, and we have answered, if that is wanted. */
async function startDialled(isAnswered = true) {
  const lab = startPureExchange();
  const leg = lab.dial();
  const { rig, placed } = lab;
  const uri = `sip:${placed.session}@192.0.2.1:25560`;
  const invite = async () => {
    rig.receive(draft({ uri, body: OFFER }));
    await waitFor("the answer", () => rig.lastResponse().status === 200);
    rig.receive(draft({ uri, method: "ACK", toTag: rig.localTag() }));
  };
  if (isAnswered) await invite();
  const bye = (cause: string) =>
    rig.exchange(
      draft({
        method: "BYE",
        sequence: 2,
        toTag: rig.localTag(),
        headers: [`Reason: Q.850;cause=17;text="${cause}"`],
      }),
    );
  const byeCount = () =>
    rig.sent.filter(({ bytes }) => new TextDecoder().decode(bytes).startsWith("BYE ")).length;
  return { ...lab, leg, invite, bye, byeCount };
}

test("a switch that does not call us in time is told of in the log, and one that does is not", async () => {
  const late = await startDialled(false);
  late.clock.advance(INVITE_MS - 1);
  expect(late.lines.join("")).not.toContain("telephone.no-invite");
  late.clock.advance(1);
  expect(late.lines.join("")).toContain("telephone.no-invite");
  const inTime = await startDialled(false);
  inTime.clock.advance(INVITE_MS - 1);
  await inTime.invite();
  inTime.clock.advance(INVITE_MS);
  expect(inTime.lines.join("")).not.toContain("telephone.no-invite");
});

test("before the answer a BYE waits for the switch to tell the cause, then counts itself", async () => {
  const { bye, clock, events, placed } = await startDialled();
  expect(bye(Cause.userBusy)).toEqual([200]);
  clock.advance(CAUSE_MS - 1);
  expect([events, placed.hangUpCount]).toEqual([[], 0]);
  clock.advance(1);
  expect([events, placed.hangUpCount]).toEqual([[{ kind: "ended", cause: Cause.userBusy }], 1]);
});

test("a leg that has said BYE does not take the stream any more, whatever the switch still tells", async () => {
  const { bye, placed, streams } = await startDialled();
  bye(Cause.userBusy);
  placed.report({ kind: "early-media" });
  expect(streams.spoken.speeches).toEqual([]);
});

test("the switch that tells the cause in time is not asked to hang up", async () => {
  const { bye, clock, events, placed, exchange } = await startDialled();
  bye(Cause.userBusy);
  clock.advance(CAUSE_MS - 1);
  placed.report({ kind: "ended", cause: Cause.noAnswer });
  clock.advance(60_000);
  expect([events, placed.hangUpCount]).toEqual([[{ kind: "ended", cause: Cause.noAnswer }], 0]);
  await waitFor("the end of the leg", () => exchange.legCount === 0);
});

test("after the answer the telephone's BYE is told at once; the channel is helped along a second later", async () => {
  const { bye, clock, events, placed } = await startDialled();
  placed.report({ kind: "answered" });
  bye(Cause.normalClearing);
  expect(events.at(-1)).toEqual({ kind: "ended", cause: Cause.normalClearing });
  clock.advance(HELP_MS - 1);
  expect(placed.hangUpCount).toBe(0);
  clock.advance(1);
  expect(placed.hangUpCount).toBe(1);
});

test("our hang-up is a BYE at once; the channel is helped along a second later", async () => {
  const { clock, leg, placed, byeCount } = await startDialled();
  placed.report({ kind: "answered" });
  leg.hangUp(Cause.normalClearing);
  expect(byeCount()).toBe(1);
  clock.advance(HELP_MS - 1);
  expect(placed.hangUpCount).toBe(0);
  clock.advance(1);
  expect(placed.hangUpCount).toBe(1);
});

test("a switch that ends the call without a BYE gets ours a second later", async () => {
  const { clock, placed, events, byeCount } = await startDialled();
  placed.report({ kind: "ended", cause: Cause.userBusy });
  expect(events).toEqual([{ kind: "ended", cause: Cause.userBusy }]);
  clock.advance(HELP_MS - 1);
  expect(byeCount()).toBe(0);
  clock.advance(1);
  expect(byeCount()).toBe(1);
});
