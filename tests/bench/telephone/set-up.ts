import { DelayRecorder, type Delays } from "../statistics.ts";
import type { LiveCall, TelephoneLaboratory } from "./laboratory.ts";

export type SetUpDelays = {
  /** From the invite's sending until FreeSWITCH has the originate. */
  readonly originate: Delays;
  /** From the one side's hang-up until the other has it. */
  readonly hangUpByApp: Delays;
  readonly hangUpByPhone: Delays;
};

const TALK_MS = 300;

/** `count` calls of which `perSecond` begin each second; after some talk the app and the telephone hang up in turn. */
export async function measureSetUp(
  laboratory: TelephoneLaboratory,
  count: number,
  perSecond: number,
): Promise<SetUpDelays> {
  const originate = new DelayRecorder();
  const hangUps = { app: new DelayRecorder(), phone: new DelayRecorder() };
  const invitedAtMs = new Map<string, number>();
  const onHangup = new Map<string, () => void>();
  for (const recorder of [originate, hangUps.app, hangUps.phone]) recorder.start();
  laboratory.peer.onOriginate = (caller) =>
    originate.add(performance.now() - (invitedAtMs.get(caller) ?? Number.NaN));
  laboratory.peer.onHangup = (legId) => onHangup.get(legId)?.();

  async function callOnce(index: number): Promise<void> {
    const call = await laboratory.call(index % laboratory.appCount, (caller) =>
      invitedAtMs.set(caller, performance.now()),
    );
    await Bun.sleep(TALK_MS);
    if (index % 2 === 0) hangUps.phone.add(await hangUpByPhone(call));
    else hangUps.app.add(await hangUpByApp(call, onHangup));
  }

  const startMs = performance.now();
  const calls: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const waitMs = startMs + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await Bun.sleep(waitMs);
    calls.push(callOnce(index));
  }
  await Promise.all(calls);
  return {
    originate: originate.stop(),
    hangUpByApp: hangUps.app.stop(),
    hangUpByPhone: hangUps.phone.stop(),
  };
}

/** Until FreeSWITCH hangs the telephone's leg up. */
async function hangUpByApp(
  { app, sessionid, leg }: LiveCall,
  onHangup: Map<string, () => void>,
): Promise<number> {
  const legId = leg.call.farLeg?.uuid ?? "";
  const { promise, resolve } = Promise.withResolvers<number>();
  const startMs = performance.now();
  onHangup.set(legId, () => resolve(performance.now() - startMs));
  await app.bye(sessionid);
  const delayMs = await promise;
  onHangup.delete(legId);
  return delayMs;
}

/** Until the app is told. */
async function hangUpByPhone({ app, sessionid, leg }: LiveCall): Promise<number> {
  const startMs = performance.now();
  leg.call.hangUpByTelephone();
  await app.nextRequest("bye", sessionid);
  return performance.now() - startMs;
}
