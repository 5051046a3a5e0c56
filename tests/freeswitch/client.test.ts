import { describe, expect, test } from "bun:test";
import { startFreeswitchPeer } from "../peers/freeswitch.ts";
import { waitFor } from "../peers/wait.ts";
import { errorCodeOf } from "../protocols/error-code.ts";
import { dialled, GATEWAY_ROUTE, Rig, startRig, waitForStory } from "./rig.ts";

const originates = (commands: readonly string[]) =>
  commands.filter((command) => command.startsWith("bgapi originate"));
const never = () => new Promise<"answered">(() => {});

describe("a call", () => {
  test("from ringing to the telephone's hang-up", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    expect(rig.client.problem).toBeUndefined();
    const call = rig.place();
    const far = await dialled(peer, call);
    far.ring();
    far.sendEarlyMedia();
    far.answer();
    await waitForStory(call, "ringing early-media answered");
    expect(rig.client.status.callCount).toBe(1);
    far.hangUpByTelephone();
    await waitForStory(call, "ringing early-media answered NORMAL_CLEARING");
    expect(rig.client.status.callCount).toBe(0);
  });

  test.each([
    ["busy", { sipCode: 486, cause: "USER_BUSY" }, "USER_BUSY"],
    ["not there", { sipCode: 480, cause: "NO_USER_RESPONSE" }, "NO_USER_RESPONSE"],
    ["not answered", { sipCode: undefined, cause: "ALLOTTED_TIMEOUT" }, "NO_ANSWER"],
  ])("to one who is %s", async (_, { cause, sipCode }, expected) => {
    await using both = await startRig();
    const call = both.rig.place();
    (await dialled(both.peer, call)).refuse(cause, sipCode);
    await waitForStory(call, expected);
  });

  test.each([
    ["gwdown", "GATEWAY_DOWN"],
    ["gwunknown", "INVALID_GATEWAY"],
  ])("through %s", async (gateway, cause) => {
    await using both = await startRig({ gateways: { gwdown: "down" } });
    const call = both.rig.place({ route: { ...GATEWAY_ROUTE, gateway } });
    await waitForStory(call, cause);
  });

  test("that our own leg refuses: the job says why", async () => {
    await using both = await startRig({ callOurLeg: async () => ({ cause: "INCOMPATIBLE_DESTINATION" }) });
    await waitForStory(both.rig.place(), "INCOMPATIBLE_DESTINATION");
  });

  test("into the dialplan, which answers by itself", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place({ route: { kind: "dialplan", number: "9196", context: "public" } });
    const placed = await waitFor("the call", () => peer.calls[0]);
    placed.execute("answer");
    placed.execute("echo");
    await waitForStory(call, "answered");
    placed.hangUpOurLeg("send_bye");
    await waitForStory(call, "answered NORMAL_CLEARING");
  });

  test("whose telephone was transferred lives on, also over a lost link, until our leg ends", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    const far = await dialled(peer, call);
    far.answer();
    await waitForStory(call, "answered");
    peer.fire({
      "Event-Name": "CHANNEL_HANGUP_COMPLETE",
      "Unique-ID": far.farLeg?.uuid ?? "",
      "Other-Leg-Unique-ID": far.ourLeg.uuid,
      "Hangup-Cause": "NORMAL_CLEARING",
      variable_nway_wx: "true",
    });
    if (far.farLeg !== undefined) peer.remove(far.farLeg);
    peer.dropConnections();
    await rig.reconnect();
    await waitFor(
      "the list",
      () => peer.commands.filter((line) => line.includes("show channels")).length > 1,
    );
    expect(call.story()).toBe("answered");
    far.hangUpOurLeg("send_bye");
    await waitForStory(call, "answered NORMAL_CLEARING");
  });

  test("whose listener fails costs the others nothing", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const [bad, good] = [rig.place(), rig.place()];
    Object.defineProperty(bad.events, "push", { value: () => JSON.parse("{") });
    (await dialled(peer, bad)).ring();
    (await dialled(peer, good)).ring();
    await waitForStory(good, "ringing");
    expect(rig.client.status).toMatchObject({ state: "up", lossCount: 0 });
    expect(rig.log.some((line) => line.includes("freeswitch.report-failed"))).toBe(true);
  });

  test("of somebody else is none of ours", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    const far = await dialled(peer, call);
    peer.fire({ "Event-Name": "CHANNEL_ANSWER", "Unique-ID": "x", "Answer-State": "answered" });
    peer.fire({ "Event-Name": "BACKGROUND_JOB", "Job-UUID": "x" });
    far.ring();
    await waitForStory(call, "ringing");
  });

  test("whose number would be more than a number is not placed", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const number = "138,nway_wx=false}user/1 &system(id)";
    expect(errorCodeOf(() => rig.place({ route: { ...GATEWAY_ROUTE, number } }))).toBe(
      "originate.bad-number",
    );
    expect(await rig.client.hasModule("mod_nway_wx")).toBe(false);
    expect(originates(peer.commands)).toEqual([]);
    expect(rig.client.status.callCount).toBe(0);
  });
});

describe("hanging up", () => {
  test.each(["dialled", "ringing", "early-media", "answered"])("when %s", async (state) => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    const far = await dialled(peer, call);
    if (state === "ringing") far.ring();
    if (state === "early-media") far.sendEarlyMedia();
    if (state === "answered") far.answer();
    call.placed.hangUp();
    call.placed.hangUp();
    await waitFor("the end", () => call.events.at(-1)?.kind === "ended");
    expect(call.events.filter(({ kind }) => kind === "ended")).toHaveLength(1);
    expect(peer.commands.filter((command) => command.startsWith("api uuid_kill"))).toHaveLength(1);
    expect(peer.channels.size).toBe(0);
  });

  test("before FreeSWITCH knows of the call: it is ended as soon as it does", async () => {
    const job = Promise.withResolvers<void>();
    await using both = await startRig({ beforeJob: job.promise });
    const { peer, rig } = both;
    const call = rig.place();
    call.placed.hangUp();
    await waitFor("the first try", () => peer.commands.at(-1)?.startsWith("api uuid_kill"));
    expect(call.story()).toBe("");
    job.resolve();
    await waitFor("the end", () => call.events.at(-1)?.kind === "ended");
    await waitFor("no channel", () => peer.calls.length === 1 && peer.channels.size === 0);
  });

  test("a leg that FreeSWITCH knows no more: its answer is the end, though nothing else tells it", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    // The list of channels, which is asked for after each connect, has come before this answer.
    await rig.client.hasModule("mod_sofia");
    const call = rig.place();
    const far = await dialled(peer, call);
    far.answer();
    await waitForStory(call, "answered");
    peer.remove(far.ourLeg);
    call.placed.hangUp();
    await waitForStory(call, "answered NORMAL_CLEARING");
    expect(rig.client.status.callCount).toBe(0);
  });

  test("what has ended already does nothing", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    (await dialled(peer, call)).refuse("USER_BUSY", 486);
    await waitForStory(call, "USER_BUSY");
    call.placed.hangUp();
    await rig.client.hasModule("mod_sofia");
    expect(peer.commands.some((command) => command.includes("uuid_kill"))).toBe(false);
  });
});

describe("without a link", () => {
  test("a call ends before it begins", async () => {
    await using peer = await startFreeswitchPeer({ password: "other" });
    await using rig = new Rig(peer.port);
    await rig.waitUntilDown();
    expect(rig.client.problem).toBe("esl.wrong-password");
    const call = rig.place();
    expect(call.story()).toBe("NETWORK_OUT_OF_ORDER");
    call.placed.hangUp();
    expect(call.story()).toBe("NETWORK_OUT_OF_ORDER");
    expect(await rig.client.hasModule("mod_sofia")).toBeUndefined();
  });

  test.each([false, true])(
    "a call on its way ends, is not sent again, and is ended there (list late: %s)",
    async (late) => {
      await using both = await startRig({ callOurLeg: never });
      const { peer, rig } = both;
      peer.isListLate = late;
      const call = rig.place();
      await waitFor("the channel", () => peer.channels.size === 1);
      peer.dropConnections();
      await waitForStory(call, "NETWORK_OUT_OF_ORDER");
      await rig.reconnect();
      await waitFor("the channel's end", () => peer.channels.size === 0);
      expect(originates(peer.commands)).toHaveLength(1);
      expect(call.story()).toBe("NETWORK_OUT_OF_ORDER");
    },
  );

  test.each([
    ["ringing", "ringing"],
    ["early-media", "early-media"],
    ["answered", "answered"],
  ] as const)("a call goes on; that it is %s comes to light after the reconnect", async (state, story) => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    const far = await dialled(peer, call);
    await waitFor("our leg", () => rig.client.status.callCount === 1 && far.ourLeg.callState === "ACTIVE");
    expect(await rig.client.hasModule("mod_sofia")).toBe(true);
    peer.dropConnections();
    await rig.waitUntilDown();
    if (state === "ringing") far.ring();
    if (state === "early-media") far.sendEarlyMedia();
    if (state === "answered") far.answer();
    expect(call.story()).toBe("");
    await rig.reconnect();
    await waitForStory(call, story);
    far.hangUpOurLeg("recv_bye");
    await waitFor("the end", () => call.events.at(-1)?.kind === "ended");
  });

  test("a call whose leg is up goes on, though its job's result is lost, and is not on the list", async () => {
    await using both = await startRig({ callOurLeg: never });
    const { peer, rig } = both;
    const call = rig.place();
    const far = await waitFor("the call", () => peer.calls[0]);
    far.answerOurLeg();
    expect(await rig.client.hasModule("mod_sofia")).toBe(true);
    peer.dropConnections();
    peer.isListLate = true;
    await rig.reconnect();
    await waitFor("the question", () => peer.commands.at(-1) === `api uuid_exists ${call.placed.ourLegId}`);
    expect(await rig.client.hasModule("mod_sofia")).toBe(true);
    expect(call.story()).toBe("");
    far.dial();
    far.answer();
    await waitForStory(call, "answered");
  });

  test("a call is hung up as the link breaks", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    (await dialled(peer, call)).answer();
    await waitForStory(call, "answered");
    call.placed.hangUp();
    peer.dropConnections();
    await waitForStory(call, "answered NORMAL_CLEARING");
    await rig.reconnect();
    await waitFor("no channel", () => peer.channels.size === 0);
  });

  test("a call that ended meanwhile ends after the reconnect", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    const far = await dialled(peer, call);
    far.answer();
    await waitForStory(call, "answered");
    peer.dropConnections();
    await rig.waitUntilDown();
    far.hangUpByTelephone();
    await rig.reconnect();
    await waitForStory(call, "answered NORMAL_TEMPORARY_FAILURE");
  });

  test("a call hung up meanwhile ends at once, and in FreeSWITCH after the reconnect", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    (await dialled(peer, call)).answer();
    await waitForStory(call, "answered");
    peer.dropConnections();
    await rig.waitUntilDown();
    call.placed.hangUp();
    expect(call.story()).toBe("answered NORMAL_CLEARING");
    expect(peer.channels.size).toBe(2);
    await rig.reconnect();
    await waitFor("no channel", () => peer.channels.size === 0);
  });
});

describe("FreeSWITCH", () => {
  test("is killed and restarted under 20 calls", async () => {
    await using first = await startRig();
    const { peer, rig } = first;
    const calls = Array.from({ length: 20 }, () => rig.place());
    for (const call of calls) (await dialled(peer, call)).answer();
    for (const call of calls) await waitForStory(call, "answered");
    const { port } = peer;
    peer.kill();
    await rig.waitUntilDown();
    await using second = await startFreeswitchPeer({ port });
    await rig.reconnect();
    for (const call of calls) await waitForStory(call, "answered NORMAL_TEMPORARY_FAILURE");
    expect(rig.client.status.callCount).toBe(0);
    const next = rig.place();
    (await dialled(second, next)).ring();
    await waitForStory(next, "ringing");
  });

  test("shuts down: its calls end, and that it did is known", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const call = rig.place();
    (await dialled(peer, call)).answer();
    await waitForStory(call, "answered");
    peer.shutDown();
    await waitForStory(call, "answered SYSTEM_SHUTDOWN");
    await rig.waitUntilDown();
    expect(rig.client.status.problem).toBe("esl.shutdown");
  });

  test("keeps calls of a gateway that was restarted: they are ended, those of others are not", async () => {
    await using both = await startRig({ callOurLeg: never });
    const { peer, rig } = both;
    const ours = rig.place().placed.ourLegId;
    const { ourLeg } = await waitFor("the call", () => peer.calls[0]);
    const foreign = "83fe0f3a-c88b-4145-8db2-8106af19a19e";
    peer.channels.set(foreign, Object.assign(Object.create(ourLeg), { toRow: () => ({ uuid: foreign }) }));
    await rig[Symbol.asyncDispose]();
    expect([...peer.channels.keys()].sort()).toEqual([ours, foreign].sort());
    await using restarted = new Rig(peer.port);
    await restarted.waitUntilUp();
    await waitFor("the orphan's end", () => peer.channels.size === 1);
    expect([...peer.channels.keys()]).toEqual([foreign]);
    expect(restarted.log).toContain("info freeswitch.reconciled orphanCount=1 missingCount=0");
  });
});

test("50 calls at once, ten times, leave nothing behind", async () => {
  await using both = await startRig();
  const { peer, rig } = both;
  await rig.client.hasModule("mod_sofia");
  const timerCount = rig.clock.timerCount;
  for (let round = 0; round < 10; round++) {
    const calls = Array.from({ length: 50 }, () => rig.place());
    for (const call of calls) {
      const far = await dialled(peer, call);
      far.ring();
      far.answer();
      far.hangUpByTelephone();
    }
    for (const call of calls) await waitForStory(call, "ringing answered NORMAL_CLEARING");
  }
  expect(rig.client.status).toMatchObject({ callCount: 0, lossCount: 0 });
  expect(peer.channels.size).toBe(0);
  expect(rig.clock.timerCount).toBe(timerCount);
});
