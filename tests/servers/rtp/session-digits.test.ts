import { expect, test } from "bun:test";
import { AUDIO, readRtp, startSession } from "./fake-ports.ts";

test("digits go out in place of sound, and sound goes on in its time", () => {
  const { session, clock, ports } = startSession();
  clock.advance(20);
  expect(session.sendDigits("1#x")).toBe(2);
  clock.advance(600);
  const packets = ports.rtp.map(({ bytes }) => readRtp(bytes));
  const events = packets.filter(({ payloadType }) => payloadType === 101);
  expect([...new Set(events.map(({ payload }) => payload[0]))]).toEqual([1, 11]);
  expect(new Set(events.map(({ rtpTimestamp }) => rtpTimestamp)).size).toBe(2);
  packets.forEach(({ payloadType, rtpTimestamp, sequenceNumber }, index) => {
    expect(sequenceNumber).toBe((packets[0]?.sequenceNumber ?? 0) + index);
    if (payloadType === 8) expect(rtpTimestamp).toBe((packets[0]?.rtpTimestamp ?? 0) + index * 160);
  });
  expect(startSession({ ...AUDIO, telephoneEvent: undefined }).session.sendDigits("1")).toBe(0);
});

test("digits that wait are pressed in the stream that another codec begins", () => {
  const { session, clock, ports } = startSession();
  expect(session.sendDigits("123")).toBe(3);
  clock.advance(60);
  session.update({ ...AUDIO, codec: "PCMU", payloadType: 0, telephoneEvent: 102 });
  clock.advance(600);
  const events = ports.rtp
    .map(({ bytes }) => readRtp(bytes))
    .filter(({ payload }) => payload.length === 4)
    .map(({ payloadType, payload }) => `${payloadType} ${payload[0]}`);
  expect([...new Set(events)]).toEqual(["101 1", "102 2", "102 3"]);
});

test("digits that wait where events are agreed on no more are missed aloud", () => {
  const { session, log } = startSession();
  session.sendDigits("123");
  session.update({ ...AUDIO, codec: "PCMU", payloadType: 0, telephoneEvent: undefined });
  expect(log.filter((line) => line.includes("telephone.keys-not-sent have=3 taken=0"))).toHaveLength(1);
});
