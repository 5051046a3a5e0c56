import { describe, expect, test } from "bun:test";
import { toNtpTime } from "../../../src/protocols/rtp/ntp.ts";
import { decodeRtcp, encodeRtcp } from "../../../src/protocols/rtp/rtcp.ts";
import { AUDIO, makeRtp, readRtp, startSession } from "./fake-ports.ts";

const PEER = ["192.0.2.1", 4000] as const;
const PEER_RTCP = ["192.0.2.1", 4001] as const;
const ATTACKER = ["198.51.100.66", 6666] as const;

describe("sending", () => {
  test("silence every 20 ms from the start, in an unbroken row", () => {
    const { clock, ports } = startSession();
    clock.advance(1000);
    expect(ports.rtp).toHaveLength(50);
    const packets = ports.rtp.map(({ bytes }) => readRtp(bytes));
    const [first] = packets;
    packets.forEach((packet, index) => {
      expect(packet).toMatchObject({
        payloadType: 8,
        marker: index === 0,
        ssrc: first?.ssrc,
        sequenceNumber: (first?.sequenceNumber ?? 0) + index,
        rtpTimestamp: (first?.rtpTimestamp ?? 0) + index * 160,
      });
      expect(packet.payload).toEqual(new Uint8Array(160).fill(0xd5));
    });
    expect(new Set(ports.rtp.map(({ to }) => to))).toEqual(new Set(["192.0.2.1:4000"]));
  });

  test.each([
    ["PCMU", 8000, 30, 240, 0xff],
    ["L16", 16_000, 20, 640, 0],
    ["PCMA", 8000, 60, 480, 0xd5],
  ] as const)("%s at %d, %d ms: %d bytes of %d", (codec, clockRate, ptimeMs, byteCount, value) => {
    const { clock, ports } = startSession({ ...AUDIO, codec, clockRate, ptimeMs });
    clock.advance(ptimeMs);
    expect(readRtp(ports.rtp[0]?.bytes ?? new Uint8Array(0)).payload).toEqual(
      new Uint8Array(byteCount).fill(value),
    );
  });

  test("what the source gives; a source that fails is silence", () => {
    const { session, clock, ports } = startSession();
    const pulledAt: number[] = [];
    session.setSource({ pull: (nowMs) => new Uint8Array(160).fill(pulledAt.push(nowMs)) });
    clock.advance(60);
    expect(pulledAt).toHaveLength(3);
    session.setSource({
      pull() {
        throw new Error("broken");
      },
    });
    clock.advance(40);
    expect(ports.rtp.map(({ bytes }) => bytes[12])).toEqual([1, 2, 3, 0xd5, 0xd5]);
  });

  test("after a standstill at most five packets come at once, and time is not lost", () => {
    const { clock, ports } = startSession();
    clock.advance(20);
    clock.skip(1000);
    clock.advance(20);
    const packets = ports.rtp.map(({ bytes }) => readRtp(bytes));
    const ticks = (packets.at(-1)?.rtpTimestamp ?? 0) - (packets[0]?.rtpTimestamp ?? 0);
    expect([packets.length <= 8, ticks]).toEqual([true, 1020 * 8]);
    const markers = packets.filter(({ marker }) => marker);
    expect(markers.length).toBe(2);
    packets.forEach(({ sequenceNumber }, index) => {
      expect(sequenceNumber).toBe((packets[0]?.sequenceNumber ?? 0) + index);
    });
  });

  test("silence for 200 ms after the end, then a BYE and no more", async () => {
    const { session, clock, ports, beat } = startSession();
    session.setSource({ pull: () => new Uint8Array(160).fill(7) });
    clock.advance(100);
    const finished = session.finish();
    expect(session.finish()).toBe(finished);
    clock.advance(199);
    expect([ports.isDisposed, ports.rtp.length]).toEqual([false, 14]);
    expect(ports.rtp.slice(5).every(({ bytes }) => bytes[12] === 0xd5)).toBe(true);
    clock.advance(1);
    await finished;
    clock.advance(10_000);
    expect([ports.isDisposed, ports.rtp.length, beat.memberCount, clock.timerCount]).toEqual([
      true,
      14,
      0,
      0,
    ]);
    expect(decodeRtcp(ports.rtcp.at(-1)?.bytes ?? new Uint8Array(0)).map(({ kind }) => kind)).toEqual([
      "receiver-report",
      "source-description",
      "bye",
    ]);
    session[Symbol.dispose]();
    expect(ports.rtcp).toHaveLength(1);
  });

  test("a full or failing network costs packets, not the call", () => {
    const { session, clock, ports } = startSession();
    ports.hasRoom = false;
    clock.advance(40);
    ports.failure = new Error("ENETUNREACH");
    clock.advance(40);
    ports.failure = undefined;
    ports.hasRoom = true;
    clock.advance(40);
    expect(session.counters).toMatchObject({ sentPackets: 6, unsentPackets: 4 });
  });

  test.each([
    ["recvonly", AUDIO.remote.address],
    ["inactive", AUDIO.remote.address],
    ["sendrecv", "0.0.0.0"],
  ] as const)("held (%s, %s): nothing, and afterwards time went on", (direction, address) => {
    const { session, clock, ports } = startSession();
    clock.advance(20);
    session.update({ ...AUDIO, direction, remote: { ...AUDIO.remote, address } });
    clock.advance(200);
    expect(ports.rtp).toHaveLength(1);
    session.update(AUDIO);
    clock.advance(20);
    const [before, after] = ports.rtp.map(({ bytes }) => readRtp(bytes));
    expect((after?.rtpTimestamp ?? 0) - (before?.rtpTimestamp ?? 0)).toBe(11 * 160);
    expect([after?.sequenceNumber, after?.marker, after?.ssrc]).toEqual([
      (before?.sequenceNumber ?? 0) + 1,
      true,
      before?.ssrc,
    ]);
  });

  test("what is agreed on after the end starts nothing", () => {
    const { session, clock } = startSession();
    session[Symbol.dispose]();
    session.update({ ...AUDIO, codec: "PCMU", payloadType: 0, ptimeMs: 30 });
    expect(clock.timerCount).toBe(0);
  });

  test("another codec is another stream", () => {
    const { session, clock, ports } = startSession();
    clock.advance(40);
    session.update({ ...AUDIO, codec: "L16", clockRate: 16_000, payloadType: 97, ptimeMs: 40 });
    clock.advance(80);
    const packets = ports.rtp.map(({ bytes }) => readRtp(bytes));
    expect(packets.map(({ payloadType, payload }) => [payloadType, payload.length])).toEqual([
      [8, 160],
      [8, 160],
      [97, 1280],
      [97, 1280],
    ]);
    expect(packets[2]?.ssrc).not.toBe(packets[1]?.ssrc);
    expect(session.counters.sentPackets).toBe(4);
  });
});

describe("receiving", () => {
  test("sound, noise and others are handed on as what they are", () => {
    const { session, clock, ports, received } = startSession();
    [8, 13, 101].forEach((payloadType, index) => {
      ports.onRtp(makeRtp(index, { payloadType, payload: Uint8Array.of(1, 2, 3, 4) }), ...PEER);
    });
    expect(received.map(({ payloadKind, sequenceNumber }) => [payloadKind, sequenceNumber])).toEqual([
      ["PCMA", 0],
      ["CN", 1],
      ["other", 2],
    ]);
    expect(received[0]).toMatchObject({ ssrc: 77, rtpTimestamp: 0, payload: Uint8Array.of(1, 2, 3, 4) });
    expect(session.lastReceivedAtMs).toBe(clock.startMs);
  });

  test("any codec that was agreed on is heard by its number", () => {
    const receivable = new Map([
      [8, "PCMA"],
      [0, "PCMU"],
      [97, "L16"],
      [101, "TELEPHONE-EVENT"],
      [96, "TELEPHONE-EVENT"],
    ] as const);
    const { session, ports, received, digits } = startSession({ ...AUDIO, receivable });
    [0, 97, 8].forEach((payloadType, n) => {
      ports.onRtp(makeRtp(n, { payloadType }), ...PEER);
    });
    [101, 96].forEach((payloadType, n) => {
      const payload = Uint8Array.of(n + 1, 10, 0, 160);
      ports.onRtp(makeRtp(3 + n, { payloadType, payload }), ...PEER);
    });
    expect(received.map(({ payloadKind }) => payloadKind)).toEqual(["PCMU", "L16", "PCMA", "other", "other"]);
    expect([digits.join(""), session.counters.badPackets]).toEqual(["12", 0]);
  });

  test("packets go back to where they come from, and a stranger changes nothing", () => {
    const { session, clock, ports, received } = startSession();
    ports.onRtp(makeRtp(1), "203.0.113.9", 61_000);
    ports.onRtp(makeRtp(2), ...ATTACKER);
    clock.advance(20);
    expect(ports.rtp.at(-1)?.to).toBe("203.0.113.9:61000");
    expect([received.length, session.counters.foreignPackets]).toEqual([1, 1]);
    session.update({ ...AUDIO, remote: { ...AUDIO.remote, rtpPort: 4100 } });
    clock.advance(20);
    expect(ports.rtp.at(-1)?.to).toBe("192.0.2.1:4100");
  });

  test("only what is good RTP latches", () => {
    const { session, clock, ports, received } = startSession();
    const bad = [
      new Uint8Array(0),
      new Uint8Array(11),
      new Uint8Array(172),
      makeRtp(1, { payloadType: 0 }),
      makeRtp(1).fill(0x41, 0, 1),
    ];
    for (const bytes of bad) ports.onRtp(bytes, ...ATTACKER);
    clock.advance(20);
    expect(ports.rtp.at(-1)?.to).toBe("192.0.2.1:4000");
    ports.onRtp(makeRtp(1, { payload: new Uint8Array(2400) }), ...PEER);
    ports.onRtp(makeRtp(2, { payload: new Uint8Array(2401) }), ...PEER);
    ports.onRtp(makeRtp(3, { payloadType: 101, payload: new Uint8Array(3) }), ...PEER);
    expect(session.counters.badPackets).toBe(bad.length + 2);
    expect(received.map(({ payloadKind }) => payloadKind)).toEqual(["PCMA", "other"]);
  });

  test("each truncation and each flipped bit is survived", () => {
    const { ports, clock } = startSession();
    const packet = makeRtp(1, { payloadType: 101, payload: Uint8Array.of(1, 10, 0, 160) });
    for (let length = 0; length <= packet.length; length++) ports.onRtp(packet.slice(0, length), ...PEER);
    for (let bit = 0; bit < packet.length * 8; bit++) {
      const flipped = packet.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      ports.onRtp(flipped, ...PEER);
      ports.onRtcp(flipped, ...PEER_RTCP);
    }
    clock.advance(20);
    expect(ports.rtp).toHaveLength(1);
  });

  test("digits are told once", () => {
    const { ports, digits } = startSession();
    [...Array(5).keys()].forEach((index) => {
      const payload = Uint8Array.of(5, index > 2 ? 0x8a : 10, 0, 160 * (index + 1));
      ports.onRtp(
        makeRtp(index, { payloadType: 101, rtpTimestamp: 1000, marker: index === 0, payload }),
        ...PEER,
      );
    });
    expect(digits).toEqual(["5"]);
  });

  test("digits of a sender of their own, in turns with the sound, are told once", () => {
    const { ports, digits } = startSession();
    [...Array(10).keys()].forEach((index) => {
      const payload = Uint8Array.of(7, index > 6 ? 0x8a : 10, 0, 160 * (index + 1));
      const event = { payloadType: 101, ssrc: 99, rtpTimestamp: 5000, marker: index === 0, payload };
      ports.onRtp(makeRtp(index, event), ...PEER);
      ports.onRtp(makeRtp(index), ...PEER);
    });
    expect(digits).toEqual(["7"]);
  });

  test("a new sender's packets are told apart and counted on", () => {
    const { session, ports, received } = startSession();
    for (const sequenceNumber of [10, 11, 12, 14]) ports.onRtp(makeRtp(sequenceNumber), ...PEER);
    for (const sequenceNumber of [500, 501, 502, 505])
      ports.onRtp(makeRtp(sequenceNumber, { ssrc: 78 }), ...PEER);
    expect(received.map(({ ssrc }) => ssrc)).toEqual([77, 77, 77, 77, 78, 78, 78, 78]);
    expect(session.counters).toMatchObject({ receivedPackets: 6, lostPackets: 3 });
  });

  test("our own number from the other side: we take another, once", () => {
    const { clock, ports } = startSession();
    clock.advance(20);
    const own = readRtp(ports.rtp[0]?.bytes ?? new Uint8Array(0)).ssrc;
    ports.onRtp(makeRtp(1, { ssrc: own }), ...PEER);
    expect(decodeRtcp(ports.rtcp[0]?.bytes ?? new Uint8Array(0)).at(-1)).toMatchObject({
      kind: "bye",
      ssrcs: [own],
    });
    clock.advance(20);
    const next = readRtp(ports.rtp[1]?.bytes ?? new Uint8Array(0)).ssrc;
    expect(next).not.toBe(own);
    ports.onRtp(makeRtp(2, { ssrc: next }), ...PEER);
    clock.advance(20);
    expect(readRtp(ports.rtp[2]?.bytes ?? new Uint8Array(0)).ssrc).toBe(next);
  });
});

describe("reports", () => {
  test("every 5 s: what was sent and how the peer is heard", () => {
    const { clock, ports } = startSession();
    for (const sequenceNumber of [1, 2, 3, 5]) ports.onRtp(makeRtp(sequenceNumber), ...PEER);
    clock.advance(10_000);
    expect(ports.rtcp.map(({ atMs, to }) => [atMs - clock.startMs, to])).toEqual([
      [5000, "192.0.2.1:4001"],
      [10_000, "192.0.2.1:4001"],
    ]);
    const [report, description] = decodeRtcp(ports.rtcp[0]?.bytes ?? new Uint8Array(0));
    const ssrc = readRtp(ports.rtp[0]?.bytes ?? new Uint8Array(0)).ssrc;
    expect(report).toMatchObject({
      kind: "sender-report",
      ssrc,
      ntp: toNtpTime(clock.wallMs() - 5000),
      reports: [{ ssrc: 77, cumulativeLost: 1, highestSequenceNumber: 5 }],
    });
    if (report?.kind !== "sender-report") throw new Error("no sender report");
    expect(report.octetCount).toBe(report.packetCount * 160);
    expect([249, 250]).toContain(report.packetCount);
    expect(description).toEqual({
      kind: "source-description",
      sources: [{ ssrc, cname: "0000000100000002" }],
    });
  });

  test("while the peer holds the call, of a receiver", () => {
    const { clock, ports } = startSession({ ...AUDIO, direction: "recvonly" });
    clock.advance(5000);
    expect(decodeRtcp(ports.rtcp[0]?.bytes ?? new Uint8Array(0))[0]?.kind).toBe("receiver-report");
  });

  test("the peer's reports are understood, and answered where they come from", () => {
    const { session, clock, ports } = startSession();
    ports.onRtp(makeRtp(1), ...PEER);
    clock.advance(5000);
    const ssrc = readRtp(ports.rtp[0]?.bytes ?? new Uint8Array(0)).ssrc;
    const [report] = decodeRtcp(ports.rtcp[0]?.bytes ?? new Uint8Array(0));
    if (report?.kind !== "sender-report") throw new Error("no sender report");
    const lastSenderReport = ((report.ntp.seconds << 16) | (report.ntp.fraction >>> 16)) >>> 0;
    clock.advance(140);
    const about = (delayMs: number) =>
      encodeRtcp([
        {
          kind: "sender-report",
          ssrc: 77,
          ntp: { seconds: 1000, fraction: 0 },
          rtpTimestamp: 0,
          packetCount: 1,
          octetCount: 160,
          reports: [
            {
              ssrc,
              fractionLost: 64,
              cumulativeLost: 9,
              highestSequenceNumber: 100,
              jitterTicks: 80,
              lastSenderReport,
              delaySinceLastSenderReport: Math.floor((delayMs * 65_536) / 1000),
            },
          ],
        },
      ]);
    ports.onRtcp(about(50), ...ATTACKER);
    expect([session.counters.far, session.counters.foreignPackets]).toEqual([undefined, 1]);
    ports.onRtcp(about(100), "192.0.2.1", 9001);
    const { far } = session.counters;
    expect(far).toMatchObject({ lostCount: 9, fractionLost: 0.25, jitterMs: 10 });
    expect(far?.roundTripMs).toBeCloseTo(40, 0);
    clock.advance(5000);
    expect(ports.rtcp.at(-1)?.to).toBe("192.0.2.1:9001");
    const [next] = decodeRtcp(ports.rtcp.at(-1)?.bytes ?? new Uint8Array(0));
    expect(next).toMatchObject({ reports: [{ ssrc: 77, lastSenderReport: 1000 << 16 }] });
  });

  test("a step of the system's clock moves neither our reports nor the round trip", () => {
    const { session, clock, ports } = startSession();
    const startWallMs = clock.wallMs();
    clock.wallMs = () => startWallMs - 3_600_000 + clock.nowMs();
    clock.advance(5000);
    const [report] = decodeRtcp(ports.rtcp[0]?.bytes ?? new Uint8Array(0));
    expect(report).toMatchObject({ ntp: toNtpTime(startWallMs + 5000) });
    if (report?.kind !== "sender-report") throw new Error("no sender report");
    clock.wallMs = () => startWallMs + 3_600_000 + clock.nowMs();
    clock.advance(50);
    const about = {
      ssrc: report.ssrc,
      fractionLost: 0,
      cumulativeLost: 0,
      highestSequenceNumber: 1,
      jitterTicks: 0,
      lastSenderReport: ((report.ntp.seconds << 16) | (report.ntp.fraction >>> 16)) >>> 0,
      delaySinceLastSenderReport: 0,
    };
    ports.onRtcp(encodeRtcp([{ kind: "receiver-report", ssrc: 77, reports: [about] }]), ...PEER_RTCP);
    expect(session.counters.far?.roundTripMs).toBeCloseTo(50, 0);
  });

  test("on the port of the sound they are understood too", () => {
    const { session, ports } = startSession();
    const bytes = encodeRtcp([{ kind: "receiver-report", ssrc: 77, reports: [] }]);
    ports.onRtp(bytes, ...PEER);
    expect(session.counters.badPackets).toBe(0);
    ports.onRtp(Uint8Array.of(0x80, 200, 0xff, 0xff), ...PEER);
    expect(session.counters.badPackets).toBe(1);
  });
});
