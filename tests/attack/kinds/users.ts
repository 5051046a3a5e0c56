import { resolve } from "node:path";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { PASSWORD } from "../../e2e/calls/two-people.ts";
import { createClientNetwork } from "../../e2e/network/client-network.ts";
import { NUMBER } from "../../e2e/telephone/laboratory.ts";
import { startProcess } from "../../peers/process.ts";
import { type Attacks, demand, type Target, USERS } from "../attack.ts";

async function login({ ports }: Target, user: string): Promise<SignalingClient> {
  const client = await SignalingClient.connect({ url: `ws://127.0.0.1:${ports.signaling}/`, user });
  const { data } = await client.register(PASSWORD);
  demand(data.code === "200ok", `${user} was told ${data.code}`);
  return client;
}

/** Defaults of `[dialing] limits` and of `[calls] calls_per_minute_per_user`. */
const TELEPHONE_CALLS_A_MINUTE = 20;
const CALLS_A_MINUTE = 60;

/** One user tries to reach the carrier, and others, more often than anybody may. */
async function spend(target: Target, untilMs: number): Promise<void> {
  await using client = await login(target, USERS.spender);
  const startMs = performance.now();
  const taken: string[] = [];
  while (performance.now() < untilMs) {
    for (const number of [NUMBER, NUMBER, NUMBER, USERS.victim, "9196"]) {
      const { sessionid, response } = await client.invite(number);
      if (response.data.code !== "200ok") continue;
      taken.push(number);
      await client.cancel(sessionid);
    }
    await Bun.sleep(5);
  }
  const telephoneCount = taken.filter((number) => number === NUMBER).length;
  // Each is given back little by little.
  const minutes = 1 + (performance.now() - startMs) / 60_000;
  demand(
    telephoneCount <= Math.ceil(TELEPHONE_CALLS_A_MINUTE * minutes),
    `${telephoneCount} calls reached the carrier`,
  );
  demand(taken.length <= Math.ceil(CALLS_A_MINUTE * minutes), `${taken.length} calls were taken`);
}

/** Ways to write numbers that cost, past the default `deny`, and emergency numbers. */
const BARRED = [
  ...["00441234567890", "+441234567890", "#00441234567890", "*00441234567890", "*67*00441234567890"],
  ...["17951004412345678", "0w04412345678", "p004412345678", "9004412345678", "01144123456789"],
  ...["901144123456789", "110", "112"],
];

async function dialBarred(target: Target, untilMs: number): Promise<void> {
  await using client = await login(target, USERS.barred);
  for (const number of BARRED) {
    const { response } = await client.invite(number);
    demand(String(response.data.code).startsWith("403"), `${number} was told ${response.data.code}`);
  }
  await Bun.sleep(untilMs - performance.now());
}

const LINK_KILOBITS = 160;
const LINK_QUEUE_BYTES = 20_000;
const TEXTS_A_SECOND = 100;
const TEXT_BYTES = 20_000;
const VICTIM = resolve(import.meta.dir, "../victim.ts");

/** To somebody whose link takes 20 KB a second: who cannot take it all stays registered. */
async function textVictim(target: Target, untilMs: number): Promise<void> {
  await using network = await createClientNetwork();
  network.narrow(LINK_KILOBITS, LINK_QUEUE_BYTES);
  const url = `ws://${network.gatewayHost}:${target.ports.signaling}/`;
  await using victim = startProcess(network.command(process.execPath, VICTIM, url));
  await victim.waitForOutput(/registered/);
  await using client = await login(target, USERS.texter);
  const text = "x".repeat(TEXT_BYTES);
  for (let n = 0; performance.now() < untilMs; n++) {
    client.message(`t${n}`, USERS.victim, text).catch(() => {});
    await Bun.sleep(1000 / TEXTS_A_SECOND);
  }
  demand(!victim.output().includes("closed"), `the victim lost its registration: ${victim.output()}`);
}

export const OF_USERS: Attacks = {
  "invites and cancels of one user": spend,
  "barred numbers": dialBarred,
};

/** Needs root, and a network of its own. */
export const ON_LINKS: Attacks = { "texts to a victim on a slow link": textVictim };
