import { expect, test } from "bun:test";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { readCalls, readStreams, readUsers, waitForStream } from "../calls/gateway-state.ts";
import { pushTone } from "../calls/tone.ts";
import { connectCall, PASSWORD, register } from "../calls/two-people.ts";
import { type Resources, readResources, repeat, SPARE_THREADS } from "./resources.ts";

const WARM_UP_ROUNDS = 1000;
const ROUNDS = 2000;
const PAIRS = 4;
/** One call in so many carries sound for a moment. */
const SOUND_EVERY = 20;
/** The heap breathes: collected when the engine sees fit. A leak of a kilobyte for each object of a call is more. */
const BREATH_MEGABYTES = 30;

test("two thousand calls from connect to disconnect leave nothing behind", async () => {
  const users = Array.from({ length: 2 * PAIRS }, (_, n) => [
    [`user${n + 1}`, nameOf(n)],
    [`password${n + 1}`, PASSWORD],
  ]).flat();
  await using gateway = await startGateway({
    config: { users: Object.fromEntries(users) },
  });
  const { descriptors } = readResources(gateway.pid);
  const run = (count: number) => repeat(count, PAIRS, (round, lane) => callOnce(gateway, round, lane));

  await run(WARM_UP_ROUNDS);
  const before = await settle(gateway, descriptors);
  const startedMs = performance.now();
  await run(ROUNDS);
  const tookMs = performance.now() - startedMs;
  const after = await settle(gateway, descriptors);
  console.log(`${ROUNDS} calls in ${Math.round(tookMs)} ms; before`, before, "after", after);
  expect(after.threads).toBeLessThanOrEqual(before.threads + SPARE_THREADS);
  expect(after.residentMegabytes - before.residentMegabytes).toBeLessThan(BREATH_MEGABYTES);
  expect(gateway.process.stderr()).not.toMatch(/ (warn|error) /);
}, 180_000);

function nameOf(index: number): string {
  return ["lihao", "nway"][index] ?? `user-${index}`;
}

async function callOnce(gateway: Gateway, round: number, lane: number): Promise<void> {
  const callee = nameOf(2 * lane + 1);
  await using one = await register(gateway, nameOf(2 * lane));
  await using other = await register(gateway, callee);
  const call = await connectCall(one, other, {}, callee);
  if (round % SOUND_EVERY === 0) {
    using _tone = await pushTone(call.caller.push);
    await waitForStream(gateway, call.caller.push, "sound", ({ bytesIn }) => bytesIn > 0);
  }
  const [goes, stays] = round % 2 === 0 ? [one, other] : [other, one];
  await goes.bye(call.sessionid);
  await stays.nextRequest("bye", call.sessionid);
}

/** Waits until nobody and nothing is left, and as many descriptors as at the start. */
async function settle(gateway: Gateway, descriptors: number): Promise<Resources> {
  await waitFor("an empty gateway", async () => {
    const lists = await Promise.all([readCalls(gateway), readStreams(gateway), readUsers(gateway)]);
    return lists.every((list) => list.length === 0);
  });
  return await waitFor(`${descriptors} descriptors, as at the start`, () => {
    const resources = readResources(gateway.pid);
    return resources.descriptors <= descriptors && resources;
  });
}
