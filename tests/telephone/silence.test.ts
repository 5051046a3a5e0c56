import { expect, test } from "bun:test";
import { waitFor } from "../peers/wait.ts";
import { draft } from "../protocols/sip/rig.ts";
import { OFFER, startPureExchange } from "./pure-lab.ts";

test("silence is looked for by one timer for all legs, which ends with the exchange", async () => {
  const { rig, rtp, clock, exchange } = startPureExchange(8000);
  rig.receive(draft({ body: OFFER, headers: ["Allow: INVITE, UPDATE"] }));
  await waitFor("the answer", () => rig.lastResponse().status === 200);
  rig.receive(draft({ method: "ACK", toTag: rig.localTag() }));
  const asked = () =>
    rig.sent.filter(({ bytes }) => new TextDecoder().decode(bytes).startsWith("UPDATE ")).length;
  clock.advance(6000);
  rtp.lastReceivedAtMs = clock.nowMs();
  clock.advance(7999);
  expect(asked()).toBe(0);
  clock.advance(1);
  expect(asked()).toBe(1);
  const stopping = exchange[Symbol.asyncDispose]();
  clock.advance(60_000);
  await stopping;
  expect([asked(), clock.timerCount]).toEqual([1, 0]);
});

test("telephones that call are refused once nobody takes them any more", async () => {
  const { rig, taking, events } = startPureExchange();
  taking[Symbol.dispose]();
  expect(rig.exchange(draft({ body: OFFER }))).toEqual([100, 503]);
  expect(events).toEqual([]);
});
