import { createLogger, silentLogger } from "../../../src/log.ts";
import { Beat } from "../../../src/media/beat.ts";
import type { TelephonePacket } from "../../../src/media/sound/telephone/telephone-packet.ts";
import {
  createRtpHeader,
  decodeRtp,
  encodeRtpHeader,
  type RtpHeader,
} from "../../../src/protocols/rtp/packet.ts";
import type { AgreedAudio } from "../../../src/protocols/sdp/agreement.ts";
import type { OnDatagram, PortPair } from "../../../src/servers/rtp/port-pair.ts";
import { RtpSession } from "../../../src/servers/rtp/rtp-session.ts";
import type { RtpListener } from "../../../src/telephone/rtp-port.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

export const AUDIO: AgreedAudio = {
  codec: "PCMA",
  clockRate: 8000,
  payloadType: 8,
  telephoneEvent: 101,
  comfortNoise: 13,
  receivable: new Map([
    [8, "PCMA"],
    [101, "TELEPHONE-EVENT"],
  ]),
  ptimeMs: 20,
  direction: "sendrecv",
  remote: { address: "192.0.2.1", rtpPort: 4000, rtcpPort: 4001 },
};

/** The host that the SIP of a session comes from: behind a NAT. */
export const SIP_PEER = "203.0.113.9";

export type Sent = { readonly bytes: Uint8Array; readonly to: string; readonly atMs: number };

/** Ports without a network: what is sent is kept, what is to come in is given. */
export class FakePorts implements PortPair {
  readonly rtpPort = 10_000;
  readonly rtp: Sent[] = [];
  readonly rtcp: Sent[] = [];
  /** Set it to have sending fail. */
  failure: Error | undefined;
  hasRoom = true;
  isDisposed = false;
  onRtp: OnDatagram = () => {};
  onRtcp: OnDatagram = () => {};

  constructor(readonly clock: FakeClock) {}

  listen(listeners: { onRtp: OnDatagram; onRtcp: OnDatagram }): void {
    Object.assign(this, listeners);
  }

  sendRtp(bytes: Uint8Array, address: string, port: number): boolean {
    return this.#send(this.rtp, bytes, address, port);
  }

  sendRtcp(bytes: Uint8Array, address: string, port: number): boolean {
    return this.#send(this.rtcp, bytes, address, port);
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
  }

  #send(list: Sent[], bytes: Uint8Array, address: string, port: number): boolean {
    if (this.failure !== undefined) throw this.failure;
    list.push({ bytes: bytes.slice(), to: `${address}:${port}`, atMs: this.clock.nowMs() });
    return this.hasRoom;
  }
}

/** A session without a network, and all that it gives out; its chance counts from 1. */
export function startSession(audio: AgreedAudio = AUDIO, listener: Partial<RtpListener> = {}) {
  const clock = new FakeClock(0);
  const ports = new FakePorts(clock);
  const beat = new Beat(clock, silentLogger);
  const received: TelephonePacket[] = [];
  const digits: string[] = [];
  const beats: number[] = [];
  const log: string[] = [];
  let drawn = 0;
  const session = new RtpSession({
    ports,
    audio,
    isTrusted: (address) => address === SIP_PEER,
    beat,
    clock,
    log: createLogger({ level: "debug", write: (line) => void log.push(line) }),
    random: () => ++drawn,
    onPacket: (packet) => void received.push({ ...packet, payload: packet.payload.slice() }),
    onDigit: (digit) => void digits.push(digit),
    onBeat: (nowMs) => void beats.push(nowMs),
    ...listener,
  });
  return { session, clock, ports, beat, received, digits, beats, log };
}

export function readRtp(bytes: Uint8Array): RtpHeader & { readonly payload: Uint8Array } {
  const header = createRtpHeader();
  decodeRtp(bytes, header);
  return { ...header, payload: bytes.subarray(header.payloadStart, header.payloadEnd) };
}

/** One packet as a peer sends it; without a payload, 160 bytes. */
export function makeRtp(
  sequenceNumber: number,
  {
    payloadType = 8,
    ssrc = 77,
    rtpTimestamp = sequenceNumber * 160,
    marker = false,
    payload = new Uint8Array(160),
  } = {},
): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  encodeRtpHeader({ payloadType, marker, sequenceNumber, rtpTimestamp, ssrc }, bytes);
  bytes.set(payload, 12);
  return bytes;
}
