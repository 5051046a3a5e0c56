import { describe, expect, test } from "bun:test";
import { type CallKeys, type KeysWanted, makeSecret, StreamKeys } from "../../src/calls/stream-keys.ts";

const FROM = "127.0.0.1";

function openKeys(options: { open?: boolean; clientUrls?: boolean } = {}): StreamKeys {
  return new StreamKeys({ open: false, clientUrls: true, ...options });
}

function bind(keys: StreamKeys, wanted: Partial<KeysWanted> = {}): CallKeys {
  const bound = keys.bind({ callId: "call-1", pushing: ["caller", "callee"], chosen: {}, ...wanted });
  if (bound === undefined) throw new Error("no keys");
  return bound;
}

/** What a peer gets: its side's own stream to publish, then the one to play. */
function granted(keys: StreamKeys, key: string, token: string | undefined, from = FROM): unknown[] {
  return (["publish", "play"] as const).map((action) => keys.authorize({ key, token, action, from })?.key);
}

const NOTHING = [undefined, undefined];

test("a side's token publishes its stream and plays the other's, by either key, while the call lives", () => {
  const keys = openKeys();
  const bound = bind(keys);
  const { caller = "", callee = "" } = bound.keys;
  bind(keys, { callId: "call-2" });
  for (const key of [caller, callee]) {
    expect(granted(keys, key, bound.tokens.caller)).toEqual([caller, callee]);
    expect(granted(keys, key, bound.tokens.callee)).toEqual([callee, caller]);
    expect(granted(keys, key, undefined)).toEqual(NOTHING);
    expect(granted(keys, key, "")).toEqual(NOTHING);
  }
  const request = { key: caller, token: bound.tokens.callee, action: "play", from: FROM } as const;
  expect(keys.authorize(request)?.callId).toBe("call-1");
  keys.release(bound);
  expect(granted(keys, caller, bound.tokens.caller)).toEqual(NOTHING);
  expect(keys.size).toBe(2);
});

test("a token opens nothing of another call", () => {
  const keys = openKeys();
  const { tokens } = bind(keys);
  const { caller = "" } = bind(keys, { callId: "call-2" }).keys;
  for (const token of [tokens.caller, tokens.callee]) expect(granted(keys, caller, token)).toEqual(NOTHING);
});

test("where one side pushes, it hears nobody and nobody else pushes", () => {
  const keys = openKeys();
  const bound = bind(keys, { pushing: ["callee"] });
  const { callee = "" } = bound.keys;
  expect(Object.keys(bound.keys)).toEqual(["callee"]);
  expect(granted(keys, callee, bound.tokens.callee)).toEqual([callee, undefined]);
  expect(granted(keys, callee, bound.tokens.caller)).toEqual([undefined, callee]);
});

describe("keys that a client chose, without a token", () => {
  const chosen = { caller: { key: "mine" }, callee: { key: "yours" } };
  const from = (sides: readonly ("caller" | "callee")[]) => ({
    sidesAt: (address: string) => (address === FROM ? sides : []),
  });

  test.each([
    ["caller", ["mine", "yours"]],
    ["callee", ["yours", "mine"]],
  ] as const)("whoever can only be the %s is that side by either", (side, expected) => {
    const keys = openKeys();
    bind(keys, { chosen, guests: from([side]) });
    for (const key of ["mine", "yours"]) {
      expect(granted(keys, key, undefined)).toEqual([...expected]);
      expect(granted(keys, key, "wrong")).toEqual(NOTHING);
      expect(granted(keys, key, undefined, "192.0.2.9")).toEqual(NOTHING);
    }
  });

  test("whoever can be either has the stream that it names", () => {
    const keys = openKeys();
    const { tokens } = bind(keys, { chosen, guests: from(["caller", "callee"]) });
    for (const key of ["mine", "yours"]) expect(granted(keys, key, undefined)).toEqual([key, key]);
    expect(granted(keys, "mine", tokens.callee)).toEqual(["yours", "mine"]);
  });

  test("nobody has the made-up stream of the other side", () => {
    const keys = openKeys();
    const { callee = "" } = bind(keys, {
      chosen: { caller: chosen.caller },
      guests: from(["caller"]),
    }).keys;
    expect(granted(keys, "mine", undefined)).toEqual(["mine", undefined]);
    expect(granted(keys, callee, undefined)).toEqual(NOTHING);
  });

  test("nobody is let in where client_urls is off, or no guests are known", () => {
    const closed = openKeys({ clientUrls: false });
    bind(closed, { chosen, guests: from(["caller"]) });
    expect(granted(closed, "mine", undefined)).toEqual(NOTHING);
    const keys = openKeys();
    bind(keys, { chosen });
    expect(granted(keys, "mine", undefined)).toEqual(NOTHING);
  });
});

test("a key belongs to one side of one call; an older release does not free a newer binding", () => {
  const keys = openKeys();
  const mine = { caller: { key: "mine" } };
  const first = bind(keys, { chosen: mine });
  for (const chosen of [mine, { callee: { key: "mine" } }, { caller: { key: "not a key" } }])
    expect(() => bind(keys, { callId: "call-2", chosen })).toThrow("no keys");
  const twice = { caller: { key: "twice" }, callee: { key: "twice" } };
  expect(() => bind(keys, { callId: "call-2", chosen: twice })).toThrow("no keys");
  expect(keys.size).toBe(2);
  keys.release(first);
  bind(keys, { callId: "call-2", chosen: mine });
  keys.release(first);
  expect(keys.size).toBe(2);
});

test("an open laboratory lets unknown keys in, and still guards those of calls", () => {
  const keys = openKeys({ open: true });
  bind(keys, { chosen: { caller: { key: "mine" } } });
  expect(keys.authorize({ key: "any", token: undefined, action: "publish", from: FROM })).toEqual({
    callId: undefined,
    key: "any",
  });
  expect(keys.authorize({ key: "mine", token: "wrong", action: "publish", from: FROM })).toBeUndefined();
});

test("secrets have 128 random bits", () => {
  const made = new Set(Array.from({ length: 1_000 }, makeSecret));
  expect(made.size).toBe(1_000);
  for (const secret of made) expect(secret).toMatch(/^[0-9a-f]{32}$/);
});
