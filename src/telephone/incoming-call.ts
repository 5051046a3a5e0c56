import type { CallingTelephone, LegMedia, LegStreams, ReportLeg, TelephoneLeg } from "../calls/ports.ts";
import type { IncomingInvite } from "../protocols/sip/incoming-invite.ts";
import { decodeUri } from "../protocols/sip/uri.ts";
import { partingOf } from "./sip-causes.ts";
import { type LegServices, SipLeg } from "./sip-leg.ts";

export type IncomingCallOptions = {
  readonly services: LegServices;
  readonly invite: IncomingInvite;
  /** Whether the switch sends it. */
  readonly isOfSwitch: boolean;
};

const ANONYMOUS = "anonymous";
const MAX_NUMBER_CHARS = 128;

/** A telephone that calls us, whoever sends it: FreeSWITCH or a telephone itself. */
export class IncomingCall implements CallingTelephone {
  readonly callerNumber: string;
  readonly callerName: string;
  readonly calledNumber: string;
  readonly #options: IncomingCallOptions;

  constructor(options: IncomingCallOptions) {
    const { caller, callee } = options.invite;
    this.#options = options;
    this.callerNumber = readNumber(caller.uri);
    this.callerName = printable(caller.displayName);
    this.calledNumber = printable(callee.user);
  }

  accept(callId: string, streams: LegStreams, report: ReportLeg): TelephoneLeg {
    const { services, invite, isOfSwitch } = this.#options;
    const log = services.log.with({ call: callId });
    log.info("telephone.called", {
      caller: this.callerNumber,
      callee: this.calledNumber,
      from: invite.call.peer.address,
    });
    const ports = services.sounds.openPorts();
    const leg = new SipLeg({ ...services, log, invite, isOfSwitch, ports, streams, report });
    return new IncomingLeg(leg);
  }

  refuse(cause: string): void {
    const { services, invite } = this.#options;
    const { callerNumber: caller, calledNumber: callee } = this;
    services.log.info("telephone.refused", { caller, callee, from: invite.call.peer.address, cause });
    invite.call.hangUp(services.clock.nowMs(), partingOf(cause));
  }
}

/** The leg of a telephone that calls. */
class IncomingLeg implements TelephoneLeg {
  constructor(readonly leg: SipLeg) {}

  get ids(): readonly string[] {
    return [this.leg.callId];
  }

  get media(): LegMedia | undefined {
    return this.leg.media;
  }

  ring(): void {
    this.leg.ring();
  }

  answer(): void {
    this.leg.open();
    this.leg.answer();
  }

  hangUp(cause: string): void {
    this.leg.hangUp(cause);
  }

  sendDigits(digits: string): void {
    this.leg.sendDigits(digits);
  }
}

/** The user part of a SIP URI or the number of a tel URI; `anonymous` for anything else. */
function readNumber(uri: string): string {
  const number = /^tel:([^;]*)/i.exec(uri)?.[1] ?? readUser(uri);
  return printable(number) || ANONYMOUS;
}

function readUser(uri: string): string {
  try {
    return decodeUri(uri).user;
  } catch {
    return "";
  }
}

/** The text as clients get it: without control characters, and not too long. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "").slice(0, MAX_NUMBER_CHARS);
}
