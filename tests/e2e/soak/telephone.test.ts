import { expect, test } from "bun:test";
import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import type { OurLeg } from "../../peers/freeswitch/our-leg.ts";
import type { PlacedPeerCall } from "../../peers/freeswitch/placed-call.ts";
import { waitFor } from "../../peers/wait.ts";
import { readCalls, readStreams } from "../calls/gateway-state.ts";
import { PASSWORD, register } from "../calls/two-people.ts";
import { expectNothingLeft, type Laboratory, NUMBER, startLaboratory } from "../telephone/laboratory.ts";
import { type Resources, readResources, repeat, SPARE_THREADS } from "./resources.ts";

const LANES = 16;
const WARM_UP_CALLS = 300;
const CALLS = 1000;
const CROWD = 50;
/** So that a busy machine does not refuse any: see src/app/load-guard.ts. */
const CALLS_A_SECOND = 100;
/** SIP remembers a transaction for 32 s (RFC 3261, timers H and J). */
const SIP_MEMORY_MS = 60_000;
/** The heaps of two threads breathe: collected when the engine sees fit. */
const BREATH_MEGABYTES = 60;

/** How a call goes; each number stands for one. */
const FATES = ["answered", "hung-up", "busy", "cancelled", "early", "in"] as const;

test("a thousand calls in a row and fifty at once leave nothing behind", async () => {
  const users = Array.from({ length: CROWD }, (_, n) => [
    [`user${n + 1}`, nameOf(n)],
    [`password${n + 1}`, PASSWORD],
  ]).flat();
  await using laboratory = await startLaboratory(
    { onDial: decideFate },
    { users: Object.fromEntries(users) },
  );
  const { gateway, app } = laboratory;
  await using apps = new AsyncDisposableStack();
  const crowd: SignalingClient[] = [app];
  for (let n = 1; n < CROWD; n++) crowd.push(apps.use(await register(gateway, nameOf(n))));
  const { descriptors } = readResources(gateway.pid);
  const run = (count: number) =>
    repeat(
      count,
      LANES,
      (round, lane) => callOnce(laboratory, crowd[lane] ?? app, lane, round),
      CALLS_A_SECOND,
    );

  await run(WARM_UP_CALLS);
  const before = await settle(laboratory, descriptors);
  const startedMs = performance.now();
  await run(CALLS);
  const tookMs = performance.now() - startedMs;
  await Promise.all(crowd.map((client, n) => callOnce(laboratory, client, n, 0)));
  await settle(laboratory, descriptors);
  const after = await waitFor(
    `the memory of before, ${before.residentMegabytes} MB`,
    () => {
      const resources = readResources(gateway.pid);
      return resources.residentMegabytes - before.residentMegabytes < BREATH_MEGABYTES && resources;
    },
    SIP_MEMORY_MS,
  );
  console.log(`${CALLS} calls in ${Math.round(tookMs)} ms; before`, before, "after", after);
  expect(after.threads).toBeLessThanOrEqual(before.threads + SPARE_THREADS);
  expect(gateway.process.stderr()).not.toMatch(/ (warn|error) /);
  expect(laboratory.peer.calls.every(({ hasEnded }) => hasEnded)).toBe(true);
}, 180_000);

function nameOf(index: number): string {
  return index === 0 ? "lihao" : `user-${index}`;
}

/** The telephone does what the number's last digit says. */
function decideFate(leg: OurLeg): void {
  leg.media.keeps = false;
  const fate = FATES[Number(leg.call.originate.bridge?.number.at(-1))];
  leg.call.ring();
  if (fate === "busy") leg.call.refuse("USER_BUSY", 486);
  if (fate === "early") leg.call.sendEarlyMedia();
  if (fate === "answered" || fate === "hung-up") leg.call.answer();
}

async function callOnce(
  { peer, gateway }: Laboratory,
  client: SignalingClient,
  lane: number,
  round: number,
): Promise<void> {
  const fate = round % FATES.length;
  if (FATES[fate] === "in") {
    const call = await peer.callIn({
      user: nameOf(lane),
      gateway: { host: "127.0.0.1", port: gateway.ports.sip },
    });
    call.media.keeps = false;
    const { sessionid } = await client.nextRequest("invite");
    await client.answer(sessionid);
    await waitFor("the answer", () => call.outcome?.kind === "answered");
    await call.hangUp();
    await client.nextRequest("bye", sessionid);
    return;
  }
  const { sessionid, response } = await client.invite(`${NUMBER.slice(0, -1)}${fate}`);
  expect(response.data.code).toBe("200ok");
  await endOnce(client, sessionid, FATES[fate] ?? "", () =>
    peer.calls.findLast(isOf(nameOf(lane)))?.hangUpByTelephone(),
  );
}

function isOf(caller: string): (call: PlacedPeerCall) => boolean {
  return ({ originate }) => originate.variables.origination_caller_id_number === caller;
}

async function endOnce(
  client: SignalingClient,
  sessionid: string,
  fate: string,
  hangUp: () => void,
): Promise<void> {
  switch (fate) {
    case "answered":
      await client.nextRequest("answer", sessionid);
      await client.bye(sessionid);
      return;
    case "hung-up": {
      await client.nextRequest("answer", sessionid);
      hangUp();
      await client.nextRequest("bye", sessionid);
      return;
    }
    case "cancelled":
      await client.cancel(sessionid);
      return;
    case "early": {
      await client.nextRequest("message", sessionid);
      await client.nextRequest("message", sessionid);
      await client.cancel(sessionid);
      return;
    }
    default:
      await client.nextRequest("bye", sessionid);
  }
}

/** Waits until nothing is left, and as many descriptors as at the start. */
async function settle(laboratory: Laboratory, descriptors: number): Promise<Resources> {
  await expectNothingLeft(laboratory);
  await waitFor("an empty gateway", async () => {
    const lists = await Promise.all([readCalls(laboratory.gateway), readStreams(laboratory.gateway)]);
    return lists.every((list) => list.length === 0);
  });
  return await waitFor(`${descriptors} descriptors, as at the start`, () => {
    const resources = readResources(laboratory.gateway.pid);
    return resources.descriptors <= descriptors && resources;
  });
}
