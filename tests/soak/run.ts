import { parseArgs } from "node:util";
import { systemClock } from "../../src/clock.ts";
import { HealthView } from "../../src/servers/http/views.ts";
import { USERS } from "../attack/attack.ts";
import { invite, startLiveCalls } from "../attack/live-calls.ts";
import { callAsNewcomer } from "../attack/newcomer.ts";
import { renderTable } from "../bench/table.ts";
import { register } from "../e2e/calls/two-people.ts";
import { readResources } from "../e2e/soak/resources.ts";
import { NUMBER } from "../e2e/telephone/laboratory.ts";
import { waitFor } from "../peers/wait.ts";

/** `make soak`: calls come and go beside six that go on; what the gateway holds stays as it is. */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" } } });
const MINUTES = Number(values.minutes);
const LIVE_CALLS_OF_EACH_KIND = 2;
const MINUTE_MS = 60_000;
/** The engine warms up, and SIP remembers what is over. */
const WARM_UP_MINUTES = Math.min(5, MINUTES / 3);
/** A call under way when it is looked. */
const SPARE_DESCRIPTORS = 8;
const SPARE_TIMERS = 20;
const BREATH_MEGABYTES = 30;

type Sample = {
  readonly minute: number;
  readonly residentMegabytes: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly timers: number;
  readonly calls: number;
};

await using live = await startLiveCalls(LIVE_CALLS_OF_EACH_KIND);
const { gateway } = live;
live.start();
let callCount = 0;
let hasEnded = false;
const churning = [churn(call), churn(comeAndGo)];
const samples: Sample[] = [];
const startedMs = systemClock.nowMs();
for (let minute = 1; minute <= MINUTES; minute++) {
  const dueMs = startedMs + minute * MINUTE_MS;
  await waitFor(`minute ${minute}`, () => systemClock.nowMs() >= dueMs, 2 * MINUTE_MS);
  const sample = await look(minute);
  samples.push(sample);
  console.log(Object.values(sample).join("\t"));
}
hasEnded = true;
await Promise.all(churning);
const { telephones, apps } = live.stop();
const heads = ["minute", "", "RSS MB", "descriptors", "threads", "timers", "calls so far"];
console.log(renderTable([heads, ...samples.map(toRow)]));
console.log(
  `worst gap of the calls that went on: ${Math.round(Math.max(telephones.worstGapMs, apps.worstGapMs))} ms`,
);
console.log(`packets that the worst telephone missed: ${telephones.missingCount}`);
const faults = judge(samples);
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

/** One after another until the end, two a second. */
async function churn(once: () => Promise<void>): Promise<void> {
  while (!hasEnded) {
    const nextMs = systemClock.nowMs() + 500;
    await once();
    callCount++;
    await waitFor("the next turn", () => systemClock.nowMs() >= nextMs);
  }
}

async function call(): Promise<void> {
  if ((await callAsNewcomer(gateway)) === undefined) throw new Error("the echo was not heard");
  await using client = await register(gateway, USERS.newcomer);
  const { sessionid } = await invite(client, NUMBER);
  await client.bye(sessionid);
}

/** Connections that say nothing, or go in the middle of a word. */
async function comeAndGo(): Promise<void> {
  const { rtmp, flv, signaling } = gateway.ports;
  for (const port of [rtmp, flv, signaling]) {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {}, error() {} } });
    socket.write("GET / HT");
    socket.end();
  }
}

async function look(minute: number): Promise<Sample> {
  const health = await (await fetch(`${gateway.urls.api}/healthz`)).json();
  const { counts } = HealthView.parse(health);
  return { minute, ...readResources(gateway.pid), timers: counts.timers, calls: callCount };
}

function toRow({ minute, residentMegabytes, descriptors, threads, timers, calls }: Sample): string[] {
  return [minute, "", residentMegabytes, descriptors, threads, timers, calls].map(String);
}

/** What grew between the warm-up and the end: the least of some minutes is compared, since calls come and go. */
function judge(all: readonly Sample[]): string[] {
  const warm = all.filter(({ minute }) => minute >= WARM_UP_MINUTES);
  const third = Math.max(1, Math.floor(warm.length / 3));
  const first = warm.slice(0, third);
  const last = warm.slice(-third);
  const limits = {
    residentMegabytes: BREATH_MEGABYTES,
    descriptors: SPARE_DESCRIPTORS,
    timers: SPARE_TIMERS,
  };
  return Object.entries(limits).flatMap(([name, spare]) => {
    const least = (of: readonly Sample[]) => Math.min(...of.map((sample) => sample[name as keyof Sample]));
    const [before, after] = [least(first), least(last)];
    return after - before > spare ? [`${name} grew from ${before} to ${after}`] : [];
  });
}
