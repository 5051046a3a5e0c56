import type { TelephonePacket } from "../../../../src/media/sound/telephone/telephone-packet.ts";

/** Packets of 20 ms at 8,000 samples a second, numbered from 0; whatever is given replaces what follows from that. */
export function packetOf(index: number, given: Partial<TelephonePacket> = {}): TelephonePacket {
  return {
    sequenceNumber: index & 0xffff,
    rtpTimestamp: (index * 160) >>> 0,
    ssrc: 1,
    payloadKind: "PCMA",
    payload: new Uint8Array(160).fill(0xd5),
    ...given,
  };
}
