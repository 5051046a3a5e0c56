import { expect, test } from "bun:test";
import { startFreeswitchPeer } from "../peers/freeswitch.ts";
import { waitFor } from "../peers/wait.ts";
import { Rig, startRawServer } from "./rig.ts";

const REPLY = "Content-Type: command/reply\nReply-Text: +OK\n\n";
const ANSWER = "Content-Type: api/response\nContent-Length: 3\n\n+OK";
const ANSWER_MS = 600;

/** An event socket that answers everything until it is deaf. */
async function startSocket() {
  const state = { isDeaf: false, askedCount: 0 };
  const server = await startRawServer((socket) => {
    socket.write("Content-Type: auth/request\n\n");
    socket.on("data", (bytes) => {
      for (const command of bytes.toString().split("\n\n").slice(0, -1)) {
        if (command === "api uptime") state.askedCount++;
        if (!state.isDeaf) socket.write(command.startsWith("api ") ? ANSWER : REPLY);
      }
    });
  });
  const rig = new Rig(server.port);
  await rig.waitUntilUp();
  expect(await rig.client.hasModule("mod_sofia")).toBeDefined();
  return {
    state,
    rig,
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("FreeSWITCH that answers is there, and is not asked again so soon", async () => {
  await using socket = await startSocket();
  const { rig, state } = socket;
  rig.client.ask();
  expect(await rig.client.hasModule("mod_sofia")).toBeDefined();
  rig.clock.advance(ANSWER_MS - 1);
  rig.client.ask();
  // Its answer comes behind that to the question, if there was one.
  expect(await rig.client.hasModule("mod_sofia")).toBeDefined();
  expect([state.askedCount, rig.client.seemsGone]).toEqual([0, false]);
  rig.clock.advance(ANSWER_MS);
  expect(rig.client.seemsGone).toBe(false);
  rig.client.ask();
  expect(await rig.client.hasModule("mod_sofia")).toBeDefined();
  expect([state.askedCount, rig.client.seemsGone]).toEqual([1, false]);
});

test("FreeSWITCH that does not answer seems to be gone after 0.6 s, long before the link is given up", async () => {
  await using socket = await startSocket();
  const { rig, state } = socket;
  state.isDeaf = true;
  rig.clock.advance(ANSWER_MS);
  rig.client.ask();
  rig.client.ask();
  rig.clock.advance(ANSWER_MS - 1);
  expect(rig.client.seemsGone).toBe(false);
  rig.clock.advance(1);
  expect([rig.client.seemsGone, rig.client.status.state]).toEqual([true, "up"]);
  await waitFor("the question", () => state.askedCount === 1);
});

test("without a link it seems to be gone at once", async () => {
  const peer = await startFreeswitchPeer();
  await using rig = new Rig(peer.port);
  await rig.waitUntilUp();
  expect(rig.client.seemsGone).toBe(false);
  peer.kill();
  await rig.waitUntilDown();
  expect(rig.client.seemsGone).toBe(true);
  rig.client.ask();
});
