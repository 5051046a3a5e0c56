import { causeOfSip, reasonOf } from "./causes.ts";
import type { EventHeaders } from "./event-text.ts";
import { readRecordedCall } from "./recorded-events.ts";
import { adaptEvent } from "./recorded-values.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import { type Direction, readAnswer, type SdpAnswer, writeOffer } from "./sdp-text.ts";
import { OurDialog } from "./sip-dialog.ts";
import type { SipSide } from "./sip-side.ts";

export type InboundOptions = {
  /** Whom the telephone wants, and where the gateway listens. */
  readonly user: string;
  readonly gateway: { readonly host: string; readonly port: number };
  readonly callerNumber?: string;
  /** As `absolute_codec_string` would list them. */
  readonly codecs?: string;
  readonly ptimeMs?: number;
  /** Whether its dialplan has `dtmf_type=info`. */
  readonly isInfo?: boolean;
  readonly sessionExpires?: number;
};

type EventSink = { fire(headers: EventHeaders): void };

export type InboundOutcome =
  | { readonly kind: "answered" }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string | undefined }
  | { readonly kind: "unanswered" };

/** Of endings that differ in more than their cause. */
const RECORDINGS: Readonly<Record<string, string>> = {
  ORIGINATOR_CANCEL: "esl_inbound_callercancel",
  NO_USER_RESPONSE: "esl_inbound_reject",
};

/** A telephone's call to a user of the gateway: the dialplan bridges it to our SIP address. */
export class InboundCall {
  readonly dialog: OurDialog;
  sdp: SdpAnswer | undefined;
  /** Undefined while it rings. */
  outcome: InboundOutcome | undefined;
  /** Set when the gateway hangs up. */
  byeReason: string | undefined;
  hasEnded = false;
  readonly #ids = { ourLegId: crypto.randomUUID(), farLegId: crypto.randomUUID() };
  readonly #offer: string;

  private constructor(
    readonly side: SipSide,
    readonly media: RtpLeg,
    readonly sink: EventSink,
    readonly options: InboundOptions,
  ) {
    const { user, gateway, callerNumber = "13900000001", sessionExpires } = options;
    this.dialog = new OurDialog(side.endpoint, {
      user,
      gateway,
      callerNumber,
      callerName: callerNumber,
      maxForwards: 69,
      ...(sessionExpires === undefined ? {} : { sessionExpires }),
    });
    this.dialog.onBye = (answer, request) => {
      this.byeReason = request.headers.find(([name]) => name === "Reason")?.[1];
      answer();
      this.#end("esl_inbound_answer");
    };
    this.dialog.onProvisional = (status) => {
      if (status === 180) this.#fire("esl_inbound_answer", ["CHANNEL_PROGRESS"]);
    };
    const { codecs = "^^:PCMA:H264", ptimeMs, isInfo = false } = options;
    const packets = ptimeMs === undefined ? {} : { ptimeMs };
    this.#offer = writeOffer({ port: media.port, codecs, isInfo, ...packets });
  }

  /** Resolves as soon as the INVITE is written. */
  static async open(side: SipSide, sink: EventSink, options: InboundOptions): Promise<InboundCall> {
    const call = new InboundCall(side, await side.openMedia(), sink, options);
    void call.#run();
    return call;
  }

  get hasRung(): boolean {
    return this.dialog.provisional.includes(180);
  }

  /** Before it is answered. */
  cancel(): void {
    this.dialog.cancel(reasonOf("ORIGINATOR_CANCEL"));
  }

  async hangUp(cause = "NORMAL_CLEARING"): Promise<number | undefined> {
    const status = await this.dialog.bye(reasonOf(cause));
    this.#end("esl_inbound_answer");
    return status;
  }

  async renegotiate(direction: Direction): Promise<number | undefined> {
    const { codecs = "^^:PCMA:H264" } = this.options;
    const offer = writeOffer({ port: this.media.port, codecs, version: 1, direction });
    const result = await this.dialog.reinvite(offer);
    if (result?.status === 200) this.#connect(result.body, offer);
    if (direction === "sendrecv") this.media.startSending();
    else this.media.stopSending();
    return result?.status;
  }

  async #run(): Promise<void> {
    this.#fire("esl_inbound_answer", ["CHANNEL_CREATE"]);
    const result = await this.dialog.invite(this.#offer);
    if (result === undefined) {
      this.outcome = { kind: "unanswered" };
    } else if (result.status < 300) {
      this.#connect(result.body, this.#offer);
      this.media.startSending();
      this.outcome = { kind: "answered" };
      this.#fire("esl_inbound_answer", ["CHANNEL_ANSWER", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_BRIDGE"]);
      return;
    } else {
      this.outcome = { kind: "refused", status: result.status, reason: result.reason };
    }
    this.dialog.close();
    const cause = result === undefined ? "RECOVERY_ON_TIMER_EXPIRE" : causeOfSip(result.status);
    this.#end(RECORDINGS[cause] ?? "esl_inbound_busy", cause);
  }

  #connect(body: string, offer: string): void {
    try {
      this.sdp = readAnswer(body, offer);
      this.media.ptimeMs = this.sdp.ptimeMs;
      this.media.connect(this.sdp, this.sdp.codec, this.sdp.payloadType);
    } catch (thrown) {
      this.side.faults.push(`SDP: ${String(thrown)}`);
    }
  }

  #end(recording: string, cause = "NORMAL_CLEARING"): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.side.closeMedia(this.media);
    this.#fire(recording, ["CHANNEL_HANGUP_COMPLETE"], { USER_BUSY: cause });
  }

  /** The events of both legs whose names are among those given. */
  #fire(recording: string, names: readonly string[], replaced: EventHeaders = {}): void {
    const recorded = readRecordedCall(recording);
    const { user, gateway, callerNumber = "13900000001" } = this.options;
    for (const event of recorded.events.filter(({ name }) => names.includes(name))) {
      const values = {
        ...this.#ids,
        address: `${user}@${gateway.host}:${gateway.port}`,
        session: user,
        number: user,
        callerNumber,
        farCallerNumber: callerNumber,
        gateway: "gw1",
        variables: {},
      };
      this.sink.fire(adaptEvent(event, recorded, values, replaced));
    }
  }
}
