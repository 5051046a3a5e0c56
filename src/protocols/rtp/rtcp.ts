import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";
import { AppError, isPeerFault } from "../../errors.ts";
import type { NtpTime } from "./ntp.ts";

/** How one sender is received (RFC 3550, section 6.4.1). */
export type ReceptionReport = {
  readonly ssrc: number;
  /** Of the packets since the last report, in 1/256. */
  readonly fractionLost: number;
  /** Since the beginning; negative when duplicates outnumber losses. */
  readonly cumulativeLost: number;
  /** Extended by the count of wraps. */
  readonly highestSequenceNumber: number;
  readonly jitterTicks: number;
  /** The middle 32 bits of the NTP time of the last sender report, 0 before the first. */
  readonly lastSenderReport: number;
  /** Since that report arrived, in 1/65,536 s. */
  readonly delaySinceLastSenderReport: number;
};

type SenderReport = {
  readonly kind: "sender-report";
  readonly ssrc: number;
  readonly ntp: NtpTime;
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
  readonly reports: readonly ReceptionReport[];
};

export type RtcpPacket =
  | SenderReport
  | { readonly kind: "receiver-report"; readonly ssrc: number; readonly reports: readonly ReceptionReport[] }
  | { readonly kind: "source-description"; readonly sources: readonly { ssrc: number; cname: string }[] }
  | { readonly kind: "bye"; readonly ssrcs: readonly number[]; readonly reason: string };

const Type = { senderReport: 200, receiverReport: 201, sourceDescription: 202, bye: 203 } as const;
const CNAME = 1;
const MAX_ITEM_BYTES = 255;
const MAX_COUNT = 31;

/** Whether a datagram on a port for both is RTCP (RFC 5761, section 4). */
export function isRtcp(bytes: Uint8Array): boolean {
  return isRtcpType(bytes[1] ?? 0);
}

function isRtcpType(type: number): boolean {
  return type >= 192 && type <= 223;
}

/**
 * The packets of one compound datagram that this program knows. Whoever sends something broken behind a good packet
 * is still heard: what follows the good ones is left. Throws AppError `rtcp.…` when already the first is broken.
 */
export function decodeRtcp(bytes: Uint8Array): RtcpPacket[] {
  const reader = new Reader(bytes, "rtcp");
  const packets: RtcpPacket[] = [];
  do {
    try {
      const packet = decodeOne(reader);
      if (packet !== undefined) packets.push(packet);
    } catch (thrown) {
      if (!isPeerFault(thrown) || packets.length === 0) throw thrown;
      break;
    }
  } while (reader.remaining > 0);
  return packets;
}

/** One compound datagram; the first should be a report and a source description be among them (section 6.1). */
export function encodeRtcp(packets: readonly RtcpPacket[]): Uint8Array {
  const writer = new Writer(128);
  for (const packet of packets) encodeOne(writer, packet);
  return writer.finish();
}

function decodeOne(reader: Reader): RtcpPacket | undefined {
  const first = reader.u8();
  if (first >> 6 !== 2) throw new AppError("peer", "rtcp.bad-version", { version: first >> 6 });
  const type = reader.u8();
  if (!isRtcpType(type)) throw new AppError("peer", "rtcp.bad-type", { type });
  const body = reader.view(reader.u16() * 4);
  const padding = (first & 0x20) === 0 ? 0 : (body.at(-1) ?? 0);
  if (padding > body.length) throw new AppError("peer", "rtcp.bad-padding", { have: padding });
  const content = new Reader(body.subarray(0, body.length - padding), "rtcp");
  const count = first & 0x1f;
  switch (type) {
    case Type.senderReport:
      return decodeSenderReport(content, count);
    case Type.receiverReport:
      return { kind: "receiver-report", ssrc: content.u32(), reports: decodeReports(content, count) };
    case Type.sourceDescription:
      return { kind: "source-description", sources: decodeSources(content, count) };
    case Type.bye:
      return decodeBye(content, count);
    default:
      return undefined;
  }
}

function decodeSenderReport(content: Reader, count: number): SenderReport {
  return {
    kind: "sender-report",
    ssrc: content.u32(),
    ntp: { seconds: content.u32(), fraction: content.u32() },
    rtpTimestamp: content.u32(),
    packetCount: content.u32(),
    octetCount: content.u32(),
    reports: decodeReports(content, count),
  };
}

function decodeReports(content: Reader, count: number): ReceptionReport[] {
  return Array.from({ length: count }, () => ({
    ssrc: content.u32(),
    fractionLost: content.u8(),
    cumulativeLost: (content.u24() << 8) >> 8,
    highestSequenceNumber: content.u32(),
    jitterTicks: content.u32(),
    lastSenderReport: content.u32(),
    delaySinceLastSenderReport: content.u32(),
  }));
}

/** Chunks of items, each chunk ended by a zero and filled up to four bytes (section 6.5). */
function decodeSources(content: Reader, count: number): { ssrc: number; cname: string }[] {
  return Array.from({ length: count }, () => {
    const ssrc = content.u32();
    let cname = "";
    for (;;) {
      const item = content.u8();
      if (item === 0) break;
      const text = decodeText(content.view(content.u8()));
      if (item === CNAME) cname = text;
    }
    content.skip(Math.min(content.remaining, (4 - (content.offset % 4)) % 4));
    return { ssrc, cname };
  });
}

function decodeBye(content: Reader, count: number): RtcpPacket {
  const ssrcs = Array.from({ length: count }, () => content.u32());
  const reason = content.remaining === 0 ? "" : decodeText(content.view(content.u8()));
  return { kind: "bye", ssrcs, reason };
}

function encodeOne(writer: Writer, packet: RtcpPacket): void {
  const body = new Writer(64);
  const [type, count] = encodeBody(body, packet);
  if (count > MAX_COUNT) throw new AppError("bug", "rtcp.too-many", { have: count, limit: MAX_COUNT });
  const words = body.length / 4;
  writer
    .u8(0x80 | count)
    .u8(type)
    .u16(words)
    .bytes(body.finish());
}

/** Returns the type and the count of what the body lists, for its header. */
function encodeBody(body: Writer, packet: RtcpPacket): readonly [type: number, count: number] {
  switch (packet.kind) {
    case "sender-report":
      body.u32(packet.ssrc).u32(packet.ntp.seconds).u32(packet.ntp.fraction).u32(packet.rtpTimestamp);
      body.u32(packet.packetCount).u32(packet.octetCount);
      encodeReports(body, packet.reports);
      return [Type.senderReport, packet.reports.length];
    case "receiver-report":
      encodeReports(body.u32(packet.ssrc), packet.reports);
      return [Type.receiverReport, packet.reports.length];
    case "source-description":
      for (const { ssrc, cname } of packet.sources) {
        encodeText(body.u32(ssrc).u8(CNAME), cname);
        fillWord(body.u8(0));
      }
      return [Type.sourceDescription, packet.sources.length];
    case "bye":
      for (const ssrc of packet.ssrcs) body.u32(ssrc);
      if (packet.reason !== "") encodeText(body, packet.reason);
      fillWord(body);
      return [Type.bye, packet.ssrcs.length];
  }
}

function encodeReports(body: Writer, reports: readonly ReceptionReport[]): void {
  for (const report of reports) {
    body
      .u32(report.ssrc)
      .u8(report.fractionLost)
      .u24(report.cumulativeLost & 0xffffff);
    body.u32(report.highestSequenceNumber).u32(report.jitterTicks);
    body.u32(report.lastSenderReport).u32(report.delaySinceLastSenderReport);
  }
}

function fillWord(body: Writer): void {
  while (body.length % 4 !== 0) body.u8(0);
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function encodeText(body: Writer, text: string): void {
  const bytes = new TextEncoder().encode(text).subarray(0, MAX_ITEM_BYTES);
  body.u8(bytes.length).bytes(bytes);
}
