import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { systemClock } from "../../../src/clock.ts";
import { AppError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/log.ts";
import type { IncomingInvite } from "../../../src/protocols/sip/incoming-invite.ts";
import { SipServer, type SipServerOptions } from "../../../src/servers/sip/server.ts";
import { waitFor } from "../../peers/wait.ts";

const HOST = "127.0.0.1";

async function startServer(options: Partial<SipServerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const server = await SipServer.start({
    host: HOST,
    port: 0,
    allow: ["127.0.0.0/8"],
    maxCalls: 10,
    software: "nway-wx/test",
    clock: systemClock,
    log,
    ...options,
  });
  return { server, lines, [Symbol.dispose]: () => server[Symbol.dispose]() };
}

let requestCount = 0;

function makeRequest(method: string, { transport = "UDP", port = 5060, body = "" } = {}): string {
  const id = ++requestCount;
  return [
    `${method} sip:lihao@${HOST} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${HOST}:${port};rport;branch=z9hG4bKtest${id}`,
    "Max-Forwards: 70",
    `From: <sip:139@${HOST}>;tag=t${id}`,
    `To: <sip:lihao@${HOST}>`,
    `Call-ID: test-${id}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:139@${HOST}:${port}>`,
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** A peer over UDP that keeps what it gets. */
async function openUdp(server: SipServer) {
  const got: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: HOST,
    port: 0,
    connect: { hostname: HOST, port: server.port },
    socket: { data: (_, bytes) => void got.push(bytes.toString()), error() {} },
  });
  return {
    got,
    send: (text: string) => socket.send(text),
    port: socket.port,
    [Symbol.dispose]: () => socket.close(),
  };
}

/** A peer over TCP that keeps what it gets. */
function openTcp(server: SipServer) {
  const state = { got: "", isClosed: false };
  const socket = connect(server.port, HOST);
  socket.on("data", (bytes) => {
    state.got += bytes.toString();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    state.isClosed = true;
  });
  return {
    state,
    send: (text: string) => void socket.write(text),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

describe("over UDP", () => {
  test("answers who may ask", async () => {
    using lab = await startServer();
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got[0]);
    expect(peer.got[0]).toStartWith("SIP/2.0 200 OK\r\n");
  });

  test("says nothing to strangers, and one line to the log, until they are allowed", async () => {
    using lab = await startServer({ allow: ["10.0.0.0/8"] });
    using peer = await openUdp(lab.server);
    for (let count = 0; count < 20; count++) peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("the line", () => lab.lines.length > 0);
    lab.server.allow(HOST);
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got[0]);
    expect(peer.got.length).toBe(1);
    expect(lab.lines.filter((line) => line.includes("sip.not-allowed"))).toHaveLength(1);
  });

  test("survives what is no SIP", async () => {
    using lab = await startServer();
    using peer = await openUdp(lab.server);
    for (const text of ["\0", "\r\n\r\n", "INVITE", "INVITE sip:a SIP/2.0\r\n\r\n", "x".repeat(60_000)]) {
      peer.send(text);
    }
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got.some((text) => text.startsWith("SIP/2.0 200")));
    expect(lab.lines.filter((line) => / error /.test(line))).toEqual([]);
  });

  test("refuses calls while nobody takes them, and again once nobody does", async () => {
    using lab = await startServer();
    const taken: IncomingInvite[] = [];
    lab.server.takeInvites((invite) => void taken.push(invite))[Symbol.dispose]();
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("INVITE", { port: peer.port }));
    await waitFor("a refusal", () => peer.got.find((text) => text.startsWith("SIP/2.0 503")));
    expect(taken).toEqual([]);
  });

  test("keeps its deadlines: an answer that is not acknowledged is sent again", async () => {
    using lab = await startServer();
    lab.server.takeInvites((invite) =>
      invite.answer(new TextEncoder().encode("v=0\r\n"), systemClock.nowMs()),
    );
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("INVITE", { port: peer.port }));
    await waitFor(
      "the answer again",
      () => peer.got.filter((text) => text.startsWith("SIP/2.0 200")).length > 1,
    );
  });

  test("a bug in a handler costs the one call", async () => {
    using lab = await startServer();
    lab.server.takeInvites(() => {
      throw new TypeError("a bug");
    });
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("INVITE", { port: peer.port }));
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got.some((text) => text.startsWith("SIP/2.0 200")));
    expect(lab.lines.some((line) => line.includes('error sip.bug event=invited reason="a bug"'))).toBe(true);
    expect(peer.got.some((text) => text.startsWith("SIP/2.0 500"))).toBe(true);
    expect(lab.server.callCount).toBe(0);
  });
});

describe("over TCP, on the same port", () => {
  test("answers on the connection, however the bytes are split", async () => {
    using lab = await startServer();
    using peer = openTcp(lab.server);
    const text = makeRequest("OPTIONS", { transport: "TCP" });
    peer.send(text.slice(0, 100));
    peer.send(text.slice(100));
    await waitFor("an answer", () => peer.state.got.includes("\r\n\r\n"));
    expect(peer.state.got).toStartWith("SIP/2.0 200 OK\r\n");
    peer.state.got = "";
    peer.send("\r\n\r\n");
    await waitFor("the pong", () => peer.state.got === "\r\n");
  });

  test("closes on what is no SIP, and refuses strangers", async () => {
    using lab = await startServer();
    using peer = openTcp(lab.server);
    peer.send("nonsense\r\n\r\n");
    await waitFor("the end", () => peer.state.isClosed);
    using closed = await startServer({ allow: [] });
    using stranger = openTcp(closed.server);
    await waitFor("the end", () => stranger.state.isClosed);
    expect(stranger.state.got).toBe("");
  });

  test("has no more than 100 connections", async () => {
    using lab = await startServer();
    using stack = new DisposableStack();
    const peers = Array.from({ length: 101 }, () => stack.use(openTcp(lab.server)));
    await waitFor("one to be refused", () => peers.some(({ state }) => state.isClosed));
    expect(peers.filter(({ state }) => state.isClosed)).toHaveLength(1);
  });
});

test("a port that is taken is the environment's fault", async () => {
  using lab = await startServer();
  const refused = await startServer({ port: lab.server.port }).catch((thrown) => thrown);
  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({ fault: "environment", code: "sip.cannot-listen" });
});

test("stopping frees the ports, and twice is safe", async () => {
  const lab = await startServer();
  const { port } = lab.server;
  lab.server[Symbol.dispose]();
  lab.server[Symbol.dispose]();
  using again = await startServer({ port });
  expect(again.server.port).toBe(port);
});
