import { expect, test } from "bun:test";
import { AUDIO, makeRtp, SIP_PEER, startSession } from "./fake-ports.ts";

test("a telephone whose NAT gives it another port is heard there, and gets its sound there", () => {
  const { session, clock, ports, received } = startSession();
  for (let number = 0; number < 5; number++) {
    ports.onRtp(makeRtp(number), SIP_PEER, 61_000);
    clock.advance(20);
  }
  for (let number = 5; number < 20; number++) {
    ports.onRtp(makeRtp(number), SIP_PEER, 62_000);
    clock.advance(20);
  }
  expect(received.length).toBeGreaterThanOrEqual(15);
  expect(ports.rtp.at(-1)?.to).toBe(`${SIP_PEER}:62000`);
  expect(session.counters.foreignPackets).toBeLessThanOrEqual(5);
});

test("a stranger that comes first is neither heard nor sent to", () => {
  const { session, clock, ports, received } = startSession();
  for (let number = 0; number < 5; number++) {
    ports.onRtp(makeRtp(number), "198.51.100.66", 6666);
    clock.advance(20);
  }
  expect(new Set(ports.rtp.map(({ to }) => to))).toEqual(new Set(["192.0.2.1:4000"]));
  expect([received.length, session.counters.foreignPackets, session.lastReceivedAtMs]).toEqual([
    0,
    5,
    undefined,
  ]);
});

test("a re-INVITE with the same SDP lets another stream of the telephone in", () => {
  const { session, clock, ports } = startSession();
  ports.onRtp(makeRtp(1), SIP_PEER, 61_000);
  clock.advance(100);
  session.update({ ...AUDIO });
  ports.onRtp(makeRtp(2, { ssrc: 5 }), SIP_PEER, 62_000);
  clock.advance(20);
  expect(ports.rtp.at(-1)?.to).toBe(`${SIP_PEER}:62000`);
});
