import { expect, test } from "bun:test";
import { openPortPair } from "../../../src/servers/rtp/port-pair.ts";
import { waitFor } from "../../peers/wait.ts";
import { errorCodeOf } from "../../protocols/error-code.ts";
import { HOST, makeLoopbackPool, openLoopbackPair } from "./loopback.ts";

test("datagrams come in on their own port, with where they come from", async () => {
  const pool = await makeLoopbackPool(50);
  using left = await openLoopbackPair(pool);
  using right = await openLoopbackPair(pool);
  const heard: unknown[] = [];
  right.listen({
    onRtp: (bytes, address, port) => void heard.push(["rtp", bytes, address, port]),
    onRtcp: (bytes, address, port) => void heard.push(["rtcp", bytes, address, port]),
  });
  left.listen({ onRtp: (bytes) => void heard.push(["back", bytes]), onRtcp: () => {} });
  expect(left.rtpPort % 2).toBe(0);
  const buffer = Uint8Array.of(1, 2, 3);
  expect(left.sendRtp(buffer, HOST, right.rtpPort)).toBe(true);
  buffer.fill(9);
  expect(left.sendRtcp(Uint8Array.of(4), HOST, right.rtpPort + 1)).toBe(true);
  await waitFor("both", () => heard.length === 2);
  right.sendRtp(Uint8Array.of(5), HOST, left.rtpPort);
  await waitFor("the answer", () => heard.length === 3);
  expect(heard.toSorted()).toEqual([
    ["back", Uint8Array.of(5)],
    ["rtcp", Uint8Array.of(4), HOST, left.rtpPort + 1],
    ["rtp", Uint8Array.of(1, 2, 3), HOST, left.rtpPort],
  ]);
});

test("ports that another program holds are passed over, whichever of the two", async () => {
  const pool = await makeLoopbackPool(50);
  const first = await openLoopbackPair(pool);
  const holders = await Promise.all(
    [first.rtpPort + 2, first.rtpPort + 5].map((port) =>
      Bun.udpSocket({ hostname: HOST, port }).catch(() => undefined),
    ),
  );
  const others = await Promise.all([1, 2, 3].map(() => openLoopbackPair(pool)));
  const ports = [first, ...others].map(({ rtpPort }) => rtpPort);
  expect(new Set(ports).size).toBe(4);
  expect(ports).not.toContain(first.rtpPort + 2);
  expect(ports).not.toContain(first.rtpPort + 4);
  expect(pool.takenCount).toBe(4);
  for (const pair of [first, ...others]) pair[Symbol.dispose]();
  for (const holder of holders) holder?.close();
  expect(pool.takenCount).toBe(0);
});

test("an empty pool gives nothing, a host that is not ours throws", async () => {
  const pool = await makeLoopbackPool(1);
  const empty = await makeLoopbackPool(0);
  expect(await openPortPair(empty, HOST)).toBeUndefined();
  await expect(openPortPair(pool, "192.0.2.1")).rejects.toThrow("EADDRNOTAVAIL");
  expect(pool.takenCount).toBe(0);
});

test("what cannot be sent says so, and a closed pair sends nothing", async () => {
  const pool = await makeLoopbackPool(50);
  const pair = await openLoopbackPair(pool);
  expect(errorCodeOf(() => pair.sendRtp(Uint8Array.of(1), "localhost", 4000))).toBe("rtp.cannot-send");
  expect(errorCodeOf(() => pair.sendRtp(new Uint8Array(70_000), HOST, 4000))).toBe("rtp.cannot-send");
  pair[Symbol.dispose]();
  expect(pair.sendRtp(Uint8Array.of(1), HOST, 4000)).toBe(false);
  pair[Symbol.dispose]();
  expect(pool.takenCount).toBe(0);
});

test("nobody on the other port hurts nobody", async () => {
  const pool = await makeLoopbackPool(50);
  using pair = await openLoopbackPair(pool);
  using peer = await openLoopbackPair(pool);
  let count = 0;
  pair.listen({ onRtp: () => void count++, onRtcp: () => {} });
  const gone = await openLoopbackPair(pool);
  gone[Symbol.dispose]();
  for (let index = 0; index < 20; index++) {
    pair.sendRtp(Uint8Array.of(1), HOST, gone.rtpPort);
    peer.sendRtp(Uint8Array.of(1), HOST, pair.rtpPort);
    await waitFor("a packet", () => count > index);
  }
  expect(pair.sendRtp(Uint8Array.of(1), HOST, peer.rtpPort)).toBe(true);
});
