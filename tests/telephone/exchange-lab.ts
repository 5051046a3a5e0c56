import type { CallingTelephone, LegEvent, TelephoneLeg } from "../../src/calls/ports.ts";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { RtpServer } from "../../src/servers/rtp/rtp-server.ts";
import { SipServer } from "../../src/servers/sip/server.ts";
import { TelephoneExchange, type TelephoneExchangeOptions } from "../../src/telephone/exchange.ts";
import { RtpSounds } from "../../src/telephone/rtp-sound.ts";
import { FakeStream } from "../calls/fake-media.ts";
import { InboundCall, type InboundOptions } from "../peers/freeswitch/inbound-call.ts";
import { SipSide } from "../peers/freeswitch/sip-side.ts";
import { waitFor } from "../peers/wait.ts";

const HOST = "127.0.0.1";

/** A telephone's call that was taken. */
type Taken = {
  readonly phone: CallingTelephone;
  readonly leg: TelephoneLeg;
  readonly events: LegEvent[];
  readonly streams: { readonly heard: FakeStream; readonly spoken: FakeStream };
};

/** The telephone side on loopback without calls of its own, and FreeSWITCH's SIP and RTP to call it. */
export async function startExchange(
  options: Partial<TelephoneExchangeOptions> & { readonly allow?: readonly string[] } = {},
) {
  const stack = new AsyncDisposableStack();
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const clock = systemClock;
  const faults: string[] = [];
  const sip = stack.use(
    await SipServer.start({
      host: HOST,
      port: 0,
      allow: options.allow ?? ["127.0.0.0/8"],
      maxCalls: 100,
      software: "nway-wx/test",
      clock,
      log,
    }),
  );
  const rtp = stack.use(
    new RtpServer({ host: HOST, ports: { first: 40_000, last: 41_999 }, isAllowed: () => false, clock, log }),
  );
  const exchange = stack.use(
    new TelephoneExchange({
      host: HOST,
      sounds: new RtpSounds(rtp, clock),
      codecs: ["PCMA", "PCMU", "L16"],
      ptimeMs: 20,
      silenceMs: 30_000,
      telephoneSwitch: undefined,
      callerNumber: undefined,
      clock,
      log,
      ...options,
    }),
  );
  sip.takeInvites((invite) => exchange.takeInvite(invite));
  const side = await SipSide.open(0, faults);
  stack.defer(() => side.close());

  /** Takes every call, as it comes. */
  const taken: Taken[] = [];
  exchange.takeCalls((phone) => {
    const streams = { heard: new FakeStream("heard", () => {}), spoken: new FakeStream("spoken", () => {}) };
    const events: LegEvent[] = [];
    const leg = phone.accept(`call-${taken.length}`, streams, (event) => void events.push(event));
    taken.push({ phone, leg, events, streams });
  });

  async function callIn(inbound: Partial<InboundOptions> = {}): Promise<InboundCall> {
    const gateway = { host: HOST, port: sip.port };
    return InboundCall.open(side, { fire() {} }, { user: "lihao", gateway, codecs: "PCMA", ...inbound });
  }

  /** A call that came in and was taken, but not answered. */
  async function ring(inbound: Partial<InboundOptions> = {}) {
    const count = taken.length;
    const call = await callIn(inbound);
    const one = await waitFor("the call to be taken", () => taken[count]);
    one.leg.ring();
    return { call, ...one };
  }

  async function connect(inbound: Partial<InboundOptions> = {}) {
    const ringing = await ring(inbound);
    ringing.leg.answer();
    await waitFor("the answer", () => ringing.call.outcome);
    return ringing;
  }

  async function expectNothingLeft(): Promise<void> {
    await waitFor("the end of all legs", () => exchange.legCount === 0 && sip.callCount === 0);
    await waitFor("the end of all ports", () => rtp.portCounts.taken === 0);
    if (faults.length > 0) throw new Error(`faults: ${faults.join("\n")}`);
  }

  return {
    sip,
    rtp,
    exchange,
    side,
    faults,
    lines,
    taken,
    callIn,
    ring,
    connect,
    expectNothingLeft,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
