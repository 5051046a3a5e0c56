import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { missingPrograms } from "../peers/programs.ts";
import { type AudioResults, listAudioBars, measureAudio, renderAudio } from "./audio/run.ts";
import { type Bar, isMet, renderBar } from "./bars.ts";
import { type CallsResult, measureCalls } from "./calls/measure.ts";
import { renderCalls } from "./calls/report.ts";
import {
  type ConcealmentResults,
  listConcealmentBars,
  measureConcealment,
  renderConcealment,
} from "./concealment/run.ts";
import type { LateJoinResult } from "./late-join.ts";
import { measureLateJoin } from "./late-join.ts";
import { PROTOCOLS, type Protocol } from "./player.ts";
import { listLateJoinBars, listSlowReaderBars, renderLateJoins, renderSlowReaders } from "./player-report.ts";
import { type Generator, measureRelay, RELAY_SCENARIOS } from "./relay.ts";
import { listRelayBars, RelayResults, renderRelay } from "./relay-report.ts";
import { type RunningServer, SERVERS, type ServerKind, type ServerName } from "./servers.ts";
import { listSignalingBars, measureSignaling, renderSignaling, type SignalingResult } from "./signaling.ts";
import { listSipRateBars, measureSipRate, renderSipRate, type SipRateResult } from "./sip-rate.ts";
import { measureSlowReader, type SlowReaderResult } from "./slow-reader.ts";
import { listTelephoneBars, measureTelephone, renderTelephone, type TelephoneResult } from "./telephone.ts";
import { startWorker } from "./worker-client.ts";

const USAGE = `Usage: bun tests/bench/run.ts [--quick] [--only ours|nginx|nms]... [--scenario NAME]... [--protocol NAME]...
  --quick      fewer and shorter rounds: 2 minutes instead of 22
  --scenario   ${[...RELAY_SCENARIOS, "late-join", "slow-reader", "signaling", "telephone", "sip", "audio", "concealment", "calls"].join(", ")}
  --protocol   ${PROTOCOLS.join(", ")} (of the relay scenarios)
  --calls N    talking calls at a time, of the scenario calls, again and again; --cores 1 or 2 for these alone
  --rounds N, --window SECONDS   of the relay scenarios`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    scenario: { type: "string", multiple: true, default: [] },
    protocol: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    window: { type: "string" },
    calls: { type: "string", multiple: true, default: [] },
    cores: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const ROUNDS = Number(options.rounds ?? (options.quick ? 1 : 3));
const WINDOW_MS = Number(options.window ?? (options.quick ? 1.2 : 3)) * 1000;
const TIMING = { warmUpMs: options.quick ? 500 : 4_000, windowMs: WINDOW_MS };
const FIRST_TIMING = { warmUpMs: options.quick ? 1_000 : 20_000, windowMs: 0 };
const STOP_MS = options.quick ? 2_500 : 10_000;
const JOIN_COUNT = 20;
const USER_COUNT = 5_000;
const CALL_SECONDS = options.quick ? 2 : 10;
const TELEPHONE_TIMING = options.quick
  ? { callSeconds: 2, warmUpMs: 2_000, rounds: 1, roundMs: 3_000 }
  : { callSeconds: 5, warmUpMs: 5_000, rounds: 3, roundMs: 10_000 };
const SIP_ROUNDS = options.quick ? 1 : 3;
const CALL_COUNTS =
  options.calls.length > 0 ? options.calls.map(Number) : options.quick ? [10] : [10, 40, 80, 120, 160];
const CALLS_TIMING = options.quick
  ? { warmUpMs: 3_000, windowMs: 5_000 }
  : { warmUpMs: 10_000, windowMs: 30_000 };
const AUDIO_TIMING = options.quick
  ? { warmUpMs: 300, rounds: 5, roundMs: 50 }
  : { warmUpMs: 1_000, rounds: 9, roundMs: 150 };

const WANTED_RELAYS = RELAY_SCENARIOS.filter((scenario) => wants(options.scenario, scenario));

const relay = new RelayResults();
const lateJoins = new Map<ServerName, Map<Protocol, LateJoinResult>>();
const slowReaders = new Map<ServerName, SlowReaderResult>();
let signaling: SignalingResult | undefined;
let telephone: TelephoneResult | undefined;
let sipRate: SipRateResult | undefined;
let audio: AudioResults | undefined;
const calls: CallsResult[] = [];
let concealment: ConcealmentResults | undefined;

/** Those that need no server. */
const ALONE = ["sip", "audio", "concealment", "calls"];

function wants(chosen: readonly string[], name: string): boolean {
  return chosen.length === 0 || chosen.includes(name);
}

type Entrant = { readonly kind: ServerKind; readonly server: RunningServer };

/** A gateway runs for days: what is measured is the state that JavaScript engines reach after some thousand frames. */
async function warmUp({ server }: Entrant, generator: Generator): Promise<void> {
  for (const target of server.targets) {
    if (wants(options.protocol, target.protocol)) {
      await measureRelay(server, generator, target, "50x1", FIRST_TIMING);
    }
  }
}

async function measureRelays({ kind, server }: Entrant, generator: Generator): Promise<void> {
  for (const scenario of WANTED_RELAYS) {
    for (const target of server.targets) {
      if (!wants(options.protocol, target.protocol)) continue;
      const result = await measureRelay(server, generator, target, scenario, TIMING);
      relay.add(kind.name, target.protocol, scenario, result);
    }
  }
}

async function measurePlayers({ kind, server }: Entrant, generator: Generator): Promise<void> {
  if (wants(options.scenario, "late-join")) {
    lateJoins.set(kind.name, await measureLateJoin(server, generator, JOIN_COUNT));
  }
  if (wants(options.scenario, "slow-reader")) {
    slowReaders.set(kind.name, await measureSlowReader(server, generator, STOP_MS));
  }
}

function listPresent(): ServerKind[] {
  const wanted = SERVERS.filter(({ name }) => wants(options.only, name));
  for (const { title, settings, missing } of wanted) {
    const reason = missing();
    console.log(reason === undefined ? `${title}: ${settings}` : `${title}: SKIPPED, ${reason}`);
  }
  return wanted.filter(({ missing }) => missing() === undefined);
}

/** All run from start to end; each round begins with another, so that the machine's moods fall on all alike. */
async function measureServers(kinds: readonly ServerKind[], generator: Generator): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const entrants: Entrant[] = [];
  for (const kind of kinds) entrants.push({ kind, server: stack.use(await kind.start()) });
  for (let round = 0; round < (WANTED_RELAYS.length > 0 ? ROUNDS : 0); round++) {
    for (const index of entrants.keys()) {
      const entrant = entrants[(index + round) % entrants.length];
      if (entrant === undefined) continue;
      process.stderr.write(`round ${round + 1} of ${ROUNDS}: ${entrant.kind.title}\n`);
      if (round === 0) await warmUp(entrant, generator);
      await measureRelays(entrant, generator);
    }
  }
  for (const entrant of entrants) {
    process.stderr.write(`late join and slow reader: ${entrant.kind.title}\n`);
    await measurePlayers(entrant, generator);
  }
}

async function measureAll(): Promise<void> {
  if (wants(options.scenario, "audio")) {
    process.stderr.write("audio\n");
    audio = await measureAudio(AUDIO_TIMING);
  }
  if (wants(options.scenario, "sip")) {
    process.stderr.write("sip\n");
    sipRate = measureSipRate(SIP_ROUNDS);
  }
  if (wants(options.scenario, "calls")) await measureTalk();
  if (wants(options.scenario, "concealment")) {
    process.stderr.write("concealment\n");
    if (missingPrograms().includes("espeak-ng")) console.log("Concealment: SKIPPED, espeak-ng is missing");
    else concealment = await measureConcealment();
  }
  const needsServers =
    options.scenario.length === 0 || options.scenario.some((name) => !ALONE.includes(name));
  if (needsServers) await measureAllServers(listPresent());
}

/** The gateway refuses what it cannot carry; more calls than that are not tried. */
async function measureTalk(): Promise<void> {
  for (const cores of [1, 2] as const) {
    if (options.cores !== undefined && Number(options.cores) !== cores) continue;
    for (const callCount of CALL_COUNTS) {
      process.stderr.write(`${callCount} talking calls on cores: ${cores}\n`);
      const result = await measureCalls(callCount, cores, CALLS_TIMING);
      if (typeof result === "number") {
        console.log(`${callCount} talking calls on cores: ${cores}: ${result} were refused`);
        break;
      }
      calls.push(result);
    }
  }
}

async function measureAllServers(kinds: readonly ServerKind[]): Promise<void> {
  await using publisher = startWorker();
  await using player = startWorker();
  await measureServers(kinds, { publisher, player });
  if (wants(options.scenario, "signaling") && kinds.some(({ name }) => name === "ours")) {
    process.stderr.write("signaling\n");
    signaling = await measureSignaling(player, USER_COUNT, CALL_SECONDS);
  }
  if (wants(options.scenario, "telephone") && kinds.some(({ name }) => name === "ours")) {
    process.stderr.write("telephone\n");
    telephone = await measureTelephone({ publisher, player }, TELEPHONE_TIMING);
  }
}

function report(): readonly Bar[] {
  const titles = { "50x1": "Relay, 50 publishers × 1 player", "1x200": "Relay, 1 publisher × 200 players" };
  for (const scenario of RELAY_SCENARIOS) printSection(titles[scenario], renderRelay(relay, scenario));
  if (lateJoins.size > 0) printSection("Late join, connect to first frame", renderLateJoins(lateJoins));
  if (slowReaders.size > 0) {
    printSection(`Slow reader, ${STOP_MS / 1000} s of nothing read`, renderSlowReaders(slowReaders));
  }
  if (signaling !== undefined) printSection("Signaling", renderSignaling(signaling));
  if (telephone !== undefined) printSection("Telephone", renderTelephone(telephone));
  if (sipRate !== undefined) printSection("SIP, short calls to the user agent alone", renderSipRate(sipRate));
  if (calls.length > 0) {
    printSection("Talking calls, telephone ↔ app, PCMA ↔ AAC 48 kHz", renderCalls(calls));
  }
  if (audio !== undefined) {
    printSection("Audio, CPU µs per second of sound, all threads, medians", renderAudio(audio));
  }
  if (concealment !== undefined) {
    printSection(
      "Lost packets of speech, STOI / log-spectral distance in dB",
      renderConcealment(concealment),
    );
  }
  return [
    ...listRelayBars(relay),
    ...listLateJoinBars(lateJoins),
    ...listSlowReaderBars(slowReaders),
    ...(signaling === undefined ? [] : listSignalingBars(signaling)),
    ...(telephone === undefined ? [] : listTelephoneBars(telephone)),
    ...(sipRate === undefined ? [] : listSipRateBars(sipRate)),
    ...(audio === undefined ? [] : listAudioBars(audio)),
    ...(concealment === undefined ? [] : listConcealmentBars(concealment)),
  ];
}

function printSection(title: string, table: string): void {
  if (table !== "") console.log(`\n${title}\n${table}`);
}

if (options.help) {
  console.log(USAGE);
} else {
  const startMs = performance.now();
  await measureAll();
  const bars = report();
  printSection("Bars", bars.map(renderBar).join("\n"));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`\nTook ${seconds} s; load average at the end ${loadavg()[0]?.toFixed(1)}.`);
  process.exitCode = bars.every(isMet) ? 0 : 1;
}
