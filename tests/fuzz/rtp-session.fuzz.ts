import { silentLogger } from "../../src/log.ts";
import { Beat } from "../../src/media/beat.ts";
import { encodeRtcp } from "../../src/protocols/rtp/rtcp.ts";
import { RtpSession } from "../../src/servers/rtp/rtp-session.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { AUDIO, FakePorts, makeRtp } from "../servers/rtp/fake-ports.ts";
import type { FuzzTarget } from "./fuzz.ts";

const clock = new FakeClock();
const ports = new FakePorts(clock);
const session = new RtpSession({
  ports,
  audio: AUDIO,
  isTrusted: () => false,
  beat: new Beat(clock, silentLogger),
  clock,
  log: silentLogger,
  random: () => 1,
  onPacket: () => {},
  onDigit: () => {},
  onBeat: () => {},
});
const { address, rtpPort, rtcpPort } = AUDIO.remote;
const report = { fractionLost: 1, cumulativeLost: 2, highestSequenceNumber: 3, jitterTicks: 4 };

/** Whatever comes in on both ports of one session. */
export const target: FuzzTarget = {
  name: "rtp-session",
  seeds: [
    makeRtp(1),
    makeRtp(2, { payloadType: 101, marker: true, payload: Uint8Array.of(1, 0x8a, 0, 160) }),
    makeRtp(3, { payloadType: 13, payload: Uint8Array.of(60) }),
    encodeRtcp([
      {
        kind: "receiver-report",
        ssrc: 77,
        reports: [{ ...report, ssrc: 1, lastSenderReport: 5, delaySinceLastSenderReport: 6 }],
      },
      { kind: "source-description", sources: [{ ssrc: 77, cname: "a@b" }] },
      { kind: "bye", ssrcs: [77], reason: "" },
    ]),
  ],
  run(input) {
    ports.onRtp(input, address, rtpPort);
    ports.onRtcp(input, address, rtcpPort);
    const { lostPackets, receivedPackets, jitterMs } = session.counters;
    if (![lostPackets, receivedPackets, jitterMs].every(Number.isFinite))
      throw new Error("counters that are none");
  },
};
