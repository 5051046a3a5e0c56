import { describe, expect, test } from "bun:test";
import { encodeRequest } from "../../../src/protocols/signaling/codec.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { OWN_ADDRESS, PASSWORD, registerText, startGateway } from "./gateway.ts";
import { openRawClient } from "./raw-client.ts";

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

  test("too many frames while one is being judged: closed with 1013", async () => {
    const asked = Promise.withResolvers<undefined>();
    await using gateway = startGateway({ directory: { find: () => asked.promise } });
    const client = await gateway.connect("lihao");
    for (let order = 1; order <= 40; order++) client.send(registerText("lihao", PASSWORD, order));
    expect((await client.closed).code).toBe(1013);
    asked.resolve(undefined);
  });

  test("a client that does not read is dropped", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const deaf = await openRawClient(gateway.port);
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
    const client = await openRawClient(gateway.port);
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

test("realm names the host if it is one of our own addresses", async () => {
  await using gateway = startGateway();
  await using lihao = await gateway.register("lihao");
  const invite = async (realm: string) => {
    const sessionid = crypto.randomUUID();
    const envelope = {
      type: "request",
      method: "invite",
      version: "1.1",
      sessionid,
      order: 1,
      appname: "wx",
    } as const;
    const data = { caller_number: "lihao", callee_number: "9196" };
    lihao.send(encodeRequest({ ...envelope, protoname: "rtmp", realm, data }));
    const { caller_url = "" } = (await lihao.nextRequest("answer", sessionid)).data;
    await lihao.bye(sessionid);
    return new URL(caller_url).hostname;
  };
  expect(await invite(OWN_ADDRESS)).toBe(OWN_ADDRESS);
  expect(await invite("203.0.113.9")).toBe("127.0.0.1");
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
}, 180_000);
