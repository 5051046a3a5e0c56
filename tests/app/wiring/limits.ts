import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { registerText } from "../../servers/signaling/gateway.ts";
import { openRawClient } from "../../servers/signaling/raw-client.ts";
import { type Ini, PASSWORD, RunningApp } from "../running-app.ts";
import type { Row } from "./row.ts";

const OFF_SECONDS = 4;
const PAST_OFF_MS = OFF_SECONDS * 1000 + 1000;

/** Of clients and calls: how many, and how long; the clock is the test's. */
export const limitRows: readonly Row[] = [
  {
    setting: "signaling.ping_seconds",
    value: "5",
    async observe(ini) {
      const clock = new FakeClock();
      await using app = await RunningApp.start(ini, clock);
      const client = await openRawClient(Number(app.addr("signaling")?.split(":")[1]));
      clock.advance(6000);
      client.sendText(registerText("lihao"));
      await waitFor("an answer behind the pings", () => client.text().includes("200ok"));
      client.destroy();
      return client.pingCount();
    },
    sees: 1,
  },
  {
    setting: "signaling.dead_seconds",
    value: "30",
    async observe(ini) {
      const clock = new FakeClock();
      await using app = await RunningApp.start(ini, clock);
      await using lihao = await app.register("lihao");
      clock.advance(31_000);
      return await Promise.race([
        lihao.closed.then(() => "dead"),
        lihao.request("option").then(() => "alive"),
      ]);
    },
    sees: "dead",
  },
  {
    setting: "signaling.max_clients",
    value: "1",
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      await using _ = await app.register("lihao");
      return await app.register("nway").then(
        async (nway) => {
          await nway.close();
          return "admitted";
        },
        () => "refused",
      );
    },
    sees: "refused",
  },
  {
    setting: "signaling.login_failures",
    value: "1",
    observe: (ini) => logInAfterMistake(ini, 0),
    sees: "locked out",
  },
  {
    setting: "signaling.lockout_seconds",
    value: String(OFF_SECONDS),
    beside: { signaling: { login_failures: "1" } },
    observe: (ini) => logInAfterMistake(ini, PAST_OFF_MS),
    sees: "200ok",
  },
  {
    setting: "calls.ring_seconds",
    value: String(OFF_SECONDS),
    async observe(ini) {
      const clock = new FakeClock();
      await using app = await RunningApp.start(ini, clock);
      await using lihao = await app.register("lihao");
      await using nway = await app.register("nway");
      await lihao.invite("nway");
      await nway.nextRequest("invite");
      clock.advance(PAST_OFF_MS);
      return await app.count("calls");
    },
    sees: 0,
  },
  {
    setting: "calls.resume_seconds",
    value: String(OFF_SECONDS),
    async observe(ini) {
      const clock = new FakeClock();
      await using app = await RunningApp.start(ini, clock);
      const lihao = await app.register("lihao");
      await lihao.invite("9196");
      lihao.terminate();
      const isHere = async () => (await (await app.ask("/api/users")).text()).includes('"address"');
      await waitFor("the loss to be seen", async () => !(await isHere()));
      clock.advance(PAST_OFF_MS);
      return await app.count("calls");
    },
    sees: 0,
  },
  {
    setting: "calls.media_lost_seconds",
    value: String(OFF_SECONDS),
    observe: async (ini) => (await talkSilently(ini, PAST_OFF_MS)).events.includes("media_lost"),
    sees: true,
  },
  {
    setting: "calls.media_timeout_seconds",
    value: "12",
    observe: async (ini) => (await talkSilently(ini, 13_000)).callCount,
    sees: 0,
  },
  {
    setting: "calls.max_calls",
    value: "1",
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      await using first = await app.register("lihao");
      await using second = await app.register("third");
      await first.invite("9196");
      return (await second.invite("9196")).response.data.code === "200ok";
    },
    sees: false,
  },
  {
    setting: "calls.calls_per_minute",
    value: "1",
    observe: (ini) => callTwice(ini),
    sees: "SWITCH_CONGESTION",
  },
  {
    setting: "calls.calls_per_minute_per_user",
    value: "1",
    observe: (ini) => callTwice(ini),
    sees: "OUTGOING_CALL_BARRED",
  },
  {
    setting: "calls.max_calls_per_user",
    value: "2",
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      await using lihao = await app.register("lihao");
      await using third = await app.register("third");
      await using nway = await app.register("nway");
      await lihao.invite("nway");
      await nway.nextRequest("invite");
      return (await third.invite("nway")).response.data.code === "200ok";
    },
    sees: true,
  },
];

/** One wrong password, some time, and the right one. */
async function logInAfterMistake(ini: Ini, laterMs: number): Promise<string> {
  const clock = new FakeClock();
  await using app = await RunningApp.start(ini, clock);
  await using lihao = await app.connect("lihao");
  await lihao.register(`not ${PASSWORD}`);
  clock.advance(laterMs);
  const { code } = (await lihao.register(PASSWORD)).data;
  return code === "200ok" ? code : "locked out";
}

/** A call in which nobody ever pushes anything: what the caller was told, and whether it lives. */
async function talkSilently(ini: Ini, forMs: number) {
  const clock = new FakeClock();
  const events: (string | undefined)[] = [];
  await using app = await RunningApp.start(ini, clock);
  await using lihao = await app.register("lihao", {
    onRequest: ({ data }) => {
      events.push(data.event);
      return undefined;
    },
  });
  await using nway = await app.register("nway");
  const { sessionid } = await lihao.invite("nway");
  await nway.nextRequest("invite");
  await nway.answer(sessionid);
  await lihao.nextRequest("answer");
  clock.advance(forMs);
  await lihao.request("option");
  return { events, callCount: await app.count("calls") };
}

/** lihao calls the echo, hangs up and calls again: the answer. */
async function callTwice(ini: Ini): Promise<string> {
  await using app = await RunningApp.start(ini);
  await using lihao = await app.register("lihao");
  const { sessionid } = await lihao.invite("9196");
  await lihao.bye(sessionid);
  return (await lihao.invite("9196")).response.data.msg;
}
