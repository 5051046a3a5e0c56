import { expect, test } from "bun:test";
import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { keyOf, readCalls } from "./gateway-state.ts";
import { MAY_BOTH, REFUSED, tryUrl } from "./stream-access.ts";
import { PASSWORD, register } from "./two-people.ts";

/** What clients choose whose author read no further than the sample. */
const NAIVE = "1";
const PEOPLE = ["lihao", "nway", "third", "fourth"] as const;

async function startFour(): Promise<AsyncDisposable & { gateway: Gateway; people: SignalingClient[] }> {
  await using stack = new AsyncDisposableStack();
  const users = Object.fromEntries(
    PEOPLE.flatMap((name, n) => [
      [`user${n + 1}`, name],
      [`password${n + 1}`, PASSWORD],
    ]),
  );
  const gateway = stack.use(await startGateway({ config: { users } }));
  const people: SignalingClient[] = [];
  for (const name of PEOPLE) people.push(stack.use(await register(gateway, name, { version: "1.0" })));
  const open = stack.move();
  return { gateway, people, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Calls under the naive session and gives the caller's push URL. */
async function callNaively(from: SignalingClient, to: SignalingClient, number: string): Promise<string> {
  const { response } = await from.invite(number, {}, NAIVE);
  expect(response.data.code).toBe("200ok");
  const invite = await to.nextRequest("invite", NAIVE);
  expect(keyOf(invite.data.caller_url ?? "")).toBe(keyOf(response.data.caller_url ?? ""));
  expect((await to.answer(NAIVE)).data.code).toBe("200ok");
  await from.nextRequest("answer", NAIVE);
  return response.data.caller_url ?? "";
}

test("two calls of unrelated people may have the same sessionid", async () => {
  await using four = await startFour();
  const { gateway, people } = four;
  const [lihao, nway, third, fourth] = people;
  if (!lihao || !nway || !third || !fourth) throw new Error("four are needed");
  const first = await callNaively(lihao, nway, "nway");
  const second = await callNaively(third, fourth, "fourth");
  expect(keyOf(first)).not.toBe(keyOf(second));
  expect((await readCalls(gateway)).map(({ caller, callee }) => [caller, callee])).toEqual([
    ["lihao", "nway"],
    ["third", "fourth"],
  ]);

  expect((await nway.bye(NAIVE)).data.code).toBe("200ok");
  expect((await lihao.nextRequest("bye", NAIVE)).data.msg).toBe("NORMAL_CLEARING");
  expect((await readCalls(gateway)).map(({ caller }) => caller)).toEqual(["third"]);
  expect([await tryUrl(gateway, first), await tryUrl(gateway, second)]).toEqual([REFUSED, MAY_BOTH]);
  expect((await third.bye(NAIVE)).data.code).toBe("200ok");
  expect((await fourth.nextRequest("bye", NAIVE)).data.msg).toBe("NORMAL_CLEARING");
});

test("the same people may call again under the same sessionid, either way round", async () => {
  await using four = await startFour();
  const { gateway, people } = four;
  const [lihao, nway] = people;
  if (!lihao || !nway) throw new Error("two are needed");
  const urls = new Set<string>();
  for (let round = 0; round < 3; round++) {
    urls.add(keyOf(await callNaively(lihao, nway, "nway")));
    await lihao.bye(NAIVE);
    await nway.nextRequest("bye", NAIVE);
    urls.add(keyOf(await callNaively(nway, lihao, "lihao")));
    await lihao.bye(NAIVE);
    await nway.nextRequest("bye", NAIVE);
  }
  expect(urls.size).toBe(6);
  expect(await readCalls(gateway)).toEqual([]);
});
