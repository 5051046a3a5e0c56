import { describe, expect, test } from "bun:test";
import { encodeRequest } from "../../../src/protocols/signaling/codec.ts";
import type { Request } from "../../../src/protocols/signaling/message.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { type Gateway, PASSWORD, startGateway } from "./gateway.ts";
import { openRawClient } from "./raw-client.ts";

function portOf({ url }: Gateway): number {
  return Number(new URL(url).port);
}

function registerText(user: string): string {
  return encodeRequest({
    ...{ type: "request", method: "register", version: "1.0", sessionid: "r", order: 1 },
    ...{ appname: "wx", protoname: "rtmp", realm: "", data: { caller_number: user, password: PASSWORD } },
  });
}

describe("register", () => {
  test("option works before, everything else is 401", async () => {
    await using gateway = startGateway();
    await using client = await gateway.connect("lihao");
    expect((await client.request("option")).data).toMatchObject({ code: "200ok", msg: "OK" });
    for (const method of ["invite", "answer", "cancel", "bye", "message"] as const) {
      const { data } = await client.request(method, { data: { callee_number: "nway", msg: "x" } });
      expect(data.code).toBe("401");
    }
  });

  test("with version, appname and address it stands in the listing, and the password nowhere", async () => {
    await using gateway = startGateway({ users: ["lihao"] });
    await using client = await gateway.connect("lihao", { appname: "hd-machine", version: "1.0" });
    expect((await client.register("wr0ng-secret")).data).toMatchObject({ code: "401", msg: "bad password" });
    expect((await client.register(PASSWORD)).data.code).toBe("200ok");
    expect(gateway.clients.snapshot()).toMatchObject([
      {
        user: "lihao",
        appname: "hd-machine",
        version: "1.0",
        connected: true,
        from: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
    ]);
    expect(gateway.lines.join("")).not.toMatch(/wr0ng-secret|1234\b.*password/);
  });

  test("repeated failures lock user and address out, for a while", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using client = await gateway.connect("lihao");
    for (let failure = 0; failure < 5; failure++) {
      expect((await client.register("wrong")).data.code).toBe("401");
    }
    const locked = { code: "403", msg: "locked out after repeated failures" };
    expect((await client.register(PASSWORD)).data).toMatchObject(locked);
    expect((await (await gateway.connect("nway")).register(PASSWORD)).data).toMatchObject(locked);
    clock.advance(60_000);
    await using late = await gateway.connect("lihao");
    expect((await late.register(PASSWORD)).data.code).toBe("200ok");
  });

  test("frames that come while a directory is asked wait for it", async () => {
    const asked = Promise.withResolvers<boolean>();
    await using gateway = startGateway({ directory: { verify: () => asked.promise, has: async () => true } });
    await using client = await gateway.connect("lihao");
    const registered = client.register(PASSWORD);
    const invited = client.invite("nway");
    asked.resolve(true);
    expect((await registered).data.code).toBe("200ok");
    expect((await invited).response.data).toMatchObject({ code: "480", msg: "USER_NOT_REGISTERED" });
  });

  test("a directory that fails costs the connection, not the server", async () => {
    const verify = (user: string) => {
      if (user === "thrown") throw new Error("no database");
      return Promise.reject(new Error("no database"));
    };
    await using gateway = startGateway({ directory: { verify, has: () => true } });
    for (const user of ["thrown", "rejected"]) {
      const client = await gateway.connect(user);
      client.register(PASSWORD).catch(() => {});
      expect((await client.closed).code).toBe(1011);
    }
    expect(gateway.lines.filter((line) => line.includes(" error signaling.fault "))).toHaveLength(2);
    await using client = await gateway.connect("lihao");
    expect((await client.request("option")).data.code).toBe("200ok");
  });

  test("another user on the same socket leaves the first", async () => {
    await using gateway = startGateway();
    await using client = await gateway.register("lihao");
    await client.request("register", { data: { caller_number: "nway", password: PASSWORD } });
    expect(gateway.clients.snapshot().map(({ user }) => user)).toEqual(["nway"]);
  });
});

describe("retransmission", () => {
  test("the same request is answered the same, and nothing is done twice", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using nway = await gateway.register("nway");
    const fields = { sessionid: "s1", order: 7, data: { callee_number: "nway" } };
    const first = await lihao.request("invite", fields);
    expect(await lihao.request("invite", fields)).toEqual(first);
    expect(await lihao.request("invite", { ...fields, order: 8 })).toMatchObject({ data: { code: "506" } });
    await nway.nextRequest("invite");
    expect(await nway.request("answer", { sessionid: "s1", order: 1 })).toMatchObject({
      data: { code: "200ok" },
    });
    expect(await nway.request("answer", { sessionid: "s1", order: 1 })).toMatchObject({
      data: { code: "200ok" },
    });
    expect(await nway.request("answer", { sessionid: "s1", order: 2 })).toMatchObject({
      data: { code: "506" },
    });
    expect(gateway.calls.size).toBe(1);
    expect(gateway.lines.filter((line) => line.includes(" call.created "))).toHaveLength(1);
  });

  test("the memory of responses is bounded, oldest forgotten first", async () => {
    await using gateway = startGateway();
    await using client = await gateway.register("lihao");
    for (let order = 1; order <= 200; order++) {
      await client.request("message", { sessionid: "s", order, data: { callee_number: "nway", msg: "x" } });
    }
    expect(gateway.clients.find("lihao")?.responses.size).toBe(64);
  });

  test("our requests are repeated until answered, in the version the peer registered with", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const nway = await openRawClient(portOf(gateway));
    nway.sendText(registerText("nway"));
    await waitFor("both registrations", () => gateway.clients.size === 2);
    await lihao.invite("nway", {}, "s1");
    const count = () =>
      nway.text().split('"method":"invite","version":"1.0","sessionid":"s1","order":1').length - 1;
    for (let attempt = 1; attempt <= 5; attempt++) {
      await waitFor("the repeated invite", () => count() === attempt);
      clock.advance(2_000);
    }
    const bye = await lihao.nextRequest("bye", "s1");
    expect(bye.data).toMatchObject({ code: "480", msg: "NO_USER_RESPONSE", cause: "NO_USER_RESPONSE" });
    expect(count()).toBe(5);
    nway.destroy();
  });
});

describe("a socket that is lost or replaced", () => {
  test("a newer registration closes the older socket with 4001 and takes its call over", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using older = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await older.nextRequest("invite", sessionid);
    await using newer = await gateway.register("nway");
    expect(await older.closed).toEqual({ code: 4001, reason: "replaced" });
    expect((await newer.answer(sessionid)).data.code).toBe("200ok");
    expect(gateway.calls.snapshot()).toMatchObject([{ state: "talking", calleeAway: false }]);
    expect(gateway.clients.size).toBe(2);
  });

  test("what was waiting comes in order after the next registration, and a response is still known", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const lost = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await lost.nextRequest("invite", sessionid);
    const answered = await lost.request("answer", { sessionid, order: 5 });
    lost.terminate();
    await waitFor("the callee's lost socket", () => gateway.calls.snapshot()[0]?.calleeAway === true);
    for (const msg of ["one", "two", "three"]) await lihao.message(sessionid, "nway", msg);
    clock.advance(29_000);
    const seen: string[] = [];
    const onRequest = ({ data }: Request) => void (data.event === undefined && seen.push(data.msg ?? ""));
    await using back = await gateway.connect("nway", { onRequest });
    expect((await back.register(PASSWORD)).data.code).toBe("200ok");
    await waitFor("three messages", () => seen.length === 3);
    expect(seen).toEqual(["one", "two", "three"]);
    expect(await back.request("answer", { sessionid, order: 5 })).toEqual(answered);
    expect(gateway.calls.snapshot()).toMatchObject([{ state: "talking", calleeAway: false }]);
    await lihao.bye(sessionid);
    expect((await back.nextRequest("bye", sessionid)).data.code).toBe("200ok");
  });

  test("whoever stays away too long has hung up", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const lost = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await lost.nextRequest("invite", sessionid);
    await lost.answer(sessionid);
    lost.terminate();
    await waitFor("the callee's lost socket", () => gateway.calls.snapshot()[0]?.calleeAway === true);
    for (const stream of gateway.media.streams.values()) stream.frameAtMs = 25_000;
    clock.advance(31_000);
    const bye = await lihao.nextRequest("bye", sessionid);
    expect(bye.data).toMatchObject({ code: "480", msg: "RECOVERY_ON_TIMER_EXPIRE" });
    expect(gateway.clients.snapshot().map(({ user }) => user)).toEqual(["lihao"]);
  });

  test("waiting requests are bounded, the oldest given up", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const lost = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await lost.nextRequest("invite", sessionid);
    lost.terminate();
    await waitFor("the callee's lost socket", () => gateway.calls.snapshot()[0]?.calleeAway === true);
    for (let index = 0; index < 100; index++) await lihao.message(sessionid, "nway", `${index}`);
    expect(gateway.clients.find("nway")?.waitingCount).toBe(64);
    expect(gateway.lines.some((line) => line.includes(" warn signaling.request-dropped "))).toBe(true);
  });

  test("so are their bytes", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const lost = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await lost.nextRequest("invite", sessionid);
    lost.terminate();
    await waitFor("the callee's lost socket", () => gateway.calls.snapshot()[0]?.calleeAway === true);
    for (let index = 0; index < 20; index++) await lihao.message(sessionid, "nway", "x".repeat(30_000));
    expect(gateway.clients.find("nway")?.waitingCount).toBe(8);
  });

  test("without calls nobody is waited for", async () => {
    await using gateway = startGateway();
    const client = await gateway.register("lihao");
    await client.close();
    await waitFor("no registration", () => gateway.clients.size === 0);
  });
});

describe("limits", () => {
  test("64 KiB are read, a byte more is answered 505 and closed with 1009", async () => {
    await using gateway = startGateway();
    const client = await gateway.connect("lihao");
    const shell = JSON.stringify({
      type: "request",
      method: "option",
      version: "1.0",
      sessionid: "s",
      order: 1,
      pad: "",
    });
    const fill = (byteCount: number) => shell.replace('""', `"${"x".repeat(byteCount - shell.length)}"`);
    const answer = client.request("option", { sessionid: "s", order: 1 });
    client.send(fill(65_536));
    expect((await answer).data.code).toBe("200ok");
    client.send(fill(65_537));
    expect((await client.closed).code).toBe(1009);
  });

  test("too many bytes in few characters count as bytes", async () => {
    await using gateway = startGateway();
    const client = await gateway.connect("lihao");
    client.send("漢".repeat(30_000));
    expect((await client.closed).code).toBe(1009);
  });

  test("a binary frame is answered 505 and closed with 1003", async () => {
    await using gateway = startGateway();
    const texts: string[] = [];
    const socket = new WebSocket(gateway.url);
    const closed = Promise.withResolvers<number>();
    socket.onmessage = ({ data }) => void texts.push(String(data));
    socket.onclose = ({ code }) => closed.resolve(code);
    socket.onopen = () => socket.send(new Uint8Array(3));
    expect(await closed.promise).toBe(1003);
    expect(texts.map((text) => JSON.parse(text))).toMatchObject([
      { type: "response", data: { code: "505" } },
    ]);
  });

  test("what can't be parsed is answered, and the socket stays", async () => {
    await using gateway = startGateway();
    await using client = await gateway.connect("lihao");
    client.send("{");
    client.send('{"type":"response"}');
    expect((await client.request("option")).data.code).toBe("200ok");
  });

  test("a client that does not read is dropped", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const deaf = await openRawClient(portOf(gateway));
    deaf.sendText(registerText("nway"));
    await waitFor("both registrations", () => gateway.clients.size === 2);
    deaf.stopReading();
    const msg = "x".repeat(30_000);
    await waitFor("the deaf client's end", async () => {
      for (let index = 0; index < 20; index++) await lihao.message(`m${index}`, "nway", msg);
      return gateway.clients.size === 1;
    });
    deaf.destroy();
  });

  test("other paths, plain HTTP and too many clients are refused", async () => {
    await using gateway = startGateway({ maxClients: 1 });
    const http = gateway.url.replace("ws:", "http:");
    expect((await fetch(http)).status).toBe(426);
    expect((await fetch(http.replace("/ws", "/other"))).status).toBe(404);
    await using root = await gateway.connect("lihao", { url: gateway.url.replace("/ws", "/") });
    expect((await root.request("option")).data.code).toBe("200ok");
    const upgrade = {
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": "x",
      "Sec-WebSocket-Version": "13",
    };
    expect((await fetch(http, { headers: upgrade })).status).toBe(503);
  });
});

describe("keep-alive", () => {
  test("a ping every 20 s; a pong is enough to stay, silence for 60 s is not", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    const client = await openRawClient(portOf(gateway));
    client.sendText(registerText("nway"));
    await waitFor("one registration", () => gateway.clients.size === 1);
    for (let ping = 1; ping <= 4; ping++) {
      clock.advance(20_000);
      await waitFor("the ping", () => client.pingCount() === ping);
      client.sendPong();
      await waitFor("the pong", () => gateway.clients.snapshot()[0]?.idleMs === 0);
    }
    clock.advance(59_000);
    expect(gateway.clients.size).toBe(1);
    clock.advance(1_000);
    await waitFor("no registration", () => gateway.clients.size === 0);
    await client.closed;
  });
});

describe("stopping", () => {
  test("ends calls, closes sockets with 1001, and leaves no timer; twice is safe", async () => {
    const clock = new FakeClock();
    const gateway = startGateway({ clock });
    const lihao = await gateway.register("lihao");
    const nway = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await nway.nextRequest("invite", sessionid);
    const byes = lihao.nextRequest("bye", sessionid);
    await Promise.all([gateway.stop(), gateway.stop()]);
    expect((await byes).data).toMatchObject({ code: "480", msg: "SYSTEM_SHUTDOWN" });
    expect([(await lihao.closed).code, (await nway.closed).code]).toEqual([1001, 1001]);
    expect([gateway.calls.size, gateway.clients.size, clock.timerCount]).toEqual([0, 0, 0]);
  });
});

test("URLs name the host by which each client reached us", async () => {
  await using gateway = startGateway();
  await using nway = await gateway.register("nway", { url: gateway.url.replace("127.0.0.1", "localhost") });
  await using lihao = await gateway.register("lihao");
  const { response, sessionid } = await lihao.invite("nway");
  expect(response.data.caller_url).toStartWith("rtmp://127.0.0.1:1935/live/");
  expect((await nway.nextRequest("invite", sessionid)).data.caller_url).toStartWith(
    "rtmp://localhost:1935/live/",
  );
  const tokens = gateway.lines.join("").match(/[0-9a-f]{32}/g);
  expect(tokens).toBeNull();
});

test("2,000 rounds of connect, call and disconnect leave nothing behind", async () => {
  const clock = new FakeClock();
  await using gateway = startGateway({ clock });
  const timerCount = clock.timerCount;
  const round = async () => {
    const [lihao, nway] = await Promise.all([gateway.register("lihao"), gateway.register("nway")]);
    const { sessionid } = await lihao.invite("nway");
    await nway.nextRequest("invite", sessionid);
    await nway.answer(sessionid);
    await lihao.bye(sessionid);
    await Promise.all([lihao.close(), nway.close()]);
    gateway.lines.length = 0;
  };
  for (let index = 0; index < 300; index++) await round();
  await waitFor("no registration", () => gateway.clients.size === 0);
  Bun.gc(true);
  const heapBytes = process.memoryUsage().heapUsed;
  for (let index = 0; index < 1_700; index++) await round();
  await waitFor("no registration", () => gateway.clients.size === 0);
  Bun.gc(true);
  expect([gateway.calls.size, gateway.keys.size, gateway.media.streams.size]).toEqual([0, 0, 0]);
  expect(clock.timerCount).toBe(timerCount);
  expect(process.memoryUsage().heapUsed - heapBytes).toBeLessThan(2_000_000);
}, 60_000);
