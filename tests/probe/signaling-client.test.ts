import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { SignalingClient } from "../../src/probe/signaling-client.ts";
import { within } from "../peers/wait.ts";

const TIMEOUT_MS = 50;
/** RFC 6455, section 1.3 */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A server that takes connections, says `reply` to the first bytes, and nothing after. */
function listenMutely(reply: (request: string) => string): Disposable & { readonly url: string } {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        const text = reply(bytes.toString());
        if (text !== "") socket.write(text);
      },
    },
  });
  return { url: `ws://127.0.0.1:${listener.port}/`, [Symbol.dispose]: () => listener.stop(true) };
}

function upgradeOnce(request: string): string {
  const key = /^Sec-WebSocket-Key: (\S+)/im.exec(request)?.[1];
  if (key === undefined) return "";
  const accept = createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  return `${[...lines, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`;
}

test("gives up on a server that takes the connection and never answers", async () => {
  using server = listenMutely(() => "");
  const connecting = SignalingClient.connect({ url: server.url, user: "lihao", timeoutMs: TIMEOUT_MS });
  await expect(connecting).rejects.toThrow("signaling-client.no-connection");
});

test("gives up on a response, and on the closing handshake, that never come", async () => {
  using server = listenMutely(upgradeOnce);
  const client = await SignalingClient.connect({ url: server.url, user: "lihao", timeoutMs: TIMEOUT_MS });
  await expect(client.register("1234")).rejects.toThrow("signaling-client.no-response");
  await within("the client to close", client.close());
});

test("says so when nobody listens", async () => {
  const server = listenMutely(() => "");
  server[Symbol.dispose]();
  const connecting = SignalingClient.connect({ url: server.url, user: "lihao" });
  await expect(connecting).rejects.toThrow("signaling-client.no-connection");
});
