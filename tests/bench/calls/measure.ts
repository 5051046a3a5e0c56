import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { nameUser, PASSWORD } from "../callers.ts";
import { readUsage } from "../process-usage.ts";
import { startWorker } from "../worker-client.ts";
import { matchMarks, quantilesOf } from "./packet-line.ts";

export type CallsTiming = { readonly warmUpMs: number; readonly windowMs: number };

export type CallsResult = {
  readonly callCount: number;
  readonly cores: 1 | 2;
  /** 1 is one core. */
  readonly cpu: number;
  readonly generatorCpu: number;
  readonly generatorLateP99Ms: number;
  readonly lateP99Ms: number;
  readonly leftOut: number;
  readonly packetCount: number;
  readonly concealed: number;
  readonly setUpP50Ms: number;
  readonly toPhoneP50Ms: number;
  readonly toAppP50Ms: number;
  readonly rssBytes: number;
};

const CALLS_PER_SECOND = 20;
/** Longer takes no mark. */
const LONGEST_MS = 400;

/**
 * Telephones call apps through a fresh gateway on core 0 while the generator has core 1, or all share both. A number, if so
 * many were refused.
 */
export async function measureCalls(
  callCount: number,
  cores: 1 | 2,
  { warmUpMs, windowMs }: CallsTiming,
): Promise<CallsResult | number> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const gateway = stack.use(
    await startGateway({
      config: describeConfig(callCount, folder),
      prefix: pinTo(cores === 1 ? "0" : "0,1"),
    }),
  );
  const phones = stack.use(startWorker(pinTo(cores === 1 ? "1" : "0,1")));
  const apps = stack.use(startWorker(pinTo(cores === 1 ? "1" : "0,1")));
  const { signaling, rtmp, flv, sip } = gateway.ports;
  const signalingUrl = `ws://127.0.0.1:${signaling}/`;
  await apps.call("openApps", { signalingUrl, rtmpPort: rtmp, flvPort: flv, count: callCount });
  const refusedCount = await phones.call("dialApps", sip, callCount, CALLS_PER_SECOND);
  if (refusedCount > 0) return refusedCount;
  await apps.call("talkWithTelephones");
  await Bun.sleep(warmUpMs);

  const readAll = () => [gateway, phones, apps].map(({ pid }) => readUsage(pid).cpuMs);
  await Promise.all([phones.call("startTelephones"), apps.call("startApps")]);
  const before = readAll();
  const startMs = performance.now();
  await Bun.sleep(windowMs);
  const passedMs = performance.now() - startMs;
  const [cpu = 0, ofPhones = 0, ofApps = 0] = readAll().map((ms, at) => (ms - (before[at] ?? 0)) / passedMs);
  const { rssBytes } = readUsage(gateway.pid);
  const [heardByPhones, heardByApps] = await Promise.all([
    phones.call("stopTelephones"),
    apps.call("stopApps"),
  ]);
  if (heardByPhones === undefined || heardByApps === undefined) throw new Error("nobody talked");
  await phones.call("hangUpTelephones");
  const concealed = await readConcealed(join(folder, "calls.jsonl"), callCount);
  await apps.call("closeApps");
  const match = (said: readonly (readonly number[])[], heard: readonly (readonly number[])[]) =>
    quantilesOf(said.flatMap((saidMs, call) => matchMarks(saidMs, heard[call] ?? [], LONGEST_MS))).p50Ms;
  return {
    callCount,
    cores,
    cpu,
    generatorCpu: ofPhones + ofApps,
    generatorLateP99Ms: Math.max(heardByPhones.ownLateP99Ms, heardByApps.ownLateP99Ms),
    lateP99Ms: heardByPhones.lateMs.p99Ms,
    leftOut: heardByPhones.leftOut + heardByPhones.lost,
    packetCount: heardByPhones.packetCount,
    concealed,
    setUpP50Ms: heardByPhones.setUpMs.p50Ms,
    toPhoneP50Ms: match(heardByApps.saidMs, heardByPhones.heardMs),
    toAppP50Ms: match(heardByPhones.saidMs, heardByApps.heardMs),
    rssBytes,
  };
}

function pinTo(cpus: string): string[] {
  return ["taskset", "--cpu-list", cpus];
}

function describeConfig(callCount: number, folder: string) {
  const users = Array.from({ length: callCount }, (_, index) => [
    [`user${index + 1}`, nameUser(index)],
    [`password${index + 1}`, PASSWORD],
  ]).flat();
  return {
    users: Object.fromEntries(users),
    calls: { max_calls: 10_000 },
    records: { dir: folder },
    sip: { allow: "127.0.0.0/8" },
  };
}

/** The share of the talking time in which a telephone's or an app's sound was missing and filled, from the records. */
async function readConcealed(file: string, callCount: number): Promise<number> {
  const readLines = async () => (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
  let lines: string[] = [];
  await waitFor(
    "the records of all calls",
    async () => {
      lines = await readLines();
      return lines.length >= callCount;
    },
    10_000,
  );
  let talkMs = 0;
  let concealedMs = 0;
  for (const line of lines) {
    // The records' shape is kept by their own tests.
    const record = JSON.parse(line) as { talkSeconds?: number; media?: { concealedMs?: number } };
    talkMs += (record.talkSeconds ?? 0) * 1000;
    concealedMs += record.media?.concealedMs ?? 0;
  }
  return concealedMs / Math.max(1, talkMs);
}
