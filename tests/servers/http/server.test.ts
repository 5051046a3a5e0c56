import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { systemClock } from "../../../src/clock.ts";
import { AppError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/log.ts";
import { createEntry } from "../../../src/servers/access/entry.ts";
import { type HttpApiOptions, startHttpApi } from "../../../src/servers/http/server.ts";
import { openLanes } from "../../../src/servers/tcp/turns.ts";
import { IDLE_DESK, SAMPLE_SOURCES } from "./sample-sources.ts";

function start(options: Partial<HttpApiOptions> = {}) {
  return startHttpApi({
    host: "127.0.0.1",
    port: 0,
    entry: createEntry({ allow: undefined, deny: ["192.0.2.0/24"], trustedProxies: ["127.0.0.1"] }),
    token: undefined,
    sources: SAMPLE_SOURCES,
    desk: IDLE_DESK,
    version: "1.2.3",
    lanes: openLanes(systemClock),
    clock: systemClock,
    log: silentLogger,
    ...options,
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof AppError) return `${thrown.fault} ${thrown.code}`;
    throw thrown;
  }
  return "nothing thrown";
}

describe("startHttpApi", () => {
  test("answers over a socket until it is disposed, and disposing twice is safe", async () => {
    const api = start();
    const url = `http://127.0.0.1:${api.port}/healthz`;
    expect((await fetch(url)).status).toBe(200);
    await api[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    expect(await fetch(url).catch(() => "refused")).toBe("refused");
  });

  test("sees the Host header that the client really sent", async () => {
    await using api = start();
    const url = `http://127.0.0.1:${api.port}/healthz`;
    expect((await fetch(url, { headers: { host: "evil.example" } })).status).toBe(403);
  });

  test("answers an HTTP/1.0 client that names no host", async () => {
    await using api = start();
    const socket = connect(api.port, "127.0.0.1");
    socket.write("GET /healthz HTTP/1.0\r\n\r\n");
    const [head] = await once(socket, "data");
    expect(String(head)).toStartWith("HTTP/1.1 200 ");
    socket.destroy();
  });

  test.each(["0.0.0.0", "192.168.1.5", "::", "gateway.example"])("refuses %s without a token", (host) => {
    expect(codeOf(() => start({ host }))).toBe("config http.needs-token");
  });

  test("asks for the token wherever others can reach it, but for /healthz", async () => {
    await using api = start({ host: "0.0.0.0", token: "0123456789abcdef" });
    const ask = async (path: string, headers = {}) =>
      (await fetch(`http://127.0.0.1:${api.port}${path}`, { headers: { host: "gw.example", ...headers } }))
        .status;
    const authorization = "Bearer 0123456789abcdef";
    expect(await ask("/healthz")).toBe(200);
    for (const path of ["/api/calls", "/api/records", "/openapi.json"]) {
      expect([await ask(path), await ask(path, { authorization })]).toEqual([401, 200]);
    }
  });

  test("does not read a body that is longer than any order", async () => {
    await using api = start({ token: "0123456789abcdef" });
    const options = { method: "POST", body: "x".repeat(8193) };
    const response = await fetch(`http://127.0.0.1:${api.port}/api/calls`, options);
    expect(response.status).toBe(413);
  });

  test.each([
    [
      "a body without a length",
      "POST /api/calls HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
      "411",
    ],
    ["what is no HTTP", "nonsense\r\n\r\n", "400"],
    ["an endless head", `GET / HTTP/1.1\r\nX: ${"y".repeat(9_000)}`, "431"],
  ])("refuses %s", async (_, request, status) => {
    await using api = start();
    const socket = connect(api.port, "127.0.0.1");
    socket.write(request);
    const [head] = await once(socket, "data");
    expect(String(head)).toStartWith(`HTTP/1.1 ${status} `);
    socket.destroy();
  });

  test("answers one request of a connection, whatever follows it, and takes a body in pieces", async () => {
    await using api = start({ token: "0123456789abcdef" });
    const answersTo = async (...pieces: string[]) => {
      const socket = connect(api.port, "127.0.0.1");
      const answers: string[] = [];
      socket.on("data", (bytes) => void answers.push(String(bytes)));
      for (const piece of pieces) socket.write(piece);
      await once(socket, "close");
      return answers.join("").match(/^HTTP\/1\.1 \d+/gm);
    };
    expect(await answersTo("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(100))).toEqual([
      "HTTP/1.1 200",
    ]);
    const head = "POST /api/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\n";
    expect(await answersTo(head, "{", "}  ")).toEqual(["HTTP/1.1 401"]);
  });

  test("says when the port is taken", async () => {
    await using first = start();
    expect(codeOf(() => start({ port: first.port }))).toBe("environment http.cannot-listen");
  });

  test("listens on IPv6 too", async () => {
    await using api = start({ host: "::1" });
    expect((await fetch(`http://[::1]:${api.port}/healthz`)).status).toBe(200);
  });
});

test("a client that [acl] does not admit is refused, also behind a proxy", async () => {
  await using api = start();
  const ask = (client: string) =>
    fetch(`http://127.0.0.1:${api.port}/healthz`, {
      headers: { "X-Forwarded-For": client },
      keepalive: false,
    });
  expect((await ask("192.0.2.7")).status).toBe(403);
  expect((await ask("198.51.100.7")).status).toBe(200);
});
