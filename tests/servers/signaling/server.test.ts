import { describe, expect, test } from "bun:test";
import { encodeRequest } from "../../../src/protocols/signaling/codec.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { OWN_ADDRESS, PASSWORD, registerText, startGateway } from "./gateway.ts";
import { openRawClient, type RawClient } from "./raw-client.ts";

describe("limits", () => {
  test("64 KiB are read, a byte more is answered 505 and closed with 1009", async () => {
    await using gateway = startGateway();
    const client = await gateway.register("lihao");
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
    const client = await gateway.register("lihao");
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
    let isAsked = false;
    const find = (name: string) => (isAsked ? asked.promise : { name, secret: PASSWORD, enabled: true });
    await using gateway = startGateway({ directory: { find } });
    const client = await gateway.register("lihao");
    isAsked = true;
    for (let order = 1; order <= 40; order++) client.send(registerText("lihao", PASSWORD, order));
    expect((await client.closed).code).toBe(1013);
    asked.resolve(undefined);
  });

  test.each([
    ["requests", (client: RawClient) => client.sendText('{"type":"request"}')],
    ["pongs", (client: RawClient) => client.sendPong()],
  ])("%s of somebody who has not registered: 20 are taken, then it is closed with 1013", async (_, send) => {
    await using gateway = startGateway({ clock: new FakeClock() });
    const client = await openRawClient(gateway.port);
    for (let count = 0; count < 21; count++) send(client);
    await waitFor("the close frame", () => client.text().includes("\x03\xf5too many frames"));
    expect(client.text().split('"code":"50').length - 1).toBeLessThanOrEqual(20);
    expect(gateway.lines.filter((line) => line.includes(" warn signaling.too-many-frames "))).toHaveLength(1);
    client.destroy();
  });

  test("somebody who has not registered may send 4 KiB, and altogether no more than 64", async () => {
    await using gateway = startGateway();
    const pad = (length: number) => JSON.stringify({ type: "request", pad: "x".repeat(length) });
    const long = await gateway.connect("lihao");
    long.send(pad(4_096));
    expect((await long.closed).code).toBe(1009);
    const many = await gateway.connect("lihao");
    for (let count = 0; count < 17; count++) many.send(pad(4_000));
    await many.closed;
    expect(gateway.lines.join("")).toContain("signaling.too-much-unregistered");
  });

  test("whoever has not registered after ten seconds is cut off, though it answers pings", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    const client = await openRawClient(gateway.port);
    await waitFor("the connection", () => gateway.connectionCount() === 1);
    clock.advance(9_999);
    client.sendPong();
    expect(gateway.connectionCount()).toBe(1);
    clock.advance(1);
    await client.closed;
    expect(gateway.lines.join("")).toContain(" info signaling.unintroduced ");
  });

  test("text that is not UTF-8 is closed with 1007", async () => {
    await using gateway = startGateway();
    const client = await openRawClient(gateway.port);
    client.sendBytes(Uint8Array.of(0xff));
    await waitFor("the close frame", () => client.text().includes("\x03\xefnot UTF-8"));
    client.destroy();
  });

  test("a client that does not read is given no more texts than it takes, and stays registered", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using third = await gateway.register("third");
    const deaf = await openRawClient(gateway.port);
    deaf.sendText(registerText("nway"));
    await waitFor("all registrations", () => gateway.clients.size === 3);
    deaf.stopReading();
    const msg = "x".repeat(20_000);
    const answers: string[] = [];
    for (let index = 0; index < 100; index++) {
      const { data } = await lihao.message(`m${index}`, "nway", msg);
      answers.push(`${data.code} ${data.msg}`);
    }
    expect(answers.slice(0, 3)).toEqual(["200ok OK", "200ok OK", "200ok OK"]);
    expect(answers.slice(3).every((answer) => answer === "480 SWITCH_CONGESTION")).toBe(true);
    expect((await third.message("t", "nway", "hello")).data.code).toBe("200ok");
    expect(gateway.clients.size).toBe(3);
    deaf.readOn();
    await waitFor("the texts", () => deaf.text().includes("hello"));
    deaf.destroy();
  });

  test("other paths, plain HTTP, bad handshakes and too many clients are refused", async () => {
    await using gateway = startGateway({ maxClients: 1 });
    const http = gateway.url.replace("ws:", "http:");
    expect((await fetch(http)).status).toBe(426);
    expect((await fetch(http.replace("/ws", "/other"))).status).toBe(404);
    const upgrade = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Key": "x" };
    expect((await fetch(http, { headers: upgrade })).status).toBe(400);
    await using root = await gateway.register("lihao", { url: gateway.url.replace("/ws", "/") });
    expect((await root.request("option")).data.code).toBe("200ok");
    await expect(gateway.connect("nway")).rejects.toThrow();
    expect(gateway.lines.join("")).toContain(" warn signaling.too-many-connections from=127.0.0.1 limit=1");
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

test("URLs name the address by which the client reached us where its Host header names none", async () => {
  await using gateway = startGateway({ host: "0.0.0.0" });
  const client = await openRawClient(gateway.port, "127.0.0.1", "no host!");
  client.sendText(registerText("lihao"));
  const data = { caller_number: "lihao", callee_number: "9196" };
  const envelope = { type: "request", method: "invite", version: "1.0", sessionid: "s", order: 1 } as const;
  client.sendText(encodeRequest({ ...envelope, appname: "wx", protoname: "rtmp", realm: "", data }));
  await waitFor("the URLs", () => client.text().includes('"caller_url":"rtmp://127.0.0.1:1935/live/'));
  client.destroy();
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
