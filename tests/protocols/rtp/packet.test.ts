import { describe, expect, test } from "bun:test";
import {
  createRtpHeader,
  decodeRtp,
  encodeRtpHeader,
  type RtpHeader,
} from "../../../src/protocols/rtp/packet.ts";
import { errorCodeOf } from "../error-code.ts";
import { fromHex } from "../fixtures.ts";
import { readDatagrams } from "./datagrams.ts";

function decode(bytes: Uint8Array): RtpHeader {
  const header = createRtpHeader();
  decodeRtp(bytes, header);
  return header;
}

const decodeHex = (hex: string) => decode(fromHex(hex));
const FIXED = "0008 0001 00000002 00000003";

describe("recorded packets", () => {
  test.each([
    ["ffmpeg-pcma", { payloadType: 8, step: 160, payloadByteCount: 160, start: 12 }],
    ["ffmpeg-l16", { payloadType: 97, step: 320, payloadByteCount: 640, start: 12 }],
    // 4 bytes of extension header and three words.
    ["gstreamer-pcma-extension", { payloadType: 8, step: 160, payloadByteCount: 160, start: 28 }],
  ] as const)("%s", (name, { payloadType, step, payloadByteCount, start }) => {
    const headers = readDatagrams(name).map(decode);
    const [first] = headers;
    expect(headers.length).toBeGreaterThan(3);
    headers.forEach((header, i) => {
      expect(header).toMatchObject({
        payloadType,
        ssrc: first?.ssrc ?? -1,
        sequenceNumber: ((first?.sequenceNumber ?? 0) + i) & 0xffff,
        rtpTimestamp: ((first?.rtpTimestamp ?? 0) + i * step) >>> 0,
        payloadStart: start,
        payloadEnd: start + payloadByteCount,
      });
    });
  });

  test.each(["ffmpeg-pcma", "ffmpeg-l16", "gstreamer-digits"])("%s is encoded as it was", (name) => {
    for (const bytes of readDatagrams(name)) {
      const encoded = bytes.slice();
      encoded.fill(0xee, 0, 12);
      encodeRtpHeader(decode(bytes), encoded);
      expect(encoded.toHex()).toBe(bytes.toHex());
    }
  });

  test("every truncation of a header is refused, of a payload is not", () => {
    for (const name of ["ffmpeg-pcma", "gstreamer-pcma-extension"]) {
      const [bytes = new Uint8Array()] = readDatagrams(name);
      const { payloadStart } = decode(bytes);
      for (let length = 0; length < bytes.length; length++) {
        const code = errorCodeOf(() => decode(bytes.subarray(0, length)));
        expect(code).toBe(length < payloadStart ? "rtp.truncated" : "nothing thrown");
      }
    }
  });
});

describe("the rarer parts of a header", () => {
  test("contributing sources, an extension and padding are left out of the payload", () => {
    expect(
      decodeHex(`b2 88 ffff ffffffff 89abcdef  11111111 22222222  bede 0001 10aa0000  d5d5d5 00 02`),
    ).toEqual({
      payloadType: 8,
      marker: true,
      sequenceNumber: 65_535,
      rtpTimestamp: 0xffffffff,
      ssrc: 0x89abcdef,
      payloadStart: 28,
      payloadEnd: 31,
    });
  });

  test("nothing but padding is an empty payload", () => {
    const { payloadStart, payloadEnd } = decodeHex("a0 08 0001 00000002 00000003 00000004");
    expect([payloadStart, payloadEnd]).toEqual([12, 12]);
  });

  test.each([
    ["a version of another protocol", `40${FIXED.slice(2)}`, "rtp.bad-version"],
    ["STUN", "0001 0000 2112a442 000000000000000000000000", "rtp.bad-version"],
    ["padding of nothing", "a0 08 0001 00000002 00000003 00000000", "rtp.bad-padding"],
    ["padding with no payload to hold it", "a0 08 0001 00000002 00000003", "rtp.bad-padding"],
    ["more padding than payload", "a0 08 0001 00000002 00000003 00000005", "rtp.bad-padding"],
    ["more sources than bytes", "8f 08 0001 00000002 00000003 00000000", "rtp.truncated"],
    ["an extension without its header", "90 08 0001 00000002 00000003 bede", "rtp.truncated"],
    ["an extension longer than the packet", "90 08 0001 00000002 00000003 bede ffff 00", "rtp.truncated"],
  ])("%s is refused", (_, hex, code) => {
    expect(errorCodeOf(() => decodeHex(hex))).toBe(code);
  });
});
