import { Cause } from "../calls/causes.ts";
import type { PhoneMedia, PhoneStreams } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { AgreedAudio, AudioCodecName } from "../protocols/sdp/agreement.ts";
import type { SipCall } from "../protocols/sip/call.ts";
import type { SipEvent } from "../protocols/sip/call-event.ts";
import type { PortPair } from "../servers/rtp/port-pair.ts";
import type { RtpListener } from "../servers/rtp/rtp-receiver.ts";
import type { RtpServer } from "../servers/rtp/rtp-server.ts";
import type { RtpSession } from "../servers/rtp/rtp-session.ts";
import { InfoKeys } from "./info-keys.ts";
import { type KeyPath, KeyPresses } from "./key-presses.ts";
import { Negotiation } from "./negotiation.ts";
import { causeOf, reasonOf, statusOf } from "./sip-causes.ts";
import { Voice } from "./voice.ts";

export type LegServices = {
  /** Where our RTP is reached. */
  readonly host: string;
  /** Best first. */
  readonly codecs: readonly AudioCodecName[];
  readonly ptimeMs: number;
  readonly rtp: RtpServer;
  /** After so long without a packet the peer is asked whether it is still there. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

export type SipLegOptions = LegServices & {
  readonly call: SipCall;
  readonly ports: Promise<PortPair | undefined>;
  readonly streams: PhoneStreams;
  readonly onDigits: (digits: string) => void;
  /** The call is over; its cause as FreeSWITCH spells it, undefined where nobody said one. */
  readonly onEnded: (cause: string | undefined) => void;
  /** Nothing of it is left. */
  readonly onGone: () => void;
};

/** One SIP call with its sound, from the INVITE to the last packet. */
export class SipLeg {
  readonly #options: SipLegOptions;
  readonly #log: Logger;
  readonly #keys = new KeyPresses();
  readonly #infoKeys: InfoKeys;
  /** Once the ports are open. */
  #ports: PortPair | undefined;
  #negotiation: Negotiation | undefined;
  #session: RtpSession | undefined;
  #voice: Voice | undefined;
  #audio: AgreedAudio | undefined;
  /** What the peer offered last; undefined where it wants our offer. */
  #offer: Uint8Array | undefined;
  #probedAtMs = 0;
  #isAnswerWanted = false;
  #isHeard = false;
  #isEnded = false;

  constructor(options: SipLegOptions, offer: Uint8Array | undefined) {
    this.#options = options;
    this.#log = options.log;
    this.#infoKeys = new InfoKeys(options.clock, (key, durationMs) =>
      options.call.sendDtmf({ key, durationMs }, this.#nowMs()),
    );
    this.#offer = offer;
    options.ports.then(
      (ports) => this.#takePorts(ports),
      (thrown) => this.#fail(messageOf(thrown)),
    );
  }

  get callId(): string {
    return this.#options.call.callId;
  }

  get media(): PhoneMedia | undefined {
    if (this.#session === undefined || this.#voice === undefined || this.#audio === undefined)
      return undefined;
    const { far, ...counters } = this.#session.counters;
    return {
      codec: this.#audio.codec,
      ...this.#voice.counters,
      ...counters,
      lostPacketsThere: far?.lostCount,
      roundTripMs: far?.roundTripMs,
    };
  }

  ring(): void {
    this.#options.call.ring(this.#nowMs());
  }

  /** 200, as soon as there are ports. */
  answer(): void {
    this.#isAnswerWanted = true;
    if (this.#ports !== undefined && this.#negotiation !== undefined) {
      this.#sendAnswer(this.#ports, this.#negotiation);
    }
  }

  /** From now on the telephone is heard in its stream. */
  open(): void {
    this.#isHeard = true;
    this.#voice?.open();
  }

  /** Nothing is reported any more but that it is gone. */
  hangUp(cause: string): void {
    if (this.#isEnded) return;
    this.#end();
    const { call } = this.#options;
    // Our caller gave up, which is no more than that to a leg that was answered long ago.
    const told = cause === Cause.originatorCancel ? Cause.normalClearing : cause;
    // Whichever of the two its state calls for.
    call.refuse(statusOf(told), this.#nowMs(), [reasonOf(told)]);
    call.hangUp(this.#nowMs(), [reasonOf(told)]);
  }

  sendDigits(digits: string): void {
    const path = this.#audio?.telephoneEvent === undefined ? this.#infoKeys : this.#session;
    const taken = (!this.#isEnded && path?.sendDigits(digits)) || 0;
    if (taken < digits.length) this.#log.warn("telephone.keys-not-sent", { have: digits.length, taken });
  }

  /** The call was over before this was made. */
  handleEarlyEnd(): void {
    this.#end();
    this.#options.onEnded(undefined);
    this.#finish();
  }

  /** What happens to the call; it comes to no other. */
  handle(event: Exclude<SipEvent, { kind: "invited" }>): void {
    switch (event.kind) {
      case "acknowledged":
      case "reanswered":
        if (event.sdp !== undefined) this.#readAnswer(event.sdp);
        else if (this.#session === undefined && !this.#isEnded) this.#fail("no answer to our offer");
        return;
      case "reoffered":
        this.#takeOffer(event.sdp);
        return;
      case "dtmf":
        this.#takeKey(event.key, "info");
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

  #takePorts(ports: PortPair | undefined): void {
    if (ports === undefined) {
      this.#log.error("telephone.no-rtp-port");
      this.#options.call.refuse(503, this.#nowMs(), [reasonOf(Cause.switchCongestion)]);
      return;
    }
    if (this.#isEnded) {
      ports[Symbol.dispose]();
      return;
    }
    this.#ports = ports;
    this.#negotiation = new Negotiation({ ...this.#options, port: ports.rtpPort });
    if (this.#isAnswerWanted) this.#sendAnswer(ports, this.#negotiation);
  }

  #sendAnswer(ports: PortPair, negotiation: Negotiation): void {
    const { call } = this.#options;
    if (this.#offer === undefined) {
      call.answer(negotiation.offer(), this.#nowMs());
      return;
    }
    const agreed = negotiation.answer(this.#offer);
    if (agreed === undefined) {
      call.refuse(488, this.#nowMs(), [reasonOf(Cause.incompatibleDestination)]);
      return;
    }
    // The session first: its packets must not be late for whoever gets the answer.
    this.#start(agreed.audio, ports);
    call.answer(agreed.sdp, this.#nowMs());
  }

  #start(audio: AgreedAudio, ports: PortPair): void {
    const { streams, rtp, clock, call } = this.#options;
    const from = call.source.address;
    const voice = new Voice({ audio, streams, from, nowMs: () => clock.nowMs(), log: this.#log });
    if (this.#isHeard) voice.open();
    this.#voice = voice;
    this.#audio = audio;
    this.#probedAtMs = this.#nowMs();
    const listener: RtpListener = {
      onPacket: (packet, nowMs) => voice.onPacket(packet, nowMs),
      onDigit: (digit) => this.#takeKey(digit, "rtp"),
    };
    this.#session = rtp.start(ports, audio, listener, this.#log);
    this.#session.setSource({
      pull: (nowMs) => {
        this.#checkSilence(nowMs);
        return voice.pull(nowMs);
      },
    });
    this.#log.info("telephone.media", { codec: audio.codec, ptimeMs: audio.ptimeMs, rtpPort: ports.rtpPort });
  }

  /** A telephone may rightly be silent, held or muted: only SIP knows whether it is gone. */
  #checkSilence(nowMs: number): void {
    const { silenceMs, call } = this.#options;
    const lastSignMs = Math.max(this.#session?.lastReceivedAtMs ?? 0, this.#probedAtMs);
    if (nowMs - lastSignMs < silenceMs) return;
    this.#probedAtMs = nowMs;
    call.probe(nowMs);
  }

  #readAnswer(sdp: Uint8Array): void {
    if (this.#ports === undefined || this.#isEnded) return;
    const audio = this.#negotiation?.readAnswer(sdp);
    if (audio === undefined) this.#fail("no common codec in the answer");
    else if (this.#session === undefined) this.#start(audio, this.#ports);
    else this.#change(audio);
  }

  /** Hold, resume, another codec, or the same again to keep the session. */
  #takeOffer(sdp: Uint8Array | undefined): void {
    const { call } = this.#options;
    const negotiation = this.#negotiation;
    if (negotiation === undefined || this.#isEnded) {
      call.decline(this.#nowMs());
      return;
    }
    if (sdp === undefined) {
      call.accept(negotiation.offer(), this.#nowMs());
      return;
    }
    const agreed = negotiation.answer(sdp);
    if (agreed === undefined) {
      call.decline(this.#nowMs());
      return;
    }
    this.#change(agreed.audio);
    call.accept(agreed.sdp, this.#nowMs());
  }

  #change(audio: AgreedAudio): void {
    const before = this.#audio;
    this.#audio = audio;
    if (before?.direction !== audio.direction || before.codec !== audio.codec) {
      this.#log.info("telephone.media-changed", { direction: audio.direction, codec: audio.codec });
    }
    this.#voice?.update(audio);
    this.#session?.update(audio);
  }

  #takeKey(key: string, path: KeyPath): void {
    if (!this.#isEnded && this.#keys.take(key, path, this.#nowMs())) this.#options.onDigits(key);
  }

  /** A call that can't be had, by our fault or the peer's. */
  #fail(reason: string): void {
    this.#log.warn("telephone.failed", { reason });
    this.#options.call.hangUp(this.#nowMs(), [reasonOf(Cause.incompatibleDestination)]);
  }

  #handleEnd({ by, how, reasons }: Extract<SipEvent, { kind: "ended" }>): void {
    if (this.#isEnded) return;
    this.#end();
    this.#log.info("telephone.over", { by, how });
    this.#options.onEnded(causeOf(reasons) ?? (by === "peer" ? undefined : Cause.recoveryOnTimerExpire));
  }

  #end(): void {
    this.#isEnded = true;
    this.#infoKeys.cancel();
    this.#session?.keepAwake();
    this.#voice?.close();
  }

  /** The session sends on for a while: see its `finish`. */
  #finish(): void {
    const { onGone } = this.#options;
    if (this.#session === undefined) {
      this.#ports?.[Symbol.dispose]();
      onGone();
    } else this.#session.finish().then(onGone, onGone);
  }
}
