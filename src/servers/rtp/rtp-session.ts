import type { Clock, Timer } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Beat } from "../../media/beat.ts";
import { isRtcp } from "../../protocols/rtp/rtcp.ts";
import type { AgreedAudio } from "../../protocols/sdp/agreement.ts";
import { canSend, isNowhere } from "../../protocols/sdp/direction.ts";
import type { RtpCounters, RtpListener, SoundSource } from "../../telephone/rtp-port.ts";
import type { PortPair } from "./port-pair.ts";
import { type FarReception, REPORT_PERIOD_MS, RtcpSession } from "./rtcp-session.ts";
import { RtpReceiver } from "./rtp-receiver.ts";
import { RtpSender } from "./rtp-sender.ts";
import { makeSilence } from "./silence.ts";
import { SourceLatch } from "./source-latch.ts";

export type RtpSessionOptions = RtpListener & {
  readonly ports: PortPair;
  readonly audio: AgreedAudio;
  /** Whether an address that is not in the SDP may be the telephone's all the same. */
  readonly isTrusted: (address: string) => boolean;
  readonly beat: Beat;
  readonly clock: Clock;
  readonly log: Logger;
  /** 32 random bits. */
  readonly random: () => number;
};

/** More packets at once than this would only pile up at the other side: time that was missed is left out instead. */
const MAX_CATCH_UP = 5;
/** Reports follow the sound: from its host they are taken from any port. */
const RTCP_SSRC = 0;
/** FreeSWITCH goes to sleep for 5 s when our RTP stops before it has handled the BYE. */
const LINGER_MS = 200;

/**
 * One telephone's sound: a packet every packet time from the beginning to 200 ms after `finish`, of the source or of
 * silence, and what comes in handed on.
 */
export class RtpSession implements Disposable {
  readonly #options: RtpSessionOptions;
  readonly #latch: SourceLatch;
  readonly #rtcpLatch: SourceLatch;
  readonly #receiver: RtpReceiver;
  readonly #rtcp: RtcpSession;
  #audio: AgreedAudio;
  #sender: RtpSender;
  #source: SoundSource | undefined;
  #silence: Uint8Array;
  #sending: Timer;
  readonly #reporting: Timer;
  #lastReceivedAtMs: number | undefined;
  /** Packets of the streams that we sent before the present one. */
  #earlierSentCount = 0;
  #foreignCount = 0;
  #badCount = 0;
  #unsentCount = 0;
  #hasMovedSsrc = false;
  #isBeatBroken = false;
  #isEnding = false;
  #finished: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: RtpSessionOptions) {
    const { audio, ports, isTrusted, clock, random } = options;
    this.#options = options;
    this.#audio = audio;
    this.#latch = new SourceLatch(audio.remote.address, audio.remote.rtpPort, isTrusted);
    this.#rtcpLatch = new SourceLatch(audio.remote.address, audio.remote.rtcpPort, isTrusted);
    this.#receiver = new RtpReceiver(audio, options);
    this.#rtcp = new RtcpSession(`${hex(random())}${hex(random())}`, clock.wallMs() - clock.nowMs());
    this.#sender = this.#startStream();
    this.#silence = makeSilence(audio);
    this.#sending = this.#startSending();
    this.#reporting = clock.every(REPORT_PERIOD_MS, () => this.#report());
    ports.listen({
      onRtp: (bytes, address, port) => this.#receive(bytes, address, port),
      onRtcp: (bytes, address, port) => this.#receiveRtcp(bytes, address, port),
    });
  }

  get rtpPort(): number {
    return this.#options.ports.rtpPort;
  }

  /** `clock.nowMs` of the newest packet of the telephone, undefined before the first. */
  get lastReceivedAtMs(): number | undefined {
    return this.#lastReceivedAtMs;
  }

  get counters(): RtpCounters & { readonly far: FarReception | undefined } {
    return {
      sentPackets: this.#earlierSentCount + this.#sender.packetCount,
      receivedPackets: this.#receiver.receivedCount,
      lostPackets: this.#receiver.lostCount,
      jitterMs: this.#receiver.statistics?.jitterMs ?? 0,
      foreignPackets: this.#foreignCount,
      badPackets: this.#badCount,
      unsentPackets: this.#unsentCount,
      far: this.#rtcp.farReception,
    };
  }

  /** Undefined: silence. */
  setSource(source: SoundSource | undefined): void {
    this.#source = source;
  }

  /** Queues `0-9*#A-D` as telephone events; returns how many were taken, none if the peer takes no such events. */
  sendDigits(digits: string): number {
    return this.#sender.sendDigits(digits);
  }

  /** What a new offer and answer agreed on. Of another codec or packet time: set a source for it first. */
  update(audio: AgreedAudio): void {
    if (this.#isDisposed) return;
    const before = this.#audio;
    this.#audio = audio;
    this.#latch.announce(audio.remote.address, audio.remote.rtpPort);
    this.#rtcpLatch.announce(audio.remote.address, audio.remote.rtcpPort);
    this.#receiver.setFormat(audio);
    const { payloadType, clockRate, ptimeMs, telephoneEvent } = audio;
    const isSame = payloadType === before.payloadType && clockRate === before.clockRate;
    if (isSame && ptimeMs === before.ptimeMs && telephoneEvent === before.telephoneEvent) return;
    this.#silence = makeSilence(audio);
    this.#startStreamAnew();
    this.#sending.cancel();
    this.#sending = this.#startSending();
  }

  /** With the BYE: from now on silence is sent, also to a peer that holds the call, which could not hear the BYE asleep. */
  keepAwake(): void {
    this.#source = undefined;
    this.#isEnding = true;
  }

  /** When the BYE is answered: sends silence for 200 ms more, then frees the ports. */
  finish(): Promise<void> {
    this.keepAwake();
    this.#finished ??= new Promise((resolve) => {
      this.#options.clock.after(LINGER_MS, () => {
        this[Symbol.dispose]();
        resolve();
      });
    });
    return this.#finished;
  }

  /** Ends it at once. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#sending.cancel();
    this.#reporting.cancel();
    this.#sendRtcp(this.#rtcp.bye(this.#sender));
    this.#options.ports[Symbol.dispose]();
  }

  #startStream(): RtpSender {
    const { random } = this.#options;
    this.#earlierSentCount += this.#sender?.packetCount ?? 0;
    return new RtpSender(this.#audio, { ssrc: random(), sequenceNumber: random(), rtpTimestamp: random() });
  }

  /** Keys that wait are pressed in the new stream. */
  #startStreamAnew(): void {
    const digits = this.#sender.takeWaitingDigits();
    this.#sender = this.#startStream();
    const taken = this.#sender.sendDigits(digits);
    if (taken < digits.length) {
      this.#options.log.warn("telephone.keys-not-sent", { have: digits.length, taken });
    }
  }

  #startSending(): Timer {
    return this.#options.beat.add(this.#audio.ptimeMs, (dueCount) => this.#sendDue(dueCount));
  }

  #sendDue(dueCount: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#beat(nowMs);
    if (dueCount > MAX_CATCH_UP) this.#sender.skip(dueCount - MAX_CATCH_UP);
    for (let count = Math.min(dueCount, MAX_CATCH_UP); count > 0; count--) this.#sendOne(nowMs);
  }

  /** A bug in whoever listens costs only what is heard of the telephone. */
  #beat(nowMs: number): void {
    if (this.#isBeatBroken) return;
    try {
      this.#options.onBeat(nowMs);
    } catch (thrown) {
      this.#options.log.error("rtp.listener-failed", { reason: messageOf(thrown) });
      this.#isBeatBroken = true;
    }
  }

  /** While the peer holds the call time goes on, but nothing is sent. */
  #sendOne(nowMs: number): void {
    const payload = this.#pull(nowMs);
    const isWanted = this.#isEnding || canSend(this.#audio.direction);
    if (isWanted && !isNowhere(this.#latch.address)) {
      const packet = this.#sender.next(payload);
      if (!this.#send("sendRtp", packet, this.#latch)) this.#unsentCount++;
    } else this.#sender.skip(1);
  }

  #pull(nowMs: number): Uint8Array {
    try {
      return this.#source?.pull(nowMs) ?? this.#silence;
    } catch (thrown) {
      this.#options.log.error("rtp.source-failed", { reason: messageOf(thrown) });
      this.#source = undefined;
      return this.#silence;
    }
  }

  #receive(bytes: Uint8Array, address: string, port: number): void {
    const nowMs = this.#options.clock.nowMs();
    if (isRtcp(bytes)) this.#receiveRtcp(bytes, address, port);
    else if (!this.#receiver.check(bytes)) this.#badCount++;
    else if (!this.#latch.accept(address, port, this.#receiver.ssrc, nowMs)) this.#refuse(address, port);
    else this.#take(bytes, nowMs);
  }

  /** One line for each call: it tells why a telephone behind a proxy is not heard. */
  #refuse(address: string, port: number): void {
    if (this.#foreignCount === 0) this.#options.log.warn("rtp.foreign-source", { from: address, port });
    this.#foreignCount++;
  }

  #take(bytes: Uint8Array, nowMs: number): void {
    this.#lastReceivedAtMs = nowMs;
    if (this.#receiver.ssrc === this.#sender.ssrc) this.#moveSsrc();
    if (!this.#receiver.take(bytes, nowMs)) this.#badCount++;
  }

  /** Two with one number (RFC 3550, section 8.2); a second time it is no chance but our own packets coming back. */
  #moveSsrc(): void {
    if (this.#hasMovedSsrc) return;
    this.#hasMovedSsrc = true;
    this.#sendRtcp(this.#rtcp.bye(this.#sender));
    this.#startStreamAnew();
  }

  /** Reports count only from the host that is heard; they are answered to the port that they come from. */
  #receiveRtcp(bytes: Uint8Array, address: string, port: number): void {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#latch.isHost(address)) this.#foreignCount++;
    else if (!this.#rtcp.receive(bytes, this.#sender, this.#receiver, nowMs)) this.#badCount++;
    else this.#rtcpLatch.accept(address, port, RTCP_SSRC, nowMs);
  }

  #report(): void {
    this.#sendRtcp(this.#rtcp.report(this.#sender, this.#receiver, this.#options.clock.nowMs()));
  }

  #sendRtcp(bytes: Uint8Array): void {
    if (!isNowhere(this.#rtcpLatch.address)) this.#send("sendRtcp", bytes, this.#rtcpLatch);
  }

  #send(how: "sendRtp" | "sendRtcp", bytes: Uint8Array, { address, port }: SourceLatch): boolean {
    try {
      return this.#options.ports[how](bytes, address, port);
    } catch (thrown) {
      this.#options.log.debug("rtp.unsent", { reason: messageOf(thrown) });
      return false;
    }
  }
}

function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, "0");
}
