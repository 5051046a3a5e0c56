import { expect, test } from "bun:test";
import { startGateway } from "../../peers/gateway.ts";
import { within } from "../../peers/wait.ts";
import { openRawClient } from "../../servers/signaling/raw-client.ts";
import { pushTone } from "./tone.ts";
import { startCall } from "./two-people.ts";

const SOON_MS = 2_000;

test("SIGTERM in mid-call: both hear bye, sockets close with 1001, the program ends with 0", async () => {
  await using gateway = await startGateway();
  await using call = await startCall(gateway);
  using forth = await pushTone(call.caller.push);
  using back = await pushTone(call.callee.push);
  gateway.process.kill("SIGTERM");
  expect(await gateway.process.waitForExit(SOON_MS)).toBe(0);
  for (const { client } of [call.caller, call.callee]) {
    const { data } = await client.nextRequest("bye", call.sessionid);
    expect(data).toMatchObject({ code: "480", msg: "SYSTEM_SHUTDOWN" });
    expect(await within("the socket to close", client.closed)).toEqual({ code: 1001, reason: "shutdown" });
  }
  await within("the publishers to be closed", Promise.all([forth.closed, back.closed]));
});

test("a second signal ends it at once, before the calls have ended in order", async () => {
  await using gateway = await startGateway();
  await using _call = await startCall(gateway);
  // It closes no socket when it is asked to, so that ending in order takes a while.
  const stubborn = await openRawClient(gateway.ports.signaling);
  // Stopped, it gets both in the same moment.
  gateway.process.kill("SIGSTOP");
  gateway.process.kill("SIGTERM");
  gateway.process.kill("SIGINT");
  gateway.process.kill("SIGCONT");
  expect([128 + 2, 128 + 15]).toContain(await gateway.process.waitForExit(SOON_MS));
  expect(gateway.log()).not.toContain("info stopped");
  stubborn.destroy();
});
