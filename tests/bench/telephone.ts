import { type GatewayOptions, startGateway } from "../peers/gateway.ts";
import type { Bar } from "./bars.ts";
import { nameUser, PASSWORD } from "./callers.ts";
import type { Generator } from "./relay.ts";
import { type Delays, summarizeRounds } from "./statistics.ts";
import { formatFigure, renderTable } from "./table.ts";
import { matchEnds } from "./telephone/call-ends.ts";
import { GATEWAY_NAME } from "./telephone/measured-peer.ts";
import type { SoundDelays, SoundTiming } from "./telephone/sound.ts";
import type { Worker } from "./worker-client.ts";

type DialDelays = {
  readonly originate: Delays;
  /** From the one side's hang-up until the other has it. */
  readonly hangUpByApp: Delays;
  readonly hangUpByPhone: Delays;
};

export type TelephoneResult = DialDelays & SoundDelays;

export type TelephoneTiming = SoundTiming & { readonly callSeconds: number };

const DIALLER_COUNT = 100;
const CALLS_PER_SECOND = 50;
/** Before it is measured. */
const WARM_UP_SECONDS = 2;
const TALKER_COUNT = 10;
/** The other side of the last call's end is still under way. */
const SETTLE_MS = 1_000;

/** Calls out through the FreeSWITCH peer: many short ones, then some with sound both ways. */
export async function measureTelephone(
  { publisher: freeswitch, player: apps }: Generator,
  { callSeconds, ...timing }: TelephoneTiming,
): Promise<TelephoneResult> {
  const eslPort = await apps.call("watchEventSocket", await freeswitch.call("startFreeswitch"));
  await using gateway = await startGateway({ config: describeConfig(eslPort) });
  const signalingUrl = gateway.urls.signaling;
  await apps.call("registerDiallers", signalingUrl, DIALLER_COUNT);
  await dial({ freeswitch, apps }, WARM_UP_SECONDS);
  const dialled: DialDelays[] = [];
  for (let round = 0; round < timing.rounds; round++) {
    dialled.push(await dial({ freeswitch, apps }, callSeconds));
  }
  const plan = {
    signalingUrl,
    flvPort: gateway.ports.flv,
    firstUser: DIALLER_COUNT,
    callCount: TALKER_COUNT,
  };
  const talked = await freeswitch.call("talkToTelephones", plan, timing);
  await apps.call("stopDialling");
  await freeswitch.call("stopFreeswitch");
  return {
    originate: summarizeRounds(dialled.map(({ originate }) => originate)),
    hangUpByApp: summarizeRounds(dialled.map(({ hangUpByApp }) => hangUpByApp)),
    hangUpByPhone: summarizeRounds(dialled.map(({ hangUpByPhone }) => hangUpByPhone)),
    toApp: summarizeRounds(talked.map(({ toApp }) => toApp)),
    toPhone: summarizeRounds(talked.map(({ toPhone }) => toPhone)),
    beyondTarget: summarizeRounds(talked.map(({ beyondTarget }) => beyondTarget)),
  };
}

async function dial(
  { freeswitch, apps }: { readonly freeswitch: Worker; readonly apps: Worker },
  seconds: number,
): Promise<DialDelays> {
  const there = await apps.call("dial", seconds * CALLS_PER_SECOND, CALLS_PER_SECOND);
  await Bun.sleep(SETTLE_MS);
  const here = await freeswitch.call("takeCallEnds");
  return {
    originate: there.originate,
    hangUpByApp: matchEnds(there.said, here.heard),
    hangUpByPhone: matchEnds(here.said, there.heard),
  };
}

function describeConfig(eslPort: number): NonNullable<GatewayOptions["config"]> {
  const users = Array.from({ length: DIALLER_COUNT + TALKER_COUNT }, (_, index) => [
    [`user${index + 1}`, nameUser(index)],
    [`password${index + 1}`, PASSWORD],
  ]).flat();
  return {
    server: { fs_esl_ip: `127.0.0.1:${eslPort}`, use_callout: true, callout_gateway: GATEWAY_NAME },
    users: Object.fromEntries(users),
  };
}

export function renderTelephone(result: TelephoneResult): string {
  const row = (what: string, { p50Ms, p99Ms, maxMs, count }: Delays) => [
    what,
    "",
    ...[p50Ms, p99Ms, maxMs].map(formatFigure),
    `${count}`,
  ];
  return renderTable([
    ["", "", "p50 ms", "p99 ms", "max ms", "count"],
    row(`invite → originate, ${CALLS_PER_SECOND} calls/s`, result.originate),
    row("hang-up by the app → telephone", result.hangUpByApp),
    row("hang-up by the telephone → app", result.hangUpByPhone),
    row(`RTP in → FLV out, AAC, ${TALKER_COUNT} calls`, result.toApp),
    row("RTMP in → RTP out, AAC", result.toPhone),
    row("  beyond the jitter target", result.beyondTarget),
  ]);
}

export function listTelephoneBars(result: TelephoneResult): Bar[] {
  const { originate, hangUpByApp, hangUpByPhone, toApp, beyondTarget } = result;
  const bar = (what: string, have: number, limit: number): Bar => ({ what, have, limit, unit: "ms" });
  return [
    bar("invite → originate p50", originate.p50Ms, 1),
    bar("invite → originate p99", originate.p99Ms, 5),
    bar("hang-up by the app p99", hangUpByApp.p99Ms, 100),
    bar("hang-up by the telephone p99", hangUpByPhone.p99Ms, 100),
    bar("RTP → FLV p50", toApp.p50Ms, 45),
    bar("RTMP → RTP beyond the jitter target p50", beyondTarget.p50Ms, 10),
  ];
}
