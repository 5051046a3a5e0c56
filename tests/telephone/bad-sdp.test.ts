import { expect, test } from "bun:test";
import { waitFor } from "../peers/wait.ts";
import { draft } from "../protocols/sip/rig.ts";
import { OFFER, startPureExchange } from "./pure-lab.ts";

const BAD = "v=0\r\nm=audio x RTP/AVP 8\r\n";

test("a telephone's call with a description that can't be read is refused with 488, before anybody is called", () => {
  const { rig, events, rtp, lines } = startPureExchange();
  expect(rig.exchange(draft({ body: BAD }))).toEqual([100, 488]);
  expect(rig.lastResponse().headers.first("reason")).toStartWith("Q.850;cause=88;");
  expect([events, rtp.openCount]).toEqual([[], 0]);
  expect(lines.join("")).toContain("telephone.bad-sdp");
});

test("the switch's call with such a description too: the telephone cannot be had", async () => {
  const { rig, dial, placed, clock, events } = startPureExchange();
  dial();
  rig.receive(draft({ uri: `sip:${placed.session}@192.0.2.1:25560`, body: BAD }));
  await waitFor("the refusal", () => rig.lastResponse().status === 488);
  clock.advance(1000);
  expect([events.map(({ kind }) => kind), placed.hangUpCount]).toEqual([["ended"], 1]);
});

test("within a call it is declined, and the call goes on as it was", async () => {
  const { rig, events } = startPureExchange();
  rig.receive(draft({ body: OFFER }));
  await waitFor("the answer", () => rig.lastResponse().status === 200);
  rig.receive(draft({ method: "ACK", toTag: rig.localTag() }));
  const again = { sequence: 2, toTag: rig.localTag() };
  expect(rig.exchange(draft({ ...again, body: BAD }))).toEqual([100, 488]);
  expect(rig.exchange(draft({ ...again, sequence: 3, body: OFFER }))).toEqual([100, 200]);
  expect(events).toEqual([]);
});

test("in the ACK it ends the call", async () => {
  const { rig, events } = startPureExchange();
  rig.receive(draft());
  await waitFor("our offer", () => rig.lastResponse().status === 200);
  expect(rig.exchange(draft({ method: "ACK", toTag: rig.localTag(), body: BAD }))).toEqual(["BYE"]);
  expect(events.map(({ kind }) => kind)).toEqual(["ended"]);
});
