import { expect, test } from "bun:test";
import { CallerLedger } from "../../../src/protocols/sip/caller-ledger.ts";
import type { SipPeer } from "../../../src/protocols/sip/peer.ts";

const peer = (port: number): SipPeer => ({ transport: "UDP", address: "192.0.2.9", port });

function openLedger(maxKnown = 1000) {
  const ledger = new CallerLedger<object>(maxKnown);
  const begin = (port: number, count = 1) =>
    Array.from({ length: count }, () => {
      const call = {};
      ledger.begin(call, peer(port));
      return call;
    });
  return { ledger, begin };
}

test("a caller that acknowledges nothing has 120 calls, and place again when they are over", () => {
  const { ledger, begin } = openLedger();
  const calls = begin(1, 119);
  expect(ledger.isFull(peer(1))).toBe(false);
  calls.push(...begin(1));
  expect([ledger.isFull(peer(1)), ledger.isFull(peer(2))]).toEqual([true, false]);
  for (const call of calls) ledger.answer(call);
  for (const call of calls) ledger.forget(call);
  for (const call of calls) ledger.forget(call);
  begin(1, 119);
  expect(ledger.isFull(peer(1))).toBe(false);
});

test("all callers that acknowledge nothing have 300", () => {
  const { ledger, begin } = openLedger();
  for (let port = 0; port < 3; port++) begin(port, 100);
  expect(ledger.isFull(peer(99))).toBe(true);
});

test("one that acknowledged is known: more calls may ring, not more be unacknowledged", () => {
  const { ledger, begin } = openLedger(300);
  for (const call of begin(1)) {
    ledger.answer(call);
    ledger.confirm(call);
    ledger.confirm(call);
  }
  expect([ledger.isKnown(peer(1)), ledger.isKnown(peer(2))]).toEqual([true, false]);
  const calls = begin(1, 299);
  for (let port = 10; port < 13; port++) begin(port, 100);
  expect(ledger.isFull(peer(1))).toBe(false);
  for (const call of calls.slice(0, 120)) {
    ledger.answer(call);
    ledger.answer(call);
  }
  expect(ledger.isFull(peer(1))).toBe(true);
  for (const call of calls.slice(0, 120)) ledger.confirm(call);
  expect(ledger.isFull(peer(1))).toBe(false);
  begin(1, 121);
  expect(ledger.isFull(peer(1))).toBe(true);
});
