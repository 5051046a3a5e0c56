import { describe, expect, test } from "bun:test";
import { guestsByFirstCome, guestsFromClients } from "../../src/calls/stream-guests.ts";
import { openDesk } from "./desk.ts";

describe("in a call of clients", () => {
  const clients = { caller: { address: "192.0.2.1" }, callee: { address: "2001:db8:1:2::3" } };
  const guests = guestsFromClients(clients);

  test.each([
    ["192.0.2.1", ["caller"]],
    ["::ffff:192.0.2.1", ["caller"]],
    // One subscriber has the whole /64, and telephones change their address in it.
    ["2001:db8:1:2:ffff::9", ["callee"]],
    ["2001:db8:1:3::3", []],
    ["192.0.2.2", []],
    ["127.0.0.1", []],
    ["", []],
  ] as const)("from %p comes %p", (from, sides) => {
    expect(guests.sidesAt(from)).toEqual([...sides]);
  });

  test("both may come from one place", () => {
    const together = guestsFromClients({ caller: clients.caller, callee: clients.caller });
    expect(together.sidesAt("192.0.2.1")).toEqual(["caller", "callee"]);
  });

  test("a client that registers again from elsewhere is followed", () => {
    const caller = { address: "192.0.2.1" };
    const moved = guestsFromClients({ caller });
    caller.address = "198.51.100.7";
    expect([moved.sidesAt("198.51.100.7"), moved.sidesAt("192.0.2.1")]).toEqual([["caller"], []]);
  });
});

test("on this machine the addresses of the loopback are one", () => {
  const guests = guestsFromClients({ callee: { address: "::1" } });
  expect([guests.sidesAt("127.0.0.1"), guests.sidesAt("127.0.0.2")]).toEqual([["callee"], []]);
});

test("of an ordered call, whoever comes first, as either side, and nobody from elsewhere then", () => {
  const guests = guestsByFirstCome();
  for (let n = 0; n < 2; n++) expect(guests.sidesAt("192.0.2.1")).toEqual(["caller", "callee"]);
  expect(guests.sidesAt("192.0.2.2")).toEqual([]);
});

test("a call's chosen streams are for its clients' addresses, made-up ones for nobody without a token", () => {
  const desk = openDesk();
  desk.callee.address = "198.51.100.2";
  const caller_url = "rtmp://gw.example/live/mine";
  expect(desk.ask(desk.caller, "invite", { callee_number: "nway", caller_url }).code).toBe("200ok");
  const madeUp = [...desk.media.streams.keys()].find((key) => key !== "mine") ?? "";
  const get = (key: string, from: string) =>
    (["publish", "play"] as const).map(
      (action) => desk.keys.authorize({ key, token: undefined, action, from })?.key,
    );
  expect(get("mine", desk.caller.address)).toEqual(["mine", undefined]);
  expect(get("mine", desk.callee.address)).toEqual([undefined, "mine"]);
  expect(get("mine", "203.0.113.5")).toEqual([undefined, undefined]);
  expect(get(madeUp, desk.caller.address)).toEqual([undefined, undefined]);
});

test("where both are chosen, each client may take them as it reads them", () => {
  const desk = openDesk();
  desk.callee.address = "198.51.100.2";
  const [caller_url, callee_url] = ["rtmp://gw.example/live/mine", "rtmp://gw.example/live/yours"];
  desk.ask(desk.caller, "invite", { callee_number: "nway", caller_url, callee_url });
  const request = { key: "mine", token: undefined, action: "publish", from: desk.callee.address } as const;
  expect(desk.keys.authorize(request)?.key).toBe("yours");
  expect(desk.keys.authorize({ ...request, key: "yours", action: "play" })?.key).toBe("mine");
});
