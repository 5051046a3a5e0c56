import { connect } from "node:net";
import { systemClock } from "../../../src/clock.ts";
import { createLogger } from "../../../src/log.ts";
import { SipServer, type SipServerOptions } from "../../../src/servers/sip/server.ts";

export const HOST = "127.0.0.1";

export async function startServer(options: Partial<SipServerOptions> = {}) {
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

type RequestDraft = {
  readonly transport?: string;
  readonly port?: number;
  readonly body?: string;
  readonly contact?: string;
  /** By default each request is one of a call of its own. */
  readonly call?: number;
  readonly sequence?: number;
  readonly toTag?: string;
};

export function makeRequest(method: string, draft: RequestDraft = {}): string {
  const {
    transport = "UDP",
    port = 5060,
    body = "",
    call = ++requestCount,
    sequence = 1,
    toTag = "",
  } = draft;
  const contact = draft.contact ?? `<sip:139@${HOST}:${port}>`;
  return [
    `${method} sip:lihao@${HOST} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${HOST}:${port};rport;branch=z9hG4bKtest${call}-${method}-${sequence}`,
    "Max-Forwards: 70",
    `From: <sip:139@${HOST}>;tag=t${call}`,
    `To: <sip:lihao@${HOST}>${toTag === "" ? "" : `;tag=${toTag}`}`,
    `Call-ID: test-${call}`,
    `CSeq: ${sequence} ${method}`,
    `Contact: ${contact}`,
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** A peer over UDP that keeps what it gets. */
export async function openUdp(server: SipServer) {
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
export function openTcp(server: SipServer) {
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
