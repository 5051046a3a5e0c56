import { Cause } from "../calls/causes.ts";
import type {
  DialRequest,
  LegEvent,
  LegMedia,
  LegProgress,
  ReportLeg,
  TelephoneLeg,
} from "../calls/ports.ts";
import type { Timer } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { IncomingInvite } from "../protocols/sip/incoming-invite.ts";
import type { SoundPorts } from "./leg-sound.ts";
import { partingOf } from "./sip-causes.ts";
import { type LegServices, SipLeg } from "./sip-leg.ts";
import type { PlacedCall } from "./switch.ts";

export type DialledLegOptions = {
  readonly services: LegServices;
  readonly request: DialRequest;
  readonly place: (report: (event: LegProgress) => void) => PlacedCall;
  readonly report: ReportLeg;
  /** Nothing of it is left. */
  readonly onGone: () => void;
};

/** So long one side may take to end after the other has ended. Then it is hung up too. */
const HELP_MS = 1000;
/** So long a BYE waits for the switch, which tells the cause better. */
const CAUSE_MS = 500;
/** So long the switch may take to call us. It takes about 40 ms. */
const INVITE_MS = 5000;

/**
 * A telephone that is dialled. The switch calls our own SIP address first, which answers at once, then the telephone:
 * two reports of the same call, by the event socket and by SIP, that come in any order.
 */
export class DialledLeg implements TelephoneLeg {
  readonly #options: DialledLegOptions;
  #ports: Promise<SoundPorts | undefined> | undefined;
  #placed: PlacedCall | undefined;
  #sip: SipLeg | undefined;
  #timer: Timer | undefined;
  #isHeard = false;
  #isTalking = false;
  /** Nobody wants to be told any more: the end was told, or we hung up. */
  #isDone = false;
  #isSwitchDone = false;
  #isSipGone = false;

  constructor(options: DialledLegOptions) {
    this.#options = options;
  }

  get ids(): readonly string[] {
    return [this.#placed?.ourLegId, this.#sip?.callId].filter((id) => id !== undefined);
  }

  get media(): LegMedia | undefined {
    return this.#sip?.media;
  }

  /** It may be called once. The end may be reported before it returns. */
  dial(): void {
    const { place, services } = this.#options;
    // This comes first: the switch takes longer to call us than the ports take to open.
    try {
      this.#placed = place((event) => this.#handleSwitch(event));
    } catch (thrown) {
      services.log.error("telephone.not-dialled", { reason: messageOf(thrown) });
      this.#handleSwitchEnd(Cause.callRejected);
    }
    if (this.#isSwitchDone) return;
    this.#ports = services.sounds.openPorts();
    this.#helpLater(INVITE_MS, () => {
      services.log.warn("telephone.no-invite", { hint: "can FreeSWITCH reach [sip] addr?" });
    });
  }

  ring(): void {}
  answer(): void {}

  hangUp(cause: string): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#sip === undefined) {
      this.#timer?.cancel();
      this.#placed?.hangUp();
    } else {
      this.#sip.hangUp(cause);
      this.#helpLater(HELP_MS, () => this.#placed?.hangUp());
    }
  }

  sendDigits(digits: string): void {
    this.#sip?.sendDigits(digits);
  }

  /** The switch calls our address; an INVITE for a call that was given up meanwhile is refused. */
  takeInvite(invite: IncomingInvite): void {
    const { services, request } = this.#options;
    const ports = this.#ports;
    if (ports === undefined || this.#sip !== undefined || this.#isDone) {
      invite.call.hangUp(services.clock.nowMs(), partingOf(Cause.normalClearing));
      return;
    }
    this.#timer?.cancel();
    this.#sip = new SipLeg({
      ...services,
      invite,
      ports,
      streams: request.streams,
      isOfSwitch: true,
      report: (event) => this.#handleSip(event),
      onGone: () => {
        this.#isSipGone = true;
        this.#checkGone();
      },
    });
    if (this.#isHeard) this.#sip.open();
    this.#sip.answer();
  }

  #handleSip(event: LegEvent): void {
    if (event.kind === "ended") this.#handleSipEnd(event.cause);
    else if (!this.#isDone) this.#options.report(event);
  }

  #handleSwitch(event: LegProgress): void {
    if (event.kind === "ended") {
      this.#handleSwitchEnd(event.cause ?? Cause.normalClearing);
      return;
    }
    if (this.#isDone) return;
    if (event.kind === "answered") this.#isTalking = true;
    if (event.kind !== "ringing") {
      this.#isHeard = true;
      this.#sip?.open();
    }
    this.#options.report(event);
  }

  #handleSwitchEnd(cause: string): void {
    this.#isSwitchDone = true;
    this.#timer?.cancel();
    this.#tellEnd(cause);
    const sip = this.#sip;
    if (sip !== undefined && !this.#isSipGone) this.#helpLater(HELP_MS, () => sip.hangUp(cause));
    this.#checkGone();
  }

  #handleSipEnd(cause: string | undefined): void {
    if (this.#isSwitchDone) return;
    if (this.#isTalking) this.#tellEnd(cause);
    this.#helpLater(this.#isTalking ? HELP_MS : CAUSE_MS, () => {
      this.#tellEnd(cause ?? Cause.callRejected);
      this.#placed?.hangUp();
    });
  }

  #tellEnd(cause: string | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.report({ kind: "ended", cause });
  }

  #helpLater(afterMs: number, help: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.services.clock.after(afterMs, help);
  }

  #checkGone(): void {
    if (!this.#isSwitchDone || (this.#sip !== undefined && !this.#isSipGone)) return;
    this.#timer?.cancel();
    if (this.#sip === undefined) this.#releasePorts();
    this.#options.onGone();
  }

  #releasePorts(): void {
    this.#ports?.then(
      (ports) => ports?.[Symbol.dispose](),
      () => {},
    );
  }
}
