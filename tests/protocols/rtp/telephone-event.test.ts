import { describe, expect, test } from "bun:test";
import { type DigitArrival, DigitReceiver } from "../../../src/protocols/rtp/digit-receiver.ts";
import { type DigitPacket, DigitSender } from "../../../src/protocols/rtp/digit-sender.ts";
import { createRtpHeader, decodeRtp } from "../../../src/protocols/rtp/packet.ts";
import { decodeTelephoneEvent, encodeTelephoneEvent } from "../../../src/protocols/rtp/telephone-event.ts";
import { errorCodeOf } from "../error-code.ts";
import { fromHex } from "../fixtures.ts";
import { readDatagrams } from "./datagrams.ts";

const recorded: DigitArrival[] = readDatagrams("gstreamer-digits").map((bytes) => {
  const header = createRtpHeader();
  decodeRtp(bytes, header);
  const { sequenceNumber, marker, rtpTimestamp, payloadStart, payloadEnd } = header;
  return { sequenceNumber, marker, rtpTimestamp, payload: bytes.subarray(payloadStart, payloadEnd) };
});

/** Those without a number follow each other. */
function receiveAll(packets: readonly (DigitPacket | DigitArrival)[]): string {
  const receiver = new DigitReceiver();
  return packets
    .map((packet, sequenceNumber) => receiver.receive({ sequenceNumber, ...packet }) ?? "")
    .join("");
}

/** Runs `sender` for `packetCount` packet times of 20 ms; undefined where sound is sent. */
function run(sender: DigitSender, packetCount: number, startTimestamp = 0) {
  return Array.from({ length: packetCount }, (_, i) => {
    const packet = sender.next((startTimestamp + i * 160) >>> 0);
    return packet && { ...packet, payload: packet.payload.slice() };
  });
}

const sentBy = (sender: DigitSender, packetCount: number, startTimestamp = 0) =>
  run(sender, packetCount, startTimestamp).filter((packet) => packet !== undefined);

const newSender = () => new DigitSender({ packetTicks: 160, clockRate: 8000 });

/** A packet by hand: event, end, duration. */
function packet(rtpTimestamp: number, event: number, durationTicks: number, isEnd = false, marker = false) {
  const payload = new Uint8Array(4);
  encodeTelephoneEvent({ event, isEnd, volume: 10, durationTicks }, payload);
  return { marker, rtpTimestamp, payload };
}

describe("the payload", () => {
  test("is read and written as recorded", () => {
    for (const { payload } of recorded) {
      const written = new Uint8Array(4);
      encodeTelephoneEvent(decodeTelephoneEvent(payload), written);
      expect(written.toHex()).toBe(payload.toHex());
    }
    expect(decodeTelephoneEvent(fromHex("0b8a0a00"))).toEqual({
      event: 11,
      isEnd: true,
      volume: 10,
      durationTicks: 2560,
    });
  });

  test("every truncation is refused", () => {
    for (let length = 0; length < 4; length++) {
      const payload = fromHex("0b8a0a00").subarray(0, length);
      expect(errorCodeOf(() => decodeTelephoneEvent(payload))).toBe("rtp.telephone-event-truncated");
    }
  });
});

describe("receiving", () => {
  test("GStreamer's digits, each once", () => {
    expect(receiveAll(recorded)).toBe("5*D");
  });

  test("with any one packet lost, and with any two in a row", () => {
    for (let i = 0; i < recorded.length; i++) {
      expect(receiveAll(recorded.toSpliced(i, 1))).toBe("5*D");
      expect(receiveAll(recorded.toSpliced(i, 2))).toBe("5*D");
    }
  });

  test("with all beginnings or all ends lost", () => {
    expect(receiveAll(recorded.filter((_, i) => i % 12 >= 4))).toBe("5*D");
    expect(receiveAll(recorded.filter((_, i) => i % 12 < 9))).toBe("5*D");
  });

  test("with every packet doubled, and with neighbours swapped", () => {
    expect(receiveAll(recorded.flatMap((one) => [one, one]))).toBe("5*D");
    const swapped = recorded.map((_, i) => recorded[i % 2 === 0 ? i + 1 : i - 1] ?? packet(0, 0, 0));
    expect(receiveAll(swapped)).toBe("5*D");
  });

  test("a late packet of an older digit says nothing", () => {
    expect(
      receiveAll([packet(0, 1, 160, false, true), packet(2000, 2, 160, false, true), packet(0, 1, 480)]),
    ).toBe("12");
  });

  test("the same digit twice, its ends and the second marker lost", () => {
    expect(receiveAll([packet(0, 1, 160, false, true), packet(0, 1, 480), packet(1280, 1, 320)])).toBe("11");
  });

  test("the same digit right behind its end, or its beginning with a marker", () => {
    expect(receiveAll([packet(0, 1, 800, true, true), packet(800, 1, 160)])).toBe("11");
    expect(receiveAll([packet(0, 1, 800, false, true), packet(800, 1, 160, false, true)])).toBe("11");
  });

  test("a key held for longer than a duration can say", () => {
    const held = [packet(0, 9, 65_535, false, true), packet(65_535, 9, 160), packet(65_535, 9, 800, true)];
    expect(receiveAll(held)).toBe("9");
  });

  test("a sender that moves the timestamp with every packet", () => {
    const moving = [1, 2, 3, 4].map((n) => packet(n * 160, 7, n * 160, n === 4, n === 1));
    expect(receiveAll(moving)).toBe("7");
  });

  test("a sender whose clock stands still while keys are pressed", () => {
    const press = (event: number) =>
      [1, 2, 3, 4, 4, 4].map((n, i) => packet(5000, event, n * 160, i > 2, i === 0));
    const keys = [1, 2, 2, 1, 3, 3].flatMap(press);
    expect(receiveAll(keys)).toBe("122133");
    expect(receiveAll(keys.map((one) => ({ ...one, marker: false })))).toBe("122133");
    for (let i = 0; i < keys.length; i++) expect(receiveAll(keys.toSpliced(i, 1))).toBe("122133");
    const numbered = keys.map((one, sequenceNumber) => ({ ...one, sequenceNumber }));
    const late = [...numbered.slice(1, 8), ...numbered.slice(0, 1), ...numbered.slice(8)];
    expect(receiveAll(late)).toBe("122133");
  });

  test("a sender that gives the repeated last packets new timestamps", () => {
    const press = (at: number) => [
      ...[1, 2, 3, 4, 5].map((n) => packet(at, 1, n * 160, n === 5, n === 1)),
      ...[800, 960].map((later) => packet(at + later, 1, 800, true)),
    ];
    expect(receiveAll(press(0))).toBe("1");
    expect(receiveAll([...press(0), ...press(2400)])).toBe("11");
    expect(receiveAll([...press(0), packet(960 + 1200, 1, 480), packet(960 + 1200, 1, 800, true)])).toBe(
      "11",
    );
  });

  test("flash and tones are no digits", () => {
    expect(receiveAll([packet(0, 16, 160), packet(1000, 66, 160)])).toBe("");
  });
});

describe("sending", () => {
  test("one digit: the marker first, a growing duration, three ends", () => {
    const sender = newSender();
    expect(sender.send("#")).toBe(1);
    const packets = sentBy(sender, 20, 4000);
    expect(packets.map(({ payload }) => payload.toHex())).toEqual([
      "0b0a00a0",
      "0b0a0140",
      "0b0a01e0",
      "0b0a0280",
      "0b8a0320",
      "0b8a0320",
      "0b8a0320",
    ]);
    expect(packets.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false]);
    expect(new Set(packets.map(({ rtpTimestamp }) => rtpTimestamp))).toEqual(new Set([4000]));
    expect(sender.isBusy).toBe(false);
  });

  test("between digits there is sound", () => {
    const sender = newSender();
    sender.send("11");
    const isSound = run(sender, 20).map((one) => one === undefined);
    const expected = [...Array(7).fill(false), ...Array(3).fill(true), ...Array(7).fill(false)];
    expect(isSound).toEqual([...expected, ...Array(3).fill(true)]);
  });

  test.each([160, 80, 480])("what is sent in packets of %d ticks is what is received", (packetTicks) => {
    const sender = new DigitSender({ packetTicks, clockRate: 8000 });
    sender.send("0123456789*#abcd");
    const packets: DigitPacket[] = [];
    for (let timestamp = 0xfffff000; sender.isBusy; timestamp = (timestamp + packetTicks) >>> 0) {
      const one = sender.next(timestamp);
      if (one !== undefined) packets.push({ ...one, payload: one.payload.slice() });
    }
    expect(receiveAll(packets)).toBe("0123456789*#ABCD");
  });

  test("what is no digit is left, and so is what comes while too many wait", () => {
    const sender = newSender();
    expect(sender.send("1x é,\n")).toBe(1);
    expect(sender.send("2".repeat(100))).toBe(63);
    expect(receiveAll(sentBy(sender, 64 * 20))).toBe(`1${"2".repeat(63)}`);
  });

  test("nothing waits, nothing is sent", () => {
    expect(sentBy(newSender(), 10)).toEqual([]);
  });
});
