import { FromTelephone } from "../../src/media/sound/telephone/from-telephone.ts";
import type { TelephonePacket } from "../../src/media/sound/telephone/telephone-packet.ts";
import type { FuzzTarget } from "./fuzz.ts";

const RECORD_BYTES = 8;
const MOST_RECORDS = 16;
const KINDS = ["PCMA", "PCMA", "PCMA", "PCMA", "CN", "other", "PCMU", "L16"] as const;
/** All that is held may be pushed out by one packet, each with the longest gap filled in before it. */
const MOST_MS_AT_ONCE = 33 * (240 + 1_500);

let emittedMs = 0;
let nowMs = 0;
let sequenceNumber = 0;
let rtpTimestamp = 0;
// One for all inputs, so that each meets the state that others left behind.
const telephone = new FromTelephone({
  telephoneCodec: "PCMA",
  target: { codec: "G711A" },
  onCoded: () => {
    emittedMs += 20;
  },
});

/** A record: kind and sender, step of the sequence number, step of the time, wait before it, length of the payload. */
function recordOf(kind: number, step: number, ticks: number, waitMs: number, length: number): number[] {
  return [kind, step >> 8, step & 0xff, ticks >> 8, ticks & 0xff, waitMs, length >> 8, length & 0xff];
}

const SPEECH = Array.from({ length: 6 }, () => recordOf(0, 1, 160, 20, 160)).flat();

export const target: FuzzTarget = {
  name: "telephone-packets",
  seeds: [
    Uint8Array.from(SPEECH),
    Uint8Array.from([...SPEECH, ...recordOf(0, 3, 480, 60, 160), ...recordOf(0, -1, -160, 5, 160)]),
    Uint8Array.from([...SPEECH, ...recordOf(4, 1, 160, 20, 1), ...recordOf(0, 1, 8_000, 250, 160)]),
    Uint8Array.from([
      ...SPEECH,
      ...recordOf(0x10, 9_999, 30_000, 20, 160),
      ...recordOf(0x10, 1, 160, 20, 160),
    ]),
  ],
  run(input) {
    for (
      let at = 0;
      at + RECORD_BYTES <= Math.min(input.length, MOST_RECORDS * RECORD_BYTES);
      at += RECORD_BYTES
    ) {
      const packet = readPacket(input.subarray(at, at + RECORD_BYTES));
      emittedMs = 0;
      telephone.push(packet, nowMs);
      if ((packet.ssrc & 1) === 0) telephone.tick(nowMs);
      if (emittedMs > MOST_MS_AT_ONCE) throw new Error(`${emittedMs} ms came out at once`);
    }
  },
};

function readPacket(record: Uint8Array): TelephonePacket {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const first = view.getUint8(0);
  sequenceNumber = (sequenceNumber + view.getInt16(1)) & 0xffff;
  rtpTimestamp = (rtpTimestamp + view.getInt16(3) * (first & 8 ? 65_536 : 1)) >>> 0;
  nowMs += view.getUint8(5);
  return {
    sequenceNumber,
    rtpTimestamp,
    ssrc: first >> 4,
    payloadKind: KINDS[first & 7] ?? "PCMA",
    payload: new Uint8Array(view.getUint16(6) & 0xfff),
  };
}
