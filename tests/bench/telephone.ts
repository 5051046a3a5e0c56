import { startGateway } from "../peers/gateway.ts";
import type { Bar } from "./bars.ts";
import { nameUser, PASSWORD } from "./callers.ts";
import type { Delays } from "./statistics.ts";
import { formatFigure, renderTable } from "./table.ts";
import { GATEWAY_NAME } from "./telephone/measured-peer.ts";
import type { SetUpDelays } from "./telephone/set-up.ts";
import type { SoundDelays, SoundTiming } from "./telephone/sound.ts";
import type { Worker } from "./worker-client.ts";

export type TelephoneResult = SetUpDelays & SoundDelays;

export type TelephoneTiming = SoundTiming & { readonly callSeconds: number };

const USER_COUNT = 100;
const CALLS_PER_SECOND = 50;
/** Before it is measured. */
const WARM_UP_SECONDS = 2;
const TALKING_COUNT = 10;

/** Calls out through the FreeSWITCH peer: many short ones, then some with sound both ways. */
export async function measureTelephone(
  worker: Worker,
  { callSeconds, warmUpMs, windowMs }: TelephoneTiming,
): Promise<TelephoneResult> {
  const eslPort = await worker.call("startFreeswitch");
  const users = Array.from({ length: USER_COUNT }, (_, index) => [
    [`user${index + 1}`, nameUser(index)],
    [`password${index + 1}`, PASSWORD],
  ]).flat();
  await using gateway = await startGateway({
    config: {
      server: {
        fs_esl_ip: `127.0.0.1:${eslPort}`,
        use_callout: true,
        callout_gateway: GATEWAY_NAME,
      },
      users: Object.fromEntries(users),
    },
  });
  await worker.call("registerApps", gateway.urls.signaling, USER_COUNT);
  await worker.call("callPhones", WARM_UP_SECONDS * CALLS_PER_SECOND, CALLS_PER_SECOND);
  const setUp = await worker.call("callPhones", callSeconds * CALLS_PER_SECOND, CALLS_PER_SECOND);
  const sound = await worker.call("talkToPhones", gateway.ports.flv, TALKING_COUNT, { warmUpMs, windowMs });
  await worker.call("stopFreeswitch");
  return { ...setUp, ...sound };
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
    row(`RTP in → FLV out, AAC, ${TALKING_COUNT} calls`, result.toApp),
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
