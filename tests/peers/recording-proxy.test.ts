import { expect, test } from "bun:test";
import { startRecordingProxy } from "./recording-proxy.ts";
import { waitFor } from "./wait.ts";

test("keeps what both sides said, more than the kernel takes at once", async () => {
  const question = new Uint8Array(3_000_000).map((_, i) => i * 31);
  const heard: Uint8Array[] = [];
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        heard.push(new Uint8Array(bytes));
        socket.write(Uint8Array.of(bytes.length > 0 ? 1 : 0));
      },
    },
  });
  await using proxy = startRecordingProxy(server.port);
  let sent = 0;
  const push = (socket: { write(bytes: Uint8Array): number }) => {
    if (sent < question.length) sent += Math.max(0, socket.write(question.subarray(sent)));
  };
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: proxy.port,
    socket: { open: push, drain: push, data() {} },
  });

  const byteCount = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, { length }) => sum + length, 0);
  await waitFor("the whole question", () => byteCount(heard) === question.length);
  await waitFor("every answer", () => byteCount(proxy.recordings[0]?.server ?? []) === heard.length);
  client.end();

  expect(proxy.recordings).toHaveLength(1);
  expect(Buffer.compare(Buffer.concat(proxy.recordings[0]?.client ?? []), question)).toBe(0);
  expect(Buffer.compare(Buffer.concat(heard), question)).toBe(0);
});
