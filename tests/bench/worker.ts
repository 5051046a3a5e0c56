import { Audience, measureJoins } from "./audience.ts";
import { Callers } from "./callers.ts";
import { Apps, type AppsPlan, type AppsReport } from "./calls/apps.ts";
import { Telephones, type TelephonesReport } from "./calls/telephones.ts";
import type { PlayTarget } from "./player.ts";
import { startPublishers } from "./publisher.ts";
import type { Delays } from "./statistics.ts";
import type { CallEnd } from "./telephone/call-ends.ts";
import { Diallers, type DialReport } from "./telephone/diallers.ts";
import { TelephoneLaboratory } from "./telephone/laboratory.ts";
import { measureSound, type SoundDelays, type SoundPlan, type SoundTiming } from "./telephone/sound.ts";
import { Victim, type VictimReport } from "./victims.ts";

/** A process of the load generator: publishers in one, players in another, so that neither delays the other. */
const audience = new Audience();
const callers = new Callers();
let diallers = new Diallers();
let telephones = new TelephoneLaboratory();
let apps: Apps | undefined;
let dialled: Telephones | undefined;
let stopPublishers: () => void = () => undefined;
let stopped: Victim[] = [];
let cut: Victim[] = [];

const calls = {
  async publish(port: number, keys: readonly string[]): Promise<void> {
    stopPublishers = await startPublishers(port, keys);
  },
  async stopPublishing(): Promise<void> {
    stopPublishers();
  },
  async play(target: PlayTarget, keys: readonly string[]): Promise<void> {
    await audience.open(target, keys);
  },
  async startRecording(): Promise<void> {
    audience.startRecording();
  },
  async stopRecording(): Promise<Delays> {
    return audience.stopRecording();
  },
  async stopPlaying(): Promise<void> {
    audience.close();
  },
  join: measureJoins,
  /** Two for each target: one that will stop reading, and one whose network will be cut; gives the latter's ports. */
  async openVictims(targets: readonly PlayTarget[], key: string): Promise<number[]> {
    stopped = targets.map((target) => new Victim(target, key));
    cut = targets.map((target) => new Victim(target, key));
    await Promise.all([...stopped, ...cut].map((victim) => victim.open()));
    return cut.map((victim) => victim.localPort);
  },
  async stopReading(): Promise<void> {
    for (const victim of stopped) victim.stopReading();
  },
  async startCounting(): Promise<void> {
    for (const victim of [...stopped, ...cut]) victim.startCounting();
  },
  async closeVictims(): Promise<{ stopped: VictimReport[]; cut: VictimReport[] }> {
    return { stopped: stopped.map((victim) => victim.finish()), cut: cut.map((victim) => victim.finish()) };
  },
  async register(url: string, count: number): Promise<void> {
    await callers.register(url, count);
  },
  async call(count: number, perSecond: number): Promise<Delays> {
    return await callers.call(count, perSecond);
  },
  async hangUp(): Promise<void> {
    await callers.close();
  },
  /** Gives the port of its event socket. */
  async startFreeswitch(): Promise<number> {
    telephones = new TelephoneLaboratory();
    await telephones.peer.listen();
    return telephones.peer.port;
  },
  /** Since the last time. */
  async takeCallEnds(): Promise<{ said: CallEnd[]; heard: CallEnd[] }> {
    return { said: telephones.peer.said.splice(0), heard: telephones.peer.heard.splice(0) };
  },
  async talkToTelephones(plan: SoundPlan, timing: SoundTiming): Promise<SoundDelays[]> {
    return await measureSound(telephones, plan, timing);
  },
  async stopFreeswitch(): Promise<void> {
    await telephones[Symbol.asyncDispose]();
  },
  /** Gives the port by which the event socket at `eslPort` is watched. */
  async watchEventSocket(eslPort: number): Promise<number> {
    diallers = new Diallers();
    return await diallers.tap.open(eslPort);
  },
  async registerDiallers(url: string, count: number): Promise<void> {
    await diallers.register(url, count);
  },
  async dial(count: number, perSecond: number): Promise<DialReport> {
    return await diallers.dial(count, perSecond);
  },
  async stopDialling(): Promise<void> {
    await diallers[Symbol.asyncDispose]();
  },
  async openApps(plan: AppsPlan): Promise<void> {
    apps = new Apps();
    await apps.open(plan);
  },
  async talkWithTelephones(): Promise<void> {
    await apps?.talk();
  },
  async startApps(): Promise<void> {
    apps?.startRecording();
  },
  async stopApps(): Promise<AppsReport | undefined> {
    return apps?.stopRecording();
  },
  async closeApps(): Promise<void> {
    await apps?.close();
  },
  /** Gives how many were refused. */
  async dialApps(port: number, count: number, perSecond: number): Promise<number> {
    dialled = new Telephones();
    return await dialled.dial(port, count, perSecond);
  },
  async startTelephones(): Promise<void> {
    dialled?.startRecording();
  },
  async stopTelephones(): Promise<TelephonesReport | undefined> {
    return dialled?.stopRecording();
  },
  async hangUpTelephones(): Promise<void> {
    dialled?.hangUp();
  },
};

export type WorkerCalls = typeof calls;
export type WorkerRequest = {
  readonly id: number;
  readonly method: keyof WorkerCalls;
  readonly params: unknown[];
};
export type WorkerReply = { readonly id: number; readonly result?: unknown; readonly error?: string };

async function answer({ id, method, params }: WorkerRequest): Promise<WorkerReply> {
  try {
    // Both ends are typed by WorkerCalls; what lies between them is not.
    const run = calls[method] as (...params: unknown[]) => Promise<unknown>;
    return { id, result: await run(...params) };
  } catch (thrown) {
    return { id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
}

if (import.meta.main) {
  process.on(
    "message",
    (request: WorkerRequest) => void answer(request).then((reply) => process.send?.(reply)),
  );
  process.on("disconnect", () => process.exit());
}
