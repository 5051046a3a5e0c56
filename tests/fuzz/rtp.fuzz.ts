import { DigitReceiver } from "../../src/protocols/rtp/digit-receiver.ts";
import { createRtpHeader, decodeRtp } from "../../src/protocols/rtp/packet.ts";
import { ReceptionStatistics } from "../../src/protocols/rtp/reception-statistics.ts";
import { fromHex } from "../protocols/fixtures.ts";
import { readDatagrams } from "../protocols/rtp/datagrams.ts";
import type { FuzzTarget } from "./fuzz.ts";

const header = createRtpHeader();
const digits = new DigitReceiver();
const statistics = new ReceptionStatistics(0, 8000);
let nowMs = 0;

export const target: FuzzTarget = {
  name: "rtp",
  seeds: [
    ...["ffmpeg-pcma", "gstreamer-pcma-extension"].flatMap((name) => readDatagrams(name).slice(0, 2)),
    ...readDatagrams("gstreamer-digits"),
    fromHex("b2 88 ffff ffffffff 89abcdef 11111111 22222222 bede 0001 10aa0000 d5d5d5 00 02"),
  ],
  run(input) {
    decodeRtp(input, header);
    const { marker, sequenceNumber, rtpTimestamp, payloadStart, payloadEnd } = header;
    if (payloadStart > payloadEnd || payloadEnd > input.length) throw new Error("the payload lies outside");
    nowMs += 20;
    statistics.receive(sequenceNumber, rtpTimestamp, nowMs);
    const { fractionLost, jitterTicks } = statistics.report(nowMs);
    if (!(fractionLost >= 0 && fractionLost < 256 && jitterTicks >= 0)) throw new Error("a report is wrong");
    digits.receive({
      sequenceNumber,
      marker,
      rtpTimestamp,
      payload: input.subarray(payloadStart, payloadEnd),
    });
  },
};
