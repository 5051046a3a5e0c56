import { toCallerName } from "../calls/caller-name.ts";
import { Cause } from "../calls/causes.ts";
import { isDialable } from "../calls/number-rules.ts";
import type { CallingTelephone, DialRequest, ReportLeg, TelephoneLeg, Telephony } from "../calls/ports.ts";
import { makeSecret } from "../calls/stream-keys.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { AudioCodecName } from "../protocols/sdp/agreement.ts";
import type { IncomingInvite } from "../protocols/sip/incoming-invite.ts";
import { DialledLeg } from "./dialled-leg.ts";
import { IncomingCall } from "./incoming-call.ts";
import type { LegSounds } from "./leg-sound.ts";
import { isAcceptable } from "./negotiation.ts";
import type { LegServices, SipLeg } from "./sip-leg.ts";
import type { TelephoneSwitch } from "./switch.ts";

export type TelephoneExchangeOptions = {
  /** Where RTP is reached: an IP address of this machine. */
  readonly host: string;
  readonly sounds: LegSounds;
  /** The best comes first. */
  readonly codecs: readonly AudioCodecName[];
  readonly ptimeMs: number;
  readonly silenceMs: number;
  /** Undefined: no calls out. */
  readonly telephoneSwitch: TelephoneSwitch | undefined;
  /** The number that telephones see of every caller; undefined: the caller's own name, if it is a number. */
  readonly callerNumber: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

/** How long a stopping gateway waits for its BYEs to be answered and its last packets to be sent. */
const DRAIN_MS = 1500;
const DRAIN_STEP_MS = 20;
/** How often the exchange looks for telephones that are silent, at the least. */
const MAX_SILENCE_BEAT_MS = 250;

/** Joins calls and telephones: dials through the switch, and takes the calls that SIP brings. */
export class TelephoneExchange implements Telephony, AsyncDisposable {
  #take: TakeCall = refuseCall;
  readonly #options: TelephoneExchangeOptions;
  readonly #services: LegServices;
  /** The telephones that we dial, by the session that the switch calls us with. */
  readonly #dialled = new Map<string, DialledLeg>();
  readonly #legs = new Set<SipLeg>();
  readonly #silenceBeat: Timer;

  constructor(options: TelephoneExchangeOptions) {
    const { host, sounds, codecs, ptimeMs, silenceMs, clock, log } = options;
    this.#options = options;
    this.#services = { host, sounds, codecs, ptimeMs, silenceMs, clock, log, legs: this.#legs };
    this.#silenceBeat = clock.every(Math.min(MAX_SILENCE_BEAT_MS, silenceMs / 4), () => this.#checkSilence());
  }

  get problem(): string | undefined {
    const { telephoneSwitch } = this.#options;
    return telephoneSwitch === undefined ? Cause.noRoute : telephoneSwitch.problem;
  }

  /** SIP calls and dialled telephones that something is left of. */
  get legCount(): number {
    return this.#legs.size + this.#dialled.size;
  }

  dial(request: DialRequest, report: ReportLeg): TelephoneLeg {
    const { telephoneSwitch } = this.#options;
    const log = this.#options.log.with({ call: request.callId });
    const session = makeSession(request.callId);
    const leg = new DialledLeg({
      services: { ...this.#services, log },
      request,
      place: (onEvent) => {
        if (telephoneSwitch === undefined) throw new TypeError("dialled without a switch");
        return telephoneSwitch.placeCall(
          { session, number: request.number, via: request.via, ...this.#introduce(request) },
          onEvent,
        );
      },
      report,
      onGone: () => this.#dialled.delete(session),
    });
    this.#dialled.set(session, leg);
    leg.dial();
    log.info("telephone.dialled", { number: request.number, leg: leg.ids[0] });
    return leg;
  }

  /** The SIP user agent was called: by the switch for a telephone that we dial, or by a telephone. */
  takeInvite(invite: IncomingInvite): void {
    const dialled = this.#dialled.get(invite.callee.user);
    if (dialled !== undefined) dialled.takeInvite(invite);
    else this.#takeCall(invite);
  }

  /**
   * From now on `take` gets each call of a telephone, until the subscription is disposed of. Calls are refused while
   * nobody takes them.
   */
  takeCalls(take: TakeCall): Disposable {
    this.#take = take;
    return {
      [Symbol.dispose]: () => {
        if (this.#take === take) this.#take = refuseCall;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + DRAIN_MS;
    this.#take = refuseCall;
    this.#silenceBeat.cancel();
    for (const leg of this.#legs) leg.hangUp(Cause.systemShutdown);
    while (this.legCount > 0 && clock.nowMs() < untilMs) {
      await new Promise<void>((resolve) => void clock.after(DRAIN_STEP_MS, resolve));
    }
  }

  #takeCall(invite: IncomingInvite): void {
    const isOfSwitch = this.#options.telephoneSwitch?.isAt(invite.call.peer.address) ?? false;
    const incoming = new IncomingCall({ services: this.#services, invite, isOfSwitch });
    if (invite.sdp === undefined || isAcceptable(invite.sdp, this.#services)) this.#take(incoming);
    else incoming.refuse(Cause.incompatibleDestination);
  }

  #checkSilence(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const leg of this.#legs) leg.checkSilence(nowMs);
    this.#checkSwitch(nowMs);
  }

  /**
   * A switch that was killed or cut off says nothing more, neither to legs nor to whoever steers it. Held telephones are
   * silent too, and a link may be lost by itself: only where both are gone its legs are asked, and end unless they answer.
   */
  #checkSwitch(nowMs: number): void {
    const { telephoneSwitch } = this.#options;
    const silent = [...this.#legs].filter((leg) => leg.isSilentOfSwitch(nowMs));
    if (telephoneSwitch === undefined || silent.length === 0) return;
    if (telephoneSwitch.seemsGone) for (const leg of silent) leg.askAtOnce(nowMs);
    else telephoneSwitch.ask();
  }

  /** What FreeSWITCH takes for a caller: some users' names are no numbers. */
  #introduce({ callerNumber, callerName = callerNumber }: DialRequest): {
    callerNumber: string;
    callerName: string;
  } {
    const number = this.#options.callerNumber ?? callerNumber;
    return {
      callerNumber: isDialable(number) ? number : ANONYMOUS,
      callerName: toCallerName(callerName) ?? ANONYMOUS,
    };
  }
}

const ANONYMOUS = "anonymous";
const MAX_SHOWN_ID_CHARS = 24;

/** The name that the switch asks for. Nobody can guess it and take the call. The call's id stands first, for logs. */
function makeSession(callId: string): string {
  return `call-${callId.slice(0, MAX_SHOWN_ID_CHARS)}-${makeSecret()}`;
}

type TakeCall = (call: CallingTelephone) => void;

function refuseCall(call: CallingTelephone): void {
  call.refuse(Cause.switchCongestion);
}
