import { connect } from "node:net";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A WebSocket client that does nothing by itself: it counts pings, and answers or reads only when told. */
export async function openRawClient(port: number, localAddress = "127.0.0.1", host = "gw.example:18123") {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  const closed = Promise.withResolvers<void>();
  const chunks: string[] = [];
  const received = () => chunks.join("");
  socket.setEncoding("latin1");
  socket.on("error", () => {});
  socket.on("close", () => closed.resolve());
  const opened = Promise.withResolvers<void>();
  socket.on("data", (text: string) => {
    chunks.push(text);
    if (received().includes("\r\n\r\n")) opened.resolve();
  });
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await opened.promise;
  chunks.length = 0;

  /** RFC 6455 section 5.2, masked with zeros. */
  function send(opcode: number, payload: Uint8Array): void {
    const length =
      payload.length < 126
        ? [0x80 | payload.length]
        : [0x80 | 126, payload.length >> 8, payload.length & 255];
    socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]));
  }

  return {
    sendText: (text: string) => send(1, Buffer.from(text)),
    /** As a text frame. */
    sendBytes: (bytes: Uint8Array) => send(1, bytes),
    sendPong: () => send(10, new Uint8Array(0)),
    /** Frames without payload that the server sent: nothing else has these two bytes at this point. */
    pingCount: () => received().split("\x89\x00").length - 1,
    text: () => received(),
    stopReading: () => void socket.pause(),
    readOn: () => void socket.resume(),
    closed: closed.promise,
    destroy: () => void socket.destroy(),
  };
}

export type RawClient = Awaited<ReturnType<typeof openRawClient>>;
