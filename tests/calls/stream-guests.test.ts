import { describe, expect, test } from "bun:test";
import { guestsByFirstCome, guestsFromClients } from "../../src/calls/stream-guests.ts";
import { openDesk } from "./desk.ts";

describe("the stream that the caller pushes", () => {
  const clients = { caller: { address: "192.0.2.1" }, callee: { address: "2001:db8:1:2::3" } };
  const guests = guestsFromClients("caller", clients);

  test.each([
    ["192.0.2.1", true, true],
    ["::ffff:192.0.2.1", true, true],
    // One subscriber has the whole /64, and telephones change their address in it.
    ["2001:db8:1:2:ffff::9", false, true],
    ["2001:db8:1:3::3", false, false],
    ["192.0.2.2", false, false],
    ["127.0.0.1", false, false],
    ["", false, false],
  ])("from %p: published %p, played %p", (from, published, played) => {
    expect([guests.admits("publish", from), guests.admits("play", from)]).toEqual([published, played]);
  });

  test("follows a client that registers again from elsewhere", () => {
    const caller = { address: "192.0.2.1" };
    const moved = guestsFromClients("caller", { caller });
    caller.address = "198.51.100.7";
    expect([moved.admits("publish", "198.51.100.7"), moved.admits("publish", "192.0.2.1")]).toEqual([
      true,
      false,
    ]);
  });
});

test("on this machine the addresses of the loopback are one", () => {
  const guests = guestsFromClients("callee", { callee: { address: "::1" } });
  expect([guests.admits("publish", "127.0.0.1"), guests.admits("publish", "127.0.0.2")]).toEqual([
    true,
    false,
  ]);
});

test("of an ordered call, whoever comes first, and nobody from elsewhere then", () => {
  const guests = guestsByFirstCome();
  expect(guests.admits("play", "192.0.2.1")).toBe(true);
  expect(guests.admits("publish", "192.0.2.1")).toBe(true);
  expect(guests.admits("publish", "192.0.2.2")).toBe(false);
});

test("a call's chosen streams are for its clients' addresses, made-up ones for nobody without a token", () => {
  const desk = openDesk();
  desk.callee.address = "198.51.100.2";
  const caller_url = "rtmp://gw.example/live/mine";
  expect(desk.ask(desk.caller, "invite", { callee_number: "nway", caller_url }).code).toBe("200ok");
  const madeUp = [...desk.media.streams.keys()].find((key) => key !== "mine") ?? "";
  const may = (key: string, from: string) =>
    (["publish", "play"] as const).map(
      (action) => desk.keys.authorize({ key, token: undefined, action, from }) !== undefined,
    );
  expect(may("mine", desk.caller.address)).toEqual([true, true]);
  expect(may("mine", desk.callee.address)).toEqual([false, true]);
  expect(may("mine", "203.0.113.5")).toEqual([false, false]);
  expect(may(madeUp, desk.caller.address)).toEqual([false, false]);
});
