import { expect, test } from "bun:test";
import { makeSecret, StreamKeys } from "../../src/calls/stream-keys.ts";

const FROM = "127.0.0.1";

function openKeys(options: { open?: boolean; clientUrls?: boolean } = {}): StreamKeys {
  return new StreamKeys({ open: false, clientUrls: true, ...options });
}

test("each token opens its own key for its own action while the call lives", () => {
  const keys = openKeys();
  const [mine, other] = [keys.bind("call-1"), keys.bind("call-1")];
  if (mine === undefined || other === undefined) throw new Error("no key");
  const { key } = mine;
  const grant = (token: string | undefined, action: "publish" | "play") =>
    keys.authorize({ key, token, action, from: FROM })?.callId;
  expect(grant(mine.publishToken, "publish")).toBe("call-1");
  expect(grant(mine.playToken, "play")).toBe("call-1");
  expect(grant(mine.playToken, "publish")).toBeUndefined();
  expect(grant(mine.publishToken, "play")).toBeUndefined();
  expect(grant(other.publishToken, "publish")).toBeUndefined();
  expect(grant(undefined, "publish")).toBeUndefined();
  expect(grant("", "publish")).toBeUndefined();
  keys.release(mine);
  expect(grant(mine.publishToken, "publish")).toBeUndefined();
  expect(keys.size).toBe(1);
});

test.each([
  [true, "call-1"],
  [false, undefined],
])("a chosen key without a token (client_urls %p)", (clientUrls, callId) => {
  const keys = openKeys({ clientUrls });
  const bound = keys.bind("call-1", { key: "mine", guests: { admits: (_, from) => from === FROM } });
  expect(keys.authorize({ key: "mine", token: undefined, action: "play", from: FROM })?.callId).toBe(callId);
  expect(keys.authorize({ key: "mine", token: "wrong", action: "play", from: FROM })).toBeUndefined();
  expect(
    keys.authorize({ key: "mine", token: undefined, action: "play", from: "192.0.2.9" }),
  ).toBeUndefined();
  expect(keys.authorize({ key: "mine", token: bound?.playToken, action: "play", from: FROM })?.callId).toBe(
    "call-1",
  );
});

test("a key belongs to one call; an older release does not free a newer binding", () => {
  const keys = openKeys();
  const first = keys.bind("call-1", { key: "mine" });
  expect(keys.bind("call-2", { key: "mine" })).toBeUndefined();
  expect(keys.bind("call-2", { key: "not a key" })).toBeUndefined();
  if (first === undefined) throw new Error("no key");
  keys.release(first);
  expect(keys.bind("call-2", { key: "mine" })).toBeDefined();
  keys.release(first);
  expect(keys.size).toBe(1);
});

test("an open laboratory lets unknown keys in, and still guards those of calls", () => {
  const keys = openKeys({ open: true });
  keys.bind("call-1", { key: "mine" });
  expect(keys.authorize({ key: "any", token: undefined, action: "publish", from: FROM })).toEqual({
    callId: undefined,
  });
  expect(keys.authorize({ key: "mine", token: "wrong", action: "publish", from: FROM })).toBeUndefined();
});

test("secrets have 128 random bits", () => {
  const made = new Set(Array.from({ length: 1_000 }, makeSecret));
  expect(made.size).toBe(1_000);
  for (const secret of made) expect(secret).toMatch(/^[0-9a-f]{32}$/);
});
