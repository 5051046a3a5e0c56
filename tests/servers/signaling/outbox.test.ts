import { describe, expect, test } from "bun:test";
import type { ClientRequest } from "../../../src/calls/ports.ts";
import { Outbox, type Send } from "../../../src/servers/signaling/outbox.ts";

const PROFILE = { version: "1.1", protoname: "rtmp", realm: "192.0.2.1" } as const;

test.each([
  ["bye", true],
  ["cancel", true],
  ["answer", false],
  ["invite", false],
  ["message", false],
] as const)("a client that has not answered %s is owed an ending: %p", (method, isOwed) => {
  const outbox = new Outbox();
  outbox.add({ method, sessionid: "s1", data: {} }, PROFILE);
  expect(outbox.hasEnding).toBe(isOwed);
  outbox.withdraw("s2", method);
  expect(outbox.hasEnding).toBe(isOwed);
  outbox.withdraw("s1", method);
  expect([outbox.hasEnding, outbox.size]).toEqual([false, 0]);
});

describe("texts for a client that is slow", () => {
  const text = (sender: string, msg: string): ClientRequest => ({
    method: "message",
    sessionid: "s1",
    data: { caller_number: sender, msg },
  });

  test("64 of a sender wait, or 64 KiB; another's have room", () => {
    const outbox = new Outbox();
    for (let count = 0; count < 64; count++) {
      expect(outbox.hasRoomFor("lihao", "hello")).toBe(true);
      outbox.add(text("lihao", "hello"), PROFILE);
    }
    expect([outbox.hasRoomFor("lihao", "hello"), outbox.hasRoomFor("nway", "hello")]).toEqual([false, true]);
    outbox.add(text("nway", "x".repeat(40_000)), PROFILE);
    expect([25_536, 25_537].map((length) => outbox.hasRoomFor("nway", "x".repeat(length)))).toEqual([
      true,
      false,
    ]);
  });

  test("wait in order until the socket takes them; a call's requests do not", () => {
    const outbox = new Outbox();
    const sent: string[] = [];
    let room = 1;
    const send: Send = (wire, urgency) => {
      if (urgency !== "call" && room-- <= 0) return false;
      sent.push(JSON.parse(wire).data.msg);
      return true;
    };
    for (const msg of ["one", "two", "three"]) outbox.add(text("lihao", msg), PROFILE);
    outbox.add({ method: "bye", sessionid: "s2", data: { msg: "bye" } }, PROFILE);
    outbox.flush(0, send);
    expect(sent).toEqual(["one", "bye"]);
    room = 2;
    outbox.flush(1, send);
    expect(sent).toEqual(["one", "bye", "two", "three"]);
  });

  test("are not sent again, nor given up, while the socket is busy", () => {
    const outbox = new Outbox();
    const urgencies: string[] = [];
    const busy: Send = (_, urgency) => {
      urgencies.push(urgency);
      return urgency === "text";
    };
    outbox.add(text("lihao", "one"), PROFILE);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1_000) expect(outbox.flush(nowMs, busy)).toEqual([]);
    expect(urgencies.filter((urgency) => urgency === "text")).toHaveLength(1);
    expect(outbox.size).toBe(1);
  });
});
