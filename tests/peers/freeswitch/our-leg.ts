import { causeOfSip } from "./causes.ts";
import type { OurWire, PlacedPeerCall } from "./placed-call.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import { type Direction, readAnswer, type SdpAnswer, writeOffer } from "./sdp-text.ts";
import { OurDialog } from "./sip-dialog.ts";
import type { SipSide } from "./sip-side.ts";

/** With `rtp_timer_name=none` the session's thread reads RTP for so long before it looks at anything else. */
const SLEEP_MS = 5000;

/** The leg of a call out that FreeSWITCH calls first: our own user agent. */
export class OurLeg implements OurWire {
  readonly dialog: OurDialog;
  /** What our user agent answered. */
  sdp: SdpAnswer | undefined;
  #offerCount = 0;
  readonly #sleepers = new Set<Timer>();
  readonly #wakers = new Set<() => void>();
  #isClosed = false;

  private constructor(
    readonly side: SipSide,
    readonly call: PlacedPeerCall,
    readonly media: RtpLeg,
  ) {
    const { session, address, variables } = call.originate;
    const [host = "", port] = address.split(":");
    this.dialog = new OurDialog(side.endpoint, {
      user: session,
      gateway: { host, port: Number(port) },
      callerNumber: variables.origination_caller_id_number ?? "",
      callerName: variables.origination_caller_id_name ?? "",
      maxForwards: 70,
    });
    this.dialog.onBye = (answer) => this.#takeBye(answer);
    media.onPacket = () => this.#wake();
    call.wire = this;
  }

  static async open(side: SipSide, call: PlacedPeerCall): Promise<OurLeg> {
    return new OurLeg(side, call, await side.openMedia());
  }

  /** Calls our user agent. */
  async invite(): Promise<"answered" | { readonly cause: string }> {
    const offer = this.#writeOffer();
    const result = await this.dialog.invite(offer);
    if (result === undefined) return { cause: "RECOVERY_ON_TIMER_EXPIRE" };
    if (result.status >= 300) {
      const cause = /text="([A-Z_]+)"/.exec(result.reason ?? "")?.[1];
      return { cause: cause ?? causeOfSip(result.status) };
    }
    return this.#connect(result.body, offer) ? "answered" : { cause: "INCOMPATIBLE_DESTINATION" };
  }

  /** What the telephone says reaches us once the legs are bridged. */
  update(): void {
    if (this.call.hasEnded) this.media.stopSending();
    else if (this.call.isBridged) this.media.startSending();
  }

  /** Not recorded: FreeSWITCH's hold by re-INVITE, with the direction in the SDP as RFC 3264, section 8.4, has it. */
  async hold(): Promise<number | undefined> {
    const status = await this.#renegotiate("sendonly");
    this.media.stopSending();
    return status;
  }

  async resume(): Promise<number | undefined> {
    const status = await this.#renegotiate("sendrecv");
    this.media.startSending();
    return status;
  }

  /** The dialplan's `echo`: each packet comes back. */
  echo(): void {
    this.media.isEcho = true;
  }

  /** The telephone presses a key. */
  press(digit: string): void {
    if (this.#isInfo) void this.dialog.info(digit);
    else this.media.press(digit);
    this.call.noteDigit(digit);
  }

  whenAwake(run: () => void): void {
    const wake = () => {
      if (!this.#sleepers.delete(timer)) return;
      clearTimeout(timer);
      this.#wakers.delete(wake);
      run();
    };
    const timer = setTimeout(wake, SLEEP_MS);
    this.#sleepers.add(timer);
    this.#wakers.add(wake);
  }

  hangUp(reason: string): void {
    if (this.dialog.isUp) void this.dialog.bye(reason);
    else this.dialog.cancel(reason);
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.side.closeMedia(this.media);
  }

  /** Nothing more happens, as in a process that was killed. */
  abandon(): void {
    for (const timer of this.#sleepers) clearTimeout(timer);
    this.#sleepers.clear();
    this.#wakers.clear();
  }

  get #isInfo(): boolean {
    return this.call.originate.variables.dtmf_type === "info";
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }

  #takeBye(answer: () => void): void {
    const end = () => {
      answer();
      this.close();
    };
    if (this.call.hasEnded) end();
    else this.call.hangUpOurLeg("recv_bye", "NORMAL_CLEARING", end);
  }

  async #renegotiate(direction: Direction): Promise<number | undefined> {
    const offer = this.#writeOffer(direction);
    const result = await this.dialog.reinvite(offer);
    if (result?.status === 200) this.#connect(result.body, offer);
    return result?.status;
  }

  #writeOffer(direction?: Direction): string {
    const codecs = this.call.originate.variables.absolute_codec_string ?? "PCMA";
    return writeOffer({
      port: this.media.port,
      codecs,
      version: this.#offerCount++,
      isInfo: this.#isInfo,
      ...(direction === undefined ? {} : { direction }),
    });
  }

  #connect(body: string, offer: string): boolean {
    try {
      const sdp = readAnswer(body, offer);
      this.sdp = sdp;
      this.media.connect(sdp, sdp.codec, sdp.payloadType);
      return true;
    } catch (thrown) {
      this.side.faults.push(`SDP: ${String(thrown)}`);
      return false;
    }
  }
}
