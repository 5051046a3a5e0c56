import type { LegEvent, LegProgress } from "../../src/calls/ports.ts";
import { createLogger } from "../../src/log.ts";
import { TelephoneExchange } from "../../src/telephone/exchange.ts";
import type { Rtp, RtpPorts } from "../../src/telephone/rtp-port.ts";
import { RtpSounds } from "../../src/telephone/rtp-sound.ts";
import type { TelephoneSwitch } from "../../src/telephone/switch.ts";
import { FakeStream } from "../calls/fake-media.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { OFFER, PEER, Rig } from "../protocols/sip/rig.ts";

export { OFFER };

/** Ports that hear and send nothing. */
class SilentRtp implements Rtp {
  openCount = 0;
  /** Of the newest packet in each session. */
  lastReceivedAtMs: number | undefined;

  async openPorts(): Promise<RtpPorts> {
    this.openCount++;
    const rtp = this;
    return {
      rtpPort: 4000,
      start: () => ({
        get lastReceivedAtMs() {
          return rtp.lastReceivedAtMs;
        },
        counters: {
          sentPackets: 0,
          receivedPackets: 0,
          lostPackets: 0,
          jitterMs: 0,
          foreignPackets: 0,
          badPackets: 0,
          unsentPackets: 0,
          far: undefined,
        },
        setSource() {},
        sendDigits: () => 0,
        update() {},
        keepAwake() {},
        finish: async () => void this.openCount--,
      }),
      [Symbol.dispose]: () => void this.openCount--,
    };
  }
}

/** The telephone side without a network and in a time that the test moves. */
export function startPureExchange(silenceMs = 30_000) {
  const clock = new FakeClock();
  const rig = new Rig();
  const rtp = new SilentRtp();
  const lines: string[] = [];
  const placed = { report: (_: LegProgress) => {}, session: "", hangUpCount: 0 };
  const switchState = { seemsGone: false, askedCount: 0, address: PEER.address };
  const telephoneSwitch: TelephoneSwitch = {
    problem: undefined,
    get seemsGone() {
      return switchState.seemsGone;
    },
    ask: () => void switchState.askedCount++,
    isAt: (address) => address === switchState.address,
    placeCall({ session }, report) {
      Object.assign(placed, { report, session });
      return { ourLegId: "leg", hangUp: () => void placed.hangUpCount++ };
    },
  };
  const exchange = new TelephoneExchange({
    host: "192.0.2.1",
    sounds: new RtpSounds(rtp, clock),
    codecs: ["PCMA"],
    ptimeMs: 20,
    silenceMs,
    telephoneSwitch,
    callerNumber: undefined,
    clock,
    log: createLogger({ level: "debug", write: (line) => void lines.push(line) }),
  });
  rig.onInvite = (invite) => exchange.takeInvite(invite);
  const events: LegEvent[] = [];
  const report = (event: LegEvent) => void events.push(event);
  const streams = { heard: new FakeStream("heard", () => {}), spoken: new FakeStream("spoken", () => {}) };
  const urls = { caller_url: "", callee_url: "" };
  const taking = exchange.takeCalls((phone) => phone.accept("c1", streams, report).answer());
  const dial = () =>
    exchange.dial({ callId: "c1", number: "139", callerNumber: "lihao", streams, urls }, report);
  return { clock, rig, rtp, lines, placed, switchState, exchange, events, streams, taking, dial };
}
