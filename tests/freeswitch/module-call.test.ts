import { describe, expect, test } from "bun:test";
import type { LegProgress } from "../../src/calls/ports.ts";
import { waitFor } from "../peers/wait.ts";
import { errorCodeOf } from "../protocols/error-code.ts";
import { startRig, waitForStory } from "./rig.ts";

describe("a call of the vendor's module", () => {
  const id = "83fe0f3a-c88b-4145-8db2-8106af19a19e";
  const command = `nway_wx_api ${id} lihao gw1 138 welcome.wav - rtmp://h/a/b?token=1 rtmp://h/a/c wx.example`;
  const headers = { "Unique-ID": id, "Answer-State": "answered", "Hangup-Cause": "USER_BUSY" };

  async function startModuleCall(hasModule: boolean) {
    const both = await startRig();
    const { peer } = both;
    const runJob = peer.runJob.bind(peer);
    peer.runJob = (name, ...rest) =>
      void (hasModule && name === "nway_wx_api" ? undefined : runJob(name, ...rest));
    const runApi = peer.runApi.bind(peer);
    peer.runApi = (name, id) => (name === "uuid_exists" ? "true" : runApi(name, id));
    const events: LegProgress[] = [];
    const placed = both.rig.client.placeModuleCall(id, command, (event) => events.push(event));
    const story = () => events.map((event) => (event.kind === "ended" ? event.cause : event.kind)).join(" ");
    return { ...both, both, call: { placed, events, story } };
  }

  test("is sent as it is, and its channel is watched", async () => {
    const { both, peer, rig, call } = await startModuleCall(true);
    await using _ = both;
    await waitFor("the command", () => peer.commands.includes(`bgapi ${command}`));
    expect(peer.commands).toContain(`filter Unique-ID ${id}`);
    for (const name of ["CREATE", "PROGRESS", "PROGRESS_MEDIA", "ANSWER"]) {
      peer.fire({ ...headers, "Event-Name": `CHANNEL_${name}` });
    }
    await waitForStory(call, "ringing early-media answered");
    peer.dropConnections();
    await rig.reconnect();
    await waitFor("the filter again", () => peer.commands.filter((line) => line.endsWith(id)).length > 1);
    peer.fire({ ...headers, "Event-Name": "CHANNEL_HANGUP_COMPLETE" });
    await waitForStory(call, "ringing early-media answered USER_BUSY");
    await waitFor("no filter", () => peer.commands.includes(`filter delete Unique-ID ${id}`));
  });

  test("bears an id that no other call bears meanwhile", async () => {
    const { both, peer, rig, call } = await startModuleCall(true);
    await using _ = both;
    const place = () => rig.client.placeModuleCall(id, command, () => {});
    expect(errorCodeOf(place)).toBe("originate.id-in-use");
    await waitFor("the command", () => peer.commands.includes(`bgapi ${command}`));
    peer.fire({ ...headers, "Event-Name": "CHANNEL_HANGUP_COMPLETE" });
    await waitForStory(call, "USER_BUSY");
    expect(errorCodeOf(place)).toBe("nothing thrown");
  });

  test("ends when FreeSWITCH does not have it", async () => {
    const { both, call } = await startModuleCall(false);
    await using _ = both;
    await waitForStory(call, "NORMAL_UNSPECIFIED");
  });

  test.each([
    ["a line end", `${command}\n\napi shutdown`, id],
    ["too few words", "nway_wx_api x", "x"],
    ["too many words", `${command} more`, id],
    ["another command", command.replace("nway_wx_api", "system"), id],
    ["another id", command, "83fe0f3a-c88b-4145-8db2-8106af19a19f"],
    ["a pattern for an id", command.replace(id, "/.*/"), "/.*/"],
  ])("%s is refused", async (_, bad, legId) => {
    await using both = await startRig();
    const place = () => both.rig.client.placeModuleCall(legId, bad, () => {});
    expect(errorCodeOf(place)).toBe("originate.bad-module-command");
  });
});
