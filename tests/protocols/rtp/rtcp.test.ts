import { describe, expect, test } from "bun:test";
import { measureRoundTripMs, toNtpTime, toShortNtp } from "../../../src/protocols/rtp/ntp.ts";
import { decodeRtcp, encodeRtcp, isRtcp, type RtcpPacket } from "../../../src/protocols/rtp/rtcp.ts";
import { errorCodeOf } from "../error-code.ts";
import { fromHex } from "../fixtures.ts";
import { readDatagrams } from "./datagrams.ts";

/** RFC 3550, section 6.4.2 and 6.6, by hand. */
const RECEIVER_REPORT = fromHex(
  "81 c9 0007 00000001  00000002 40 fffffe 0001 0010 00000050 11112222 00018000" +
    "82 cb 0004 00000001 00000009 06 676f6e653f21 00",
);
const REPORT = {
  ssrc: 2,
  fractionLost: 64,
  cumulativeLost: -2,
  highestSequenceNumber: 0x10010,
  jitterTicks: 80,
  lastSenderReport: 0x11112222,
  delaySinceLastSenderReport: 0x18000,
};

const kindsOf = (packets: readonly RtcpPacket[]) => packets.map(({ kind }) => kind);

describe("recorded datagrams", () => {
  test("ffmpeg's sender reports", () => {
    const datagrams = readDatagrams("ffmpeg-rtcp");
    const [first, second] = datagrams.flatMap(decodeRtcp);
    expect(first).toMatchObject({ kind: "sender-report", packetCount: 0, octetCount: 0, reports: [] });
    expect(second).toMatchObject({ kind: "sender-report", packetCount: 250, octetCount: 40_000 });
    expect(datagrams.every(isRtcp)).toBe(true);
  });

  test("GStreamer's with a source description and a BYE", () => {
    const datagrams = readDatagrams("gstreamer-rtcp").map(decodeRtcp);
    expect(kindsOf(datagrams[0] ?? [])).toEqual(["sender-report", "source-description"]);
    expect(kindsOf(datagrams.at(-1) ?? [])).toEqual(["sender-report", "source-description", "bye"]);
    const [report, description] = datagrams[0] ?? [];
    const ssrc = report?.kind === "sender-report" ? report.ssrc : -1;
    expect(description).toEqual({
      kind: "source-description",
      sources: [{ ssrc, cname: expect.stringMatching(/^user\d+@host-[0-9a-f]+$/) }],
    });
    expect(datagrams.at(-1)?.at(-1)).toEqual({ kind: "bye", ssrcs: [ssrc], reason: "" });
  });

  test("are encoded as they were", () => {
    const ours = (datagrams: Uint8Array[]) => datagrams.map((bytes) => encodeRtcp(decodeRtcp(bytes)).toHex());
    const ffmpeg = readDatagrams("ffmpeg-rtcp");
    expect(ours(ffmpeg)).toEqual(ffmpeg.map((bytes) => bytes.toHex()));
    expect(encodeRtcp(decodeRtcp(RECEIVER_REPORT)).toHex()).toBe(RECEIVER_REPORT.toHex());
    // GStreamer also names its tool, which is not kept.
    for (const bytes of readDatagrams("gstreamer-rtcp")) {
      expect(decodeRtcp(encodeRtcp(decodeRtcp(bytes)))).toEqual(decodeRtcp(bytes));
    }
  });
});

describe("a compound datagram", () => {
  test("reads reports and why somebody left", () => {
    expect(decodeRtcp(RECEIVER_REPORT)).toEqual([
      { kind: "receiver-report", ssrc: 1, reports: [REPORT] },
      { kind: "bye", ssrcs: [1, 9], reason: "gone?!" },
    ]);
  });

  test("every truncation gives the whole packets before it, or an error when there is none", () => {
    for (const bytes of [RECEIVER_REPORT, ...readDatagrams("gstreamer-rtcp")]) {
      const whole = kindsOf(decodeRtcp(bytes));
      for (let length = 0; length < bytes.length; length++) {
        const part = bytes.subarray(0, length);
        const firstEnd = ((bytes[2] ?? 0) * 256 + (bytes[3] ?? 0)) * 4 + 4;
        if (length < firstEnd) expect(errorCodeOf(() => decodeRtcp(part))).toBe("rtcp.truncated");
        else expect(whole.slice(0, -1).join()).toStartWith(kindsOf(decodeRtcp(part)).join());
      }
    }
  });

  test("passes over what it does not know: feedback and applications", () => {
    const bytes = fromHex("80 cc 0002 00000001 51514141  81 ce 0002 00000001 00000002  80 c9 0001 00000007");
    expect(decodeRtcp(bytes)).toEqual([{ kind: "receiver-report", ssrc: 7, reports: [] }]);
  });

  test("padding is no part of the last packet", () => {
    expect(decodeRtcp(fromHex("a1 cb 0002 00000007 00000004"))).toEqual([
      { kind: "bye", ssrcs: [7], reason: "" },
    ]);
  });

  test.each([
    ["00 c8 0000", "rtcp.bad-version"],
    ["80 08 0000", "rtcp.bad-type"],
    ["81 c9 0001 00000001", "rtcp.truncated"],
    ["81 ca 0002 00000001 01ff0000", "rtcp.truncated"],
    ["a0 c9 0001 000000ff", "rtcp.bad-padding"],
    ["", "rtcp.truncated"],
  ])("%s is refused: %s", (hex, code) => {
    expect(errorCodeOf(() => decodeRtcp(fromHex(hex)))).toBe(code);
  });

  test("a name longer than 255 bytes is cut", () => {
    const [packet] = decodeRtcp(
      encodeRtcp([{ kind: "source-description", sources: [{ ssrc: 1, cname: "n".repeat(300) }] }]),
    );
    expect(packet).toMatchObject({ sources: [{ cname: "n".repeat(255) }] });
  });
});

describe("times", () => {
  test("NTP counts from 1900", () => {
    expect(toNtpTime(0)).toEqual({ seconds: 2_208_988_800, fraction: 0 });
    expect(toNtpTime(1_500)).toEqual({ seconds: 2_208_988_801, fraction: 0x80000000 });
    expect(toShortNtp({ seconds: 0xb44db705, fraction: 0x20000000 })).toBe(0xb7052000);
  });

  test("the round trip of RFC 3550, figure 2", () => {
    const report = { ...REPORT, lastSenderReport: 0xb7052000, delaySinceLastSenderReport: 0x00054000 };
    const arrival = { seconds: 0xb44db710, fraction: 0x80000000 };
    expect(measureRoundTripMs(report, arrival)).toBe(6125);
    expect(measureRoundTripMs({ ...report, lastSenderReport: 0 }, arrival)).toBeUndefined();
  });
});
