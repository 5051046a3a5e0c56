import { expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { startGateway } from "./gateway.ts";

/** In real time: the runtime has time-outs of its own, which no clock of ours moves. */
const LONG_MS = 130_000;

test("a client that answers pings and says nothing stays for longer than any time-out of the runtime", async () => {
  await using gateway = startGateway();
  await using lihao = await gateway.register("lihao");
  const endMs = performance.now() + LONG_MS;
  await waitFor("two minutes and more", () => performance.now() > endMs, LONG_MS + 10_000);
  expect(gateway.clients.size).toBe(1);
  expect((await lihao.request("option")).data.code).toBe("200ok");
}, 180_000);
