import { Cause } from "../calls/causes.ts";
import type { LegMedia, LegStreams, ReportLeg } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { AgreedAudio, AudioCodecName } from "../protocols/sdp/agreement.ts";
import type { CallEnd, SipCallEvent } from "../protocols/sip/call-event.ts";
import type { IncomingInvite } from "../protocols/sip/incoming-invite.ts";
import { LegKeys } from "./leg-keys.ts";
import type { LegSound, LegSounds, SoundPorts } from "./leg-sound.ts";
import { Negotiation } from "./negotiation.ts";
import { causeOf, partingOf } from "./sip-causes.ts";

export type LegServices = {
  /** Where our RTP is reached. */
  readonly host: string;
  /** The best comes first. */
  readonly codecs: readonly AudioCodecName[];
  readonly ptimeMs: number;
  readonly sounds: LegSounds;
  /** After so long without a packet the peer is asked whether it is still there. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** All legs that something is left of; each adds and deletes itself. */
  readonly legs: Set<SipLeg>;
};

export type SipLegOptions = LegServices & {
  readonly invite: IncomingInvite;
  readonly ports: Promise<SoundPorts | undefined>;
  readonly streams: LegStreams;
  /** Whether the switch is at its other end. */
  readonly isOfSwitch: boolean;
  /** Gets the keys and, unless we end the leg ourselves, the end. */
  readonly report: ReportLeg;
  /** Nothing of it is left. */
  readonly onGone?: () => void;
};

/** So long without a packet is no pause of the network any more. */
const SILENT_MS = 1000;
/** So long a switch that seems to be gone may take to answer. UDP loses a request: it is sent three times meanwhile. */
const ANSWER_MS = 1600;
/** One that answers is asked no sooner again. */
const ASK_AGAIN_MS = 2000;

/** One SIP call with its sound, from the INVITE to the last packet. */
export class SipLeg {
  readonly #options: SipLegOptions;
  readonly #log: Logger;
  readonly #keys: LegKeys;
  /** Undefined until the ports are open. */
  #ports: SoundPorts | undefined;
  #negotiation: Negotiation | undefined;
  /** Undefined until offer and answer agree. */
  #sound: LegSound | undefined;
  #beganAtMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #isAnswerWanted = false;
  #isHeard = false;
  #isEnded = false;

  constructor(options: SipLegOptions) {
    const { invite, ports, legs, clock, log, report } = options;
    const { call } = invite;
    this.#options = options;
    this.#log = log;
    this.#keys = new LegKeys({
      onKey: (digits) => report({ kind: "digits", digits }),
      sendInfo: (key, durationMs) => call.sendDtmf({ key, durationMs }, this.#nowMs()),
      clock,
      log,
    });
    legs.add(this);
    call.listen((event) => this.#handle(event));
    // The caller may have given up already, while a database was asked.
    if (call.isEnded) queueMicrotask(() => this.#handleEarlyEnd());
    ports.then(
      (opened) => this.#takePorts(opened),
      (thrown) => this.#fail(messageOf(thrown)),
    );
  }

  get callId(): string {
    return this.#options.invite.call.callId;
  }

  get media(): LegMedia | undefined {
    return this.#sound?.media;
  }

  ring(): void {
    this.#options.invite.ring(this.#nowMs());
  }

  /** Answers with 200 as soon as there are ports. */
  answer(): void {
    this.#isAnswerWanted = true;
    this.#answer();
  }

  /** From now on the telephone is heard in its stream. */
  open(): void {
    if (this.#isEnded) return;
    this.#isHeard = true;
    this.#sound?.open();
  }

  /** Ends the leg. Nothing is reported any more. */
  hangUp(cause: string): void {
    if (this.#isEnded) return;
    this.#end();
    // Our caller gave up. Our leg was answered long ago, so that this is a normal clearing for it.
    this.#leave(cause === Cause.originatorCancel ? Cause.normalClearing : cause);
  }

  sendDigits(digits: string): void {
    this.#keys.send(digits, this.#sound);
  }

  /** A telephone may rightly be silent, held or muted: only SIP knows whether it is gone. */
  checkSilence(nowMs: number): void {
    if (this.#sound === undefined || this.#isEnded) return;
    const { silenceMs, invite } = this.#options;
    const lastSignMs = Math.max(this.#lastHeardMs, this.#askedAtMs);
    if (nowMs - lastSignMs < silenceMs) return;
    this.#askedAtMs = nowMs;
    invite.call.probe(nowMs);
  }

  /** Whether it comes from the switch, and brings nothing at present. */
  isSilentOfSwitch(nowMs: number): boolean {
    if (!this.#options.isOfSwitch || this.#sound === undefined || this.#isEnded) return false;
    return nowMs - this.#lastHeardMs >= SILENT_MS;
  }

  /** Asks the peer at once. Unless it answers soon, the leg ends. */
  askAtOnce(nowMs: number): void {
    if (nowMs - this.#askedAtMs < ASK_AGAIN_MS) return;
    this.#askedAtMs = nowMs;
    this.#options.invite.call.probe(nowMs, ANSWER_MS);
  }

  /** Before the first packet, since when one may come. */
  get #lastHeardMs(): number {
    return this.#sound?.lastReceivedAtMs ?? this.#beganAtMs;
  }

  #handle(event: SipCallEvent): void {
    switch (event.kind) {
      case "acknowledged":
      case "reanswered":
        if (event.sdp !== undefined) this.#readAnswer(event.sdp);
        else if (this.#sound === undefined && !this.#isEnded) this.#fail("no answer to our offer");
        return;
      case "reoffered":
        this.#takeOffer(event.sdp);
        return;
      case "dtmf":
        this.#keys.take(event.key, "info");
        return;
      case "ended":
        this.#handleEnd(event);
        return;
      case "closed":
        this.#finish();
        return;
    }
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #takePorts(ports: SoundPorts | undefined): void {
    if (ports === undefined) {
      this.#log.error("telephone.no-rtp-port");
      this.#leave(Cause.switchCongestion);
    } else if (this.#isEnded) ports[Symbol.dispose]();
    else {
      this.#ports = ports;
      this.#negotiation = new Negotiation({ ...this.#options, port: ports.rtpPort });
      this.#answer();
    }
  }

  /** Answers once that is wanted and there are ports. */
  #answer(): void {
    const { invite } = this.#options;
    const negotiation = this.#negotiation;
    if (!this.#isAnswerWanted || negotiation === undefined || !invite.call.isInviting) return;
    if (invite.sdp === undefined) {
      invite.answer(negotiation.offer(), this.#nowMs());
      return;
    }
    const agreed = negotiation.answer(invite.sdp);
    if (agreed === undefined) {
      this.#leave(Cause.incompatibleDestination);
      return;
    }
    // The session begins first, so that its packets are not late for whoever gets the answer.
    this.#agree(agreed.audio);
    invite.answer(agreed.sdp, this.#nowMs());
  }

  /** Begins the sound, or changes it. */
  #agree(audio: AgreedAudio): void {
    if (this.#sound !== undefined) this.#sound.update(audio);
    else if (this.#ports !== undefined) {
      const { streams, invite } = this.#options;
      this.#sound = this.#ports.start(audio, {
        streams,
        from: invite.call.peer.address,
        onDigit: (digit) => this.#keys.take(digit, "rtp"),
        onLost: () => this.#fail("its sound is lost", Cause.networkOutOfOrder),
        log: this.#log,
      });
      this.#beganAtMs = this.#nowMs();
      if (this.#isHeard) this.#sound.open();
    }
  }

  #readAnswer(sdp: Uint8Array): void {
    if (this.#isEnded) return;
    const audio = this.#negotiation?.readAnswer(sdp);
    if (audio === undefined) this.#fail("no common codec in the answer");
    else this.#agree(audio);
  }

  /** The offer may hold, resume, change the codec or keep the session. Without an offer the peer wants ours. */
  #takeOffer(offer: Uint8Array | undefined): void {
    const { call } = this.#options.invite;
    const negotiation = this.#isEnded ? undefined : this.#negotiation;
    const agreed = offer && negotiation?.answer(offer);
    if (agreed !== undefined) this.#agree(agreed.audio);
    const sdp = offer === undefined ? negotiation?.offer() : agreed?.sdp;
    if (sdp === undefined) call.decline(this.#nowMs());
    else call.accept(sdp, this.#nowMs());
  }

  /** Ends a call that cannot work, by our fault or the peer's. */
  #fail(reason: string, cause: string = Cause.incompatibleDestination): void {
    this.#log.warn("telephone.failed", { reason });
    this.#leave(cause);
  }

  #leave(cause: string): void {
    this.#options.invite.call.hangUp(this.#nowMs(), partingOf(cause));
  }

  #handleEarlyEnd(): void {
    this.#handleEnd({ by: "peer", how: "cancelled", reasons: [] });
    this.#finish();
  }

  #handleEnd({ by, how, reasons }: CallEnd): void {
    if (this.#isEnded) return;
    this.#end();
    this.#log.info("telephone.over", { by, how });
    const cause = causeOf(reasons) ?? (by === "peer" ? undefined : Cause.recoveryOnTimerExpire);
    this.#options.report({ kind: "ended", cause });
  }

  #end(): void {
    this.#isEnded = true;
    this.#keys.end();
    this.#sound?.end();
  }

  /** Frees what is left. The sound goes on for a while: see `finish` of RtpSession. */
  #finish(): void {
    const { onGone, legs } = this.#options;
    const leave = () => {
      legs.delete(this);
      onGone?.();
    };
    if (this.#sound !== undefined) this.#sound.finish().then(leave, leave);
    else {
      this.#ports?.[Symbol.dispose]();
      leave();
    }
  }
}
