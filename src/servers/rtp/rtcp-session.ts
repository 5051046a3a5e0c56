import { expectPeerFault } from "../../errors.ts";
import { measureRoundTripMs, toNtpTime } from "../../protocols/rtp/ntp.ts";
import { decodeRtcp, encodeRtcp, type ReceptionReport, type RtcpPacket } from "../../protocols/rtp/rtcp.ts";
import type { RtpReceiver } from "./rtp-receiver.ts";
import type { RtpSender } from "./rtp-sender.ts";

export const REPORT_PERIOD_MS = 5000;

/** What the peer says of our packets; undefined before it says anything. */
export type FarReception = {
  readonly lostCount: number;
  readonly fractionLost: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | undefined;
};

/** The reports of one session, both ways. */
export class RtcpSession {
  readonly #cname: string;
  readonly #wallOffsetMs: number;
  #farReception: FarReception | undefined;
  #reportedPacketCount = 0;

  /** @param wallOffsetMs from `nowMs` to the wall clock at the start: a step of that clock is none of the reports'. */
  constructor(cname: string, wallOffsetMs: number) {
    this.#cname = cname;
    this.#wallOffsetMs = wallOffsetMs;
  }

  get farReception(): FarReception | undefined {
    return this.#farReception;
  }

  /** A report and our name; of a sender's kind if something was sent since the last (RFC 3550, section 6.4). */
  report(sender: RtpSender, receiver: RtpReceiver, nowMs: number): Uint8Array {
    const { ssrc, packetCount, octetCount, rtpTimestamp } = sender;
    const reports = receiver.statistics === undefined ? [] : [receiver.statistics.report(nowMs)];
    const hasSent = packetCount !== this.#reportedPacketCount;
    this.#reportedPacketCount = packetCount;
    const first: RtcpPacket = hasSent
      ? {
          kind: "sender-report",
          ssrc,
          ntp: toNtpTime(nowMs + this.#wallOffsetMs),
          rtpTimestamp,
          packetCount,
          octetCount,
          reports,
        }
      : { kind: "receiver-report", ssrc, reports };
    return encodeRtcp([first, this.#describe(ssrc)]);
  }

  /** The BYE of a sender that ends. */
  bye({ ssrc }: RtpSender): Uint8Array {
    const report: RtcpPacket = { kind: "receiver-report", ssrc, reports: [] };
    return encodeRtcp([report, this.#describe(ssrc), { kind: "bye", ssrcs: [ssrc], reason: "" }]);
  }

  /** False for what is no RTCP. */
  receive(bytes: Uint8Array, sender: RtpSender, receiver: RtpReceiver, nowMs: number): boolean {
    const packets = decodeOrNothing(bytes);
    for (const packet of packets ?? []) {
      if (packet.kind === "sender-report" && packet.ssrc === receiver.statistics?.ssrc) {
        receiver.statistics.noteSenderReport(packet.ntp, nowMs);
      }
      if (packet.kind !== "sender-report" && packet.kind !== "receiver-report") continue;
      const ours = packet.reports.find(({ ssrc }) => ssrc === sender.ssrc);
      if (ours !== undefined) this.#farReception = readFarReception(ours, sender, nowMs + this.#wallOffsetMs);
    }
    return packets !== undefined;
  }

  #describe(ssrc: number): RtcpPacket {
    return { kind: "source-description", sources: [{ ssrc, cname: this.#cname }] };
  }
}

function readFarReception(report: ReceptionReport, sender: RtpSender, wallMs: number): FarReception {
  return {
    lostCount: report.cumulativeLost,
    fractionLost: report.fractionLost / 256,
    jitterMs: (report.jitterTicks * 1000) / sender.format.clockRate,
    roundTripMs: measureRoundTripMs(report, toNtpTime(wallMs)),
  };
}

function decodeOrNothing(bytes: Uint8Array): RtcpPacket[] | undefined {
  try {
    return decodeRtcp(bytes);
  } catch (thrown) {
    expectPeerFault(thrown);
    return undefined;
  }
}
