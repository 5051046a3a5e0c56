import { expect, test } from "bun:test";
import { systemClock } from "../../src/clock.ts";
import { createFolder } from "../config/folder.ts";
import { InboundCall } from "../peers/freeswitch/inbound-call.ts";
import { SipSide } from "../peers/freeswitch/sip-side.ts";
import { waitFor } from "../peers/wait.ts";
import { RunningApp } from "./running-app.ts";

const CALLS = 40;
const PACKET_MS = 20;
const PACKET_TICKS = 160;

/** Starts the gateway and keeps its threads where a test can end them. */
async function startWithThreads(folder: string) {
  const workers: Worker[] = [];
  const RealWorker = globalThis.Worker;
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL) {
      super(url);
      workers.push(this);
    }
  };
  const app = await RunningApp.start({
    media: { voice_threads: "2" },
    calls: { max_calls: String(CALLS) },
    records: { dir: folder },
  });
  globalThis.Worker = RealWorker;
  return { app, workers };
}

/** Packets that were left out: their time has passed, but their number was not used. */
function countSkipped({ media }: InboundCall): number {
  let skipped = 0;
  for (const [index, { rtpTimestamp }] of media.packets.entries()) {
    const before = media.packets[index - 1]?.rtpTimestamp ?? rtpTimestamp - PACKET_TICKS;
    skipped += ((rtpTimestamp - before) >>> 0) / PACKET_TICKS - 1;
  }
  return skipped;
}

test("a voice thread dies under 40 calls: its own end with a cause and a record, the others do not skip", async () => {
  using folder = createFolder();
  const { app, workers } = await startWithThreads(folder.path);
  await using _ = app;
  const [host = "", port = ""] = app.addr("sip")?.split(":") ?? [];
  const side = await SipSide.open(0, []);
  const calls: InboundCall[] = [];
  for (let index = 0; index < CALLS; index++) {
    const gateway = { host, port: Number(port) };
    calls.push(await InboundCall.open(side, { fire() {} }, { user: "9197", gateway, codecs: "PCMA" }));
  }
  await waitFor("all calls", () => calls.every(({ outcome }) => outcome?.kind === "answered"));
  await waitFor("all calls' sound", () => calls.every(({ media }) => media.packets.length > 20));

  let [worstMs, beforeMs] = [0, systemClock.nowMs()];
  const watch = systemClock.every(PACKET_MS, () => {
    worstMs = Math.max(worstMs, systemClock.nowMs() - beforeMs - PACKET_MS);
    beforeMs = systemClock.nowMs();
  });
  workers[0]?.terminate();
  const lost = await waitFor("half of the calls to end", () => {
    const ended = calls.filter(({ hasEnded }) => hasEnded);
    return ended.length === CALLS / 2 && ended;
  });
  expect(new Set(lost.map(({ byeReason }) => byeReason))).toEqual(
    new Set(['Q.850;cause=38;text="NETWORK_OUT_OF_ORDER"']),
  );
  const others = calls.filter((call) => !lost.includes(call));
  const before = others.map(({ media }) => media.packets.length);
  await waitFor("a second more of the others", () =>
    others.every(({ media }, index) => media.packets.length > 50 + (before[index] ?? 0)),
  );
  watch.cancel();
  // A packet is left out only by a thread that stood still for more than five of them: the machine was busy with others.
  const excused = worstMs < 100 ? 0 : CALLS * (worstMs / PACKET_MS);
  expect(others.reduce((sum, call) => sum + countSkipped(call), 0)).toBeLessThanOrEqual(excused);
  await waitFor("the records", async () => (await app.count("records")) === CALLS / 2);
  const records: unknown = await (await app.ask("/api/records")).json();
  expect(JSON.stringify(records).match(/"cause":"NETWORK_OUT_OF_ORDER"/g)).toHaveLength(CALLS / 2);

  await Promise.all(others.map((call) => call.hangUp()));
  side.close();
}, 60_000);
