import { expect, test } from "bun:test";
import { systemClock } from "../../src/clock.ts";
import { runProbe } from "../../src/probe/probe.ts";
import { decodeFrame, encodeRequest, encodeResponse } from "../../src/protocols/signaling/codec.ts";
import type { Request } from "../../src/protocols/signaling/message.ts";

/** A gateway that accepts everything and hands out `url` for each stream. */
function startOddGateway(url: string) {
  const sockets: Bun.ServerWebSocket[] = [];
  const data = { code: "200ok", msg: "OK", caller_url: url, callee_url: url };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("no")),
    websocket: {
      message(socket, text) {
        const frame = decodeFrame(String(text));
        if (frame?.type !== "request") return;
        if (frame.method === "register") sockets.push(socket);
        socket.send(encodeResponse({ echo: frame, data }));
        const [caller, callee] = sockets;
        if (frame.method === "invite") callee?.send(encodeRequest(mirror(frame)));
        if (frame.method === "answer") caller?.send(encodeRequest(mirror(frame)));
      },
    },
  });
  const mirror = (request: Request): Request => ({
    ...request,
    data: { ...request.data, caller_url: url, callee_url: url },
  });
  return {
    url: `ws://127.0.0.1:${server.port}/`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

test.each([
  ["", "probe.no-stream-url"],
  ["live/key", "probe.bad-stream-url"],
  ["http://[", "probe.bad-stream-url"],
  ["file:///etc/passwd", "probe.cannot-play"],
  ["https://127.0.0.1:1/live/key.flv", "tcp.connect-failed"],
  ["rtmp://127.0.0.1:1/key", "rtmp-client.bad-url"],
  ["rtmp://127.0.0.1:1/live/key", "tcp.connect-failed"],
])("a gateway that offers the stream %p: %s", async (url, code) => {
  await using gateway = startOddGateway(url);
  const users = { user1: "a", password1: "x", user2: "b", password2: "x" };
  const probing = runProbe({ url: gateway.url, ...users, seconds: 1, trust: {}, clock: systemClock });
  expect(await probing.catch((thrown: unknown) => thrown)).toMatchObject({ name: "AppError", code });
});
