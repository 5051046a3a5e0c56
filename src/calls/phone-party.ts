import type { SignalingEvent } from "../protocols/signaling/message.ts";
import { Cause } from "./causes.ts";
import type { CallEvent, Codecs, Ending, Side } from "./machine.ts";
import type { CallParty, PhoneEvent, PhoneLeg, PhoneStreams, ReportPhone } from "./ports.ts";

export type PhonePartyOptions = {
  /** The number, for logs and listings. */
  readonly name: string;
  readonly side: Side;
  readonly streams: PhoneStreams;
  /** Dials it, or takes its call. */
  readonly connect: (report: ReportPhone) => PhoneLeg;
  /** Keys that it pressed. */
  readonly onDigits: (digits: string) => void;
  /** What happens to a telephone that calls; one that is called reports to whoever invites it. */
  readonly report?: (event: CallEvent) => void;
};

/** A telephone as one party of a call. */
export class PhoneParty implements CallParty {
  readonly kind = "phone";
  readonly #options: PhonePartyOptions;
  #report: (event: CallEvent) => void;
  #leg: PhoneLeg | undefined;
  #isTalking = false;

  constructor(options: PhonePartyOptions) {
    this.#options = options;
    this.#report = options.report ?? (() => {});
    if (options.side === "caller") this.#connect();
  }

  get name(): string {
    return this.#options.name;
  }

  get leg(): PhoneLeg | undefined {
    return this.#leg;
  }

  invite(report: (event: CallEvent) => void): void {
    this.#report = report;
    this.#connect();
  }

  answered(): void {
    this.#isTalking = true;
    this.#leg?.answer();
  }

  cancel(cause: string): void {
    this.#leg?.hangUp(cause);
  }

  bye({ cause }: Ending): void {
    this.#leg?.hangUp(cause);
  }

  message(): void {}

  dtmf(digits: string): void {
    this.#leg?.sendDigits(digits);
  }

  event(event: SignalingEvent): void {
    if (event === "ringing") this.#leg?.ring();
  }

  #connect(): void {
    this.#leg = this.#options.connect((event) => this.#handle(event));
  }

  #handle(event: PhoneEvent): void {
    switch (event.kind) {
      case "digits":
        this.#options.onDigits(event.digits);
        return;
      case "ringing":
        this.#report({ name: "calleeRinging" });
        return;
      case "early-media":
        this.#report({ name: "calleeEarly" });
        return;
      case "answered":
        this.#isTalking = true;
        this.#report({ name: "calleeAnswered", codecs: this.#codecs() });
        return;
      case "ended":
        this.#report(this.#explainEnd(event.cause));
        return;
    }
  }

  /** What others hear of it; it shows no picture. */
  #codecs(): Codecs {
    return { audio: this.#options.streams.spoken?.heardCodec ?? "", video: "" };
  }

  #explainEnd(cause: string | undefined): CallEvent {
    // Cleared in the normal way, though nobody had answered: the caller gave up.
    const isNamed = cause !== undefined && (this.#isTalking || cause !== Cause.normalClearing);
    if (this.#options.side === "caller") return { name: "callerHungUp", ...(isNamed && { cause }) };
    if (this.#isTalking) return { name: "calleeHungUp", ...(isNamed && { cause }) };
    return { name: "calleeRefused", cause: cause ?? Cause.callRejected };
  }
}
