import { expect, test } from "bun:test";
import { systemClock } from "../../src/clock.ts";
import { InboundCall } from "../peers/freeswitch/inbound-call.ts";
import { SipSide } from "../peers/freeswitch/sip-side.ts";
import { waitFor } from "../peers/wait.ts";
import { RunningApp } from "./running-app.ts";

/** Most of the main thread's time, in pieces. */
const PERIOD_MS = 100;
const WORK_MS = 85;

function work(): void {
  const untilMs = systemClock.nowMs() + WORK_MS;
  while (systemClock.nowMs() < untilMs);
}

test("a gateway that is busy and late refuses calls of telephones and of apps, says so, and takes them later", async () => {
  await using app = await RunningApp.start({ media: { voice_threads: "1" } });
  const [host = "", port = ""] = app.addr("sip")?.split(":") ?? [];
  await using client = await app.register("lihao");
  const side = await SipSide.open(0, []);
  const callIn = () =>
    InboundCall.open(side, { fire() {} }, { user: "9197", gateway: { host, port: Number(port) } });
  const refusesCalls = async () => {
    const health: unknown = await (await app.ask("/healthz")).json();
    const text = JSON.stringify(health);
    expect(text.includes('"status":"degraded"')).toBe(text.includes('"part":"load"'));
    expect(text.includes('"part":"load"')).toBe(text.includes('"refusesCalls":true'));
    return text.includes('"refusesCalls":true');
  };

  const working = systemClock.every(PERIOD_MS, work);
  await waitFor("the overload", () => app.lines.some((line) => line.startsWith("warn overload ")), 60_000);
  expect(await refusesCalls()).toBe(true);
  const refused = await callIn();
  await waitFor("the refusal", () => refused.outcome);
  expect(refused.outcome).toMatchObject({ kind: "refused", status: 503 });
  const { response } = await client.invite("9197");
  expect(`${response.data.code} ${response.data.msg}`).toBe("480 SWITCH_CONGESTION");

  working.cancel();
  await waitFor("its end", () => app.lines.some((line) => line.startsWith("info overload.over ")), 60_000);
  expect(await refusesCalls()).toBe(false);
  const taken = await callIn();
  await waitFor("the answer", () => taken.outcome?.kind === "answered");
  await taken.hangUp();
  side.close();
}, 180_000);
