import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { FakeClock } from "../fakes/fake-clock.ts";
import { startFreeswitchPeer } from "../peers/freeswitch.ts";
import { waitFor } from "../peers/wait.ts";
import { type Ini, RunningApp } from "./running-app.ts";
import { callEcho } from "./wiring/sip-caller.ts";

const NAMES = ["rtmp", "flv", "sip", "signaling", "api"];

async function isOpen(addr: string): Promise<boolean> {
  const [host = "", port = ""] = addr.split(":");
  const outcome = Promise.withResolvers<boolean>();
  const socket = connect(Number(port), host, () => outcome.resolve(true));
  socket.on("error", () => outcome.resolve(false));
  const found = await outcome.promise;
  socket.destroy();
  return found;
}

/** Where a gateway could listen: free a moment ago, and of an address that only this test uses. */
const HOST = `127.200.${(process.pid >> 8) & 255}.${process.pid & 255}`;
const PLACES: Ini = {
  media: { rtmp_addr: `${HOST}:21001` },
  settings: { ip_port: `${HOST}:21002` },
  sip: { addr: `${HOST}:21003` },
  server: { addr: `${HOST}:21004` },
  api: { addr: `${HOST}:21005` },
};
const ADDRS = [21_001, 21_002, 21_003, 21_004, 21_005].map((port) => `${HOST}:${port}`);

async function openAddrs(): Promise<string[]> {
  const open = await Promise.all(ADDRS.map(isOpen));
  return ADDRS.filter((_, index) => open[index]);
}

async function waitUntilLinked(app: RunningApp): Promise<void> {
  await waitFor("the link", async () => (await (await app.ask("/healthz")).text()).includes('"up"'));
}

describe("the whole gateway", () => {
  test("listens in the order of its start, and says so", async () => {
    await using app = await RunningApp.start(PLACES);
    expect(app.app.listening).toEqual(NAMES.map((name, index) => ({ name, addr: ADDRS[index] ?? "" })));
    const said = app.lines.filter((line) => line.startsWith("info listen "));
    expect(said).toEqual(NAMES.map((name, index) => `info listen name=${name} addr=${ADDRS[index]}`));
  });

  test("leaves nothing behind: no listener and no timer, and stopping twice is safe", async () => {
    const clock = new FakeClock();
    await using peer = await startFreeswitchPeer();
    const telephone = { fs_esl_ip: `127.0.0.1:${peer.port}` };
    await using app = await RunningApp.start(
      { ...PLACES, server: { ...PLACES.server, ...telephone } },
      clock,
    );
    await waitFor("the link", () => peer.openConnectionCount === 1);
    expect(await openAddrs()).toEqual(ADDRS);
    expect(clock.timerCount).toBeGreaterThan(0);
    await app[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
    expect(await openAddrs()).toEqual([]);
    await waitFor("the end of the link", () => peer.openConnectionCount === 0);
    expect(clock.timerCount).toBe(0);
  });

  test.each(NAMES.map((name, index) => [name, index] as const))(
    "where %s cannot listen, what started before it is stopped",
    async (_, index) => {
      const port = Number(ADDRS[index]?.split(":")[1]);
      using stack = new DisposableStack();
      const taken = Bun.listen({ hostname: HOST, port, socket: { data() {} } });
      stack.defer(() => void taken.stop(true));
      const clock = new FakeClock();
      const thrown: unknown = await RunningApp.start(PLACES, clock).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(thrown).toBeInstanceOf(Error);
      expect(await openAddrs()).toEqual([`${HOST}:${port}`]);
      expect(clock.timerCount).toBe(0);
    },
  );

  test("a client that is there when it stops is told so, and its call has ended in order", async () => {
    await using app = await RunningApp.start({});
    await using lihao = await app.register("lihao");
    const { sessionid } = await lihao.invite("9196");
    await app[Symbol.asyncDispose]();
    expect((await lihao.nextRequest("bye", sessionid)).data).toMatchObject({ msg: "SYSTEM_SHUTDOWN" });
    expect(await lihao.closed).toEqual({ code: 1001, reason: "shutdown" });
  });
});

describe("its telephone side", () => {
  test("without FreeSWITCH health has no word of one, and numbers lead nowhere", async () => {
    await using app = await RunningApp.start({});
    expect(await (await app.ask("/healthz")).json()).not.toHaveProperty("freeswitch");
    await using lihao = await app.register("lihao");
    expect((await lihao.invite("13800000000")).response.data.code).not.toBe("200ok");
  });

  test("FreeSWITCH may call though [sip] allow does not name it", async () => {
    await using peer = await startFreeswitchPeer();
    await using app = await RunningApp.start({
      server: { fs_esl_ip: `127.0.0.1:${peer.port}` },
      sip: { allow: "192.0.2.0/24" },
    });
    await waitUntilLinked(app);
    expect(await callEcho(app)).toContain("SIP/2.0 200");
  });

  test("a gateway rings as long as [calls] ring_seconds, and is offered the codecs of [rtp]", async () => {
    await using peer = await startFreeswitchPeer({ gateways: { gw1: "up" } });
    await using app = await RunningApp.start({
      server: { fs_esl_ip: `127.0.0.1:${peer.port}`, use_callout: "true", callout_gateway: "gw1" },
      calls: { ring_seconds: "17" },
      rtp: { codecs: "pcmu,pcma" },
    });
    await waitUntilLinked(app);
    await using lihao = await app.register("lihao");
    await lihao.invite("13800000000");
    const originate = await waitFor("originate", () =>
      peer.commands.find((line) => line.includes("originate ")),
    );
    expect(originate).toContain("leg_timeout=17");
    expect(originate).toContain("absolute_codec_string=^^:PCMU:PCMA");
  });
});
