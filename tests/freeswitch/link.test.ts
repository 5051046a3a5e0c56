import { describe, expect, test } from "bun:test";
import { EslLink } from "../../src/freeswitch/link.ts";
import { retryDelayMs } from "../../src/freeswitch/link-keeper.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { startFreeswitchPeer } from "../peers/freeswitch.ts";
import { waitFor } from "../peers/wait.ts";
import { errorCodeOf } from "../protocols/error-code.ts";
import { Rig, startRawServer, startRig } from "./rig.ts";

const SIGN_IN = [
  "auth ClueCon",
  "event json BACKGROUND_JOB CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_EXECUTE " +
    "CHANNEL_HANGUP_COMPLETE HEARTBEAT SHUTDOWN",
  "filter variable_nway_wx true",
  "filter Event-Name BACKGROUND_JOB",
  "filter Event-Name HEARTBEAT",
  "filter Event-Name SHUTDOWN",
  "api show channels as json",
];

describe("connecting", () => {
  test("signs in, subscribes and reconciles, once for each connection", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    await waitFor("the list of channels", () => peer.commands.length === SIGN_IN.length);
    expect(peer.commands).toEqual(SIGN_IN);
    peer.dropConnections();
    await rig.reconnect();
    await waitFor("the second list", () => peer.commands.length === 2 * SIGN_IN.length);
    expect(peer.commands).toEqual([...SIGN_IN, ...SIGN_IN]);
    expect(rig.client.status).toEqual({
      state: "up",
      problem: undefined,
      connectCount: 2,
      lossCount: 1,
      callCount: 0,
    });
  });

  test("a wrong password is said plainly, once, and tried again", async () => {
    await using peer = await startFreeswitchPeer({ password: "other" });
    await using rig = new Rig(peer.port);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await waitFor(
        "a refusal",
        () => rig.client.status.state === "waiting" && peer.connectionCount === attempt,
      );
      expect(rig.client.status.problem).toBe("esl.wrong-password");
      rig.clock.advance(10_000);
    }
    expect(rig.log).toEqual(["warn freeswitch.no-link why=esl.wrong-password retryMs=500"]);
    expect(peer.commands.every((command) => command === "auth ClueCon")).toBe(true);
  });

  test("so is an address that is not on FreeSWITCH's list", async () => {
    const words = "Access Denied, go away.\n";
    const text = `Content-Type: text/rude-rejection\nContent-Length: ${words.length}\n\n${words}`;
    await using server = await startRawServer((socket) => socket.end(text));
    await using rig = new Rig(server.port);
    await rig.waitUntilDown();
    expect(rig.client.status.problem).toBe("esl.not-on-the-access-list");
  });

  test("so is a FreeSWITCH that is not there", async () => {
    const peer = await startFreeswitchPeer();
    const { port } = peer;
    await peer[Symbol.asyncDispose]();
    await using rig = new Rig(port);
    await rig.waitUntilDown();
    expect(rig.client.status.problem).toBe("esl.unreachable");
    expect(rig.log[0]).toContain("ECONNREFUSED");
  });

  test("a password with a line end is refused at once: it would be a command", () => {
    expect(errorCodeOf(() => new Rig(1, "ClueCon\n\napi shutdown"))).toBe("esl.bad-password");
  });
});

describe("a link that is no good", () => {
  const greet = "Content-Type: auth/request\n\n";
  const reply = "Content-Type: command/reply\nReply-Text: +OK\n\n";

  test.each([
    ["says nothing", "", 10_000, "esl.no-greeting"],
    ["does not answer", greet, 10_000, "esl.no-reply"],
    ["is no event socket", "SSH-2.0-OpenSSH_9.2p1\r\n", 10_000, "esl.no-greeting"],
    ["announces an endless body", "Content-Length: 99999999\n\n", 0, "esl.body-too-long"],
    ["sends an endless head", "x".repeat(70_000), 0, "esl.head-too-long"],
    [
      "refuses the events",
      `${greet}${reply}${reply.replace("+OK", "-ERR no")}${reply.repeat(4)}`,
      0,
      "esl.subscription-refused",
    ],
    ["answers what nobody asked", `${greet}${reply.repeat(9)}`, 0, "esl.unexpected-reply"],
    [
      "takes a command for another",
      `${greet}Content-Type: api/response\nContent-Length: 3\n\n+OK`,
      0,
      "esl.unexpected-reply",
    ],
    ["says goodbye", `${greet}Content-Type: text/disconnect-notice\n\n`, 0, "esl.disconnected"],
  ])("one that %s", async (_, text, waitMs, code) => {
    let connected = 0;
    let heard = 0;
    await using server = await startRawServer((socket) => {
      connected++;
      // Each command in turn, so that no reply comes before its command.
      const [first = "", ...rest] = text.split(/(?<=\n\n)/);
      socket.write(first);
      socket.on("data", (bytes) => {
        heard += bytes.length;
        for (const _command of bytes.toString().split("\n\n").slice(1)) socket.write(rest.shift() ?? "");
        if (code === "esl.unexpected-reply") socket.write(rest.join(""));
      });
    });
    await using rig = new Rig(server.port);
    await waitFor("the connection", () => connected > 0);
    // The greeting has come before the clock moves on: it was answered.
    if (code === "esl.no-reply") await waitFor("a command", () => heard > 0);
    if (waitMs > 0) {
      // What was sent has arrived when the clock moves on.
      await waitFor("its end", () => {
        rig.clock.advance(waitMs);
        return rig.client.status.problem;
      });
    }
    await waitFor("its end", () => rig.client.status.problem);
    expect(rig.client.status.problem).toBe(code);
  });

  test("one that reads nothing is given up before it fills the memory", async () => {
    await using server = await startRawServer((socket) => socket.pause());
    const ends: string[] = [];
    const link = new EslLink({
      host: "127.0.0.1",
      port: server.port,
      password: "",
      clock: new FakeClock(),
      onEvent: () => {},
      onEnd: ({ code }) => ends.push(code),
    });
    const command = "x".repeat(100_000);
    const replies = Array.from({ length: 200 }, () => link.command(command));
    const outcomes = await Promise.allSettled(replies);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(ends).toEqual(["esl.not-reading"]);
  });

  test("one that is silent is asked, whatever its heartbeat; without an answer it ends", async () => {
    let isDeaf = false;
    let askedCount = 0;
    await using server = await startRawServer((socket) => {
      socket.write(greet);
      socket.on("data", (bytes) => {
        for (const command of bytes.toString().split("\n\n").slice(0, -1)) {
          if (command === "api uptime") askedCount++;
          const answer = command.startsWith("api ")
            ? "Content-Type: api/response\nContent-Length: 3\n\n+OK"
            : reply;
          if (!isDeaf) socket.write(answer);
        }
      });
    });
    await using rig = new Rig(server.port);
    const hears = async () => expect(await rig.client.hasModule("mod_sofia")).toBeDefined();
    await waitFor("the link", () => rig.client.status.state === "up");
    await hears();
    for (let i = 1; i <= 3; i++) {
      rig.clock.advance(30_000);
      await waitFor("the question", () => askedCount === i);
      // Its answer comes behind that to the question.
      await hears();
    }
    rig.clock.advance(20_000);
    await hears();
    expect([askedCount, rig.client.status.lossCount]).toEqual([3, 0]);
    isDeaf = true;
    rig.clock.advance(30_000);
    expect(rig.client.status.state).toBe("up");
    rig.clock.advance(10_000);
    expect(rig.client.status).toMatchObject({ problem: "esl.no-reply", lossCount: 1 });
  });

  test("the next attempts come 0.5 s to 10 s later", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((count) => retryDelayMs(count, 0))).toEqual([
      500, 1000, 2000, 4000, 5000, 5000, 5000,
    ]);
    expect([0, 1, 2, 3, 4, 50].map((count) => Math.round(retryDelayMs(count, 0.999999)))).toEqual([
      1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  test("a link that held begins anew with the shortest wait, one that did not goes on", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    const waits = () => rig.log.map((line) => /retryMs=(\d+)/.exec(line)?.[1]).filter(Boolean);
    for (let i = 0; i < 3; i++) {
      peer.dropConnections();
      await rig.reconnect();
    }
    expect(waits()).toEqual(["500", "1000", "2000"]);
    rig.clock.advance(10_000);
    peer.dropConnections();
    await rig.waitUntilDown();
    expect(waits().at(-1)).toBe("500");
  });
});

test("results of jobs that others started are not kept", async () => {
  await using both = await startRig();
  const { peer, rig } = both;
  const _body = "x".repeat(100_000);
  const heapAfter = async (count: number) => {
    for (let i = 0; i < count; i++)
      peer.fire({ "Event-Name": "BACKGROUND_JOB", "Job-UUID": peer.createUuid(), _body });
    expect(await rig.client.hasModule("mod_sofia")).toBe(true);
    Bun.gc(true);
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(20);
  expect((await heapAfter(500)) - before).toBeLessThan(20_000_000);
});

describe("the end", () => {
  test("leaves no timer and no connection; twice is safe", async () => {
    await using both = await startRig();
    const { peer, rig } = both;
    await rig.client[Symbol.asyncDispose]();
    await rig.client[Symbol.asyncDispose]();
    expect(rig.clock.timerCount).toBe(0);
    await waitFor("the peer to see it", () => peer.openConnectionCount === 0);
    rig.clock.advance(60_000);
    expect(rig.client.status.state).toBe("stopped");
    expect(peer.connectionCount).toBe(1);
  });

  test("in the middle of connecting, and of waiting", async () => {
    await using server = await startRawServer(() => {});
    const rig = new Rig(server.port);
    await rig.client[Symbol.asyncDispose]();
    expect(rig.clock.timerCount).toBe(0);
    const refused = new Rig(1);
    await refused.waitUntilDown();
    await refused.client[Symbol.asyncDispose]();
    expect(refused.clock.timerCount).toBe(0);
  });
});
