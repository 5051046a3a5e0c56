import { expect, test } from "bun:test";
import { waitFor } from "../peers/wait.ts";
import { dialled, startRig, waitForStory } from "./rig.ts";

const AWAIT_MS = 3000;
const questions = (commands: readonly string[]) => commands.filter((line) => line.startsWith("api eval "));

test.each([
  ["ringing", "CHANNEL_PROGRESS"],
  ["early-media", "CHANNEL_PROGRESS_MEDIA"],
  ["answered", "CHANNEL_ANSWER"],
])("that a telephone is %s comes to light though its event was lost, by either way", async (state, lost) => {
  await using both = await startRig();
  const { peer, rig } = both;
  const calls = [
    rig.place(),
    rig.place({ route: { kind: "dialplan", number: "1000", context: "default" } }),
  ] as const;
  const [, routed] = calls;
  // Where nobody calls over UDP the dialplan leads nowhere by itself.
  (
    await waitFor("our leg", () => peer.calls.find(({ ourLeg }) => ourLeg.uuid === routed.placed.ourLegId))
  ).dial();
  const fars = await Promise.all(calls.map((call) => dialled(peer, call)));
  peer.lostEvents.add(lost);
  for (const far of fars) {
    if (state === "ringing") far.ring();
    if (state === "early-media") far.sendEarlyMedia();
    if (state === "answered") far.answer();
  }
  expect(await rig.client.hasModule("mod_sofia")).toBe(true);
  expect(calls.map((call) => call.story())).toEqual(["", ""]);
  rig.clock.advance(AWAIT_MS);
  for (const call of calls) await waitForStory(call, state);
});

test("telephones are asked for until they answer or are hung up, and no longer", async () => {
  await using both = await startRig();
  const { peer, rig } = both;
  const [waiting, answered, hungUp] = [rig.place(), rig.place(), rig.place()] as const;
  const far = await dialled(peer, waiting);
  (await dialled(peer, answered)).answer();
  await dialled(peer, hungUp);
  await waitForStory(answered, "answered");
  hungUp.placed.hangUp();
  for (let count = 1; count <= 3; count++) {
    rig.clock.advance(AWAIT_MS);
    expect(await rig.client.hasModule("mod_sofia")).toBe(true);
    expect(questions(peer.commands)).toEqual(
      Array(count).fill(`api eval uuid:${far.farLeg?.uuid} $`.concat("{Channel-Call-State}")),
    );
  }
  far.answer();
  await waitForStory(waiting, "answered");
  rig.clock.advance(AWAIT_MS);
  expect(await rig.client.hasModule("mod_sofia")).toBe(true);
  expect(questions(peer.commands)).toHaveLength(3);
});

test("a telephone that is not there yet has got nowhere", async () => {
  await using both = await startRig();
  const { peer, rig } = both;
  const call = rig.place();
  const far = await dialled(peer, call);
  if (far.farLeg !== undefined) peer.remove(far.farLeg);
  // What the peer has told before its answer is known by then.
  expect(await rig.client.hasModule("mod_sofia")).toBe(true);
  rig.clock.advance(AWAIT_MS);
  await waitFor("the question", () => questions(peer.commands).length === 1);
  expect(await rig.client.hasModule("mod_sofia")).toBe(true);
  expect(call.story()).toBe("");
});
