import type { SignalingEvent } from "../protocols/signaling/message.ts";
import { Cause } from "./causes.ts";
import type { CalleePlace, Destination } from "./destination.ts";
import type { CallEvent, Codecs, Ending, Side } from "./machine.ts";
import type {
  CallParty,
  LegEvent,
  LegMedia,
  LegStreams,
  NotedParty,
  ReportLeg,
  TelephoneLeg,
  Telephony,
} from "./ports.ts";
import { plainReach } from "./stream-urls.ts";

export type TelephonePartyOptions = {
  /** The number, for logs and listings. */
  readonly name: string;
  readonly side: Side;
  readonly streams: LegStreams;
  readonly connect: (report: ReportLeg) => TelephoneLeg;
  /** Gets the keys that it pressed. */
  readonly onDigits: (digits: string) => void;
  /** What happens to a telephone that calls; one that is called reports to whoever invites it. */
  readonly report?: (event: CallEvent) => void;
};

/** @param number as it is dialled */
export function reachTelephone(telephony: Telephony, number: string): Destination {
  return { number, makeParty: (place) => makeDialledTelephone(telephony, number, place) };
}

function makeDialledTelephone(
  telephony: Telephony,
  number: string,
  { setup, streams, host, onDigits, via, vendor }: CalleePlace,
): TelephoneParty {
  const { callId, callerNumber, callerName, calleeNumber } = setup;
  const legStreams = { heard: streams.get("caller"), spoken: streams.get("callee") };
  const request = { callId, number, callerNumber, callerName, via, vendor, streams: legStreams };
  return new TelephoneParty({
    name: calleeNumber,
    side: "callee",
    streams: legStreams,
    connect: (report) =>
      telephony.dial({ ...request, urls: streams.urlsFor("callee", plainReach(host)) }, report),
    onDigits,
  });
}

/** A telephone as one party of a call. */
export class TelephoneParty implements CallParty {
  readonly user = undefined;
  readonly pushes = false;
  readonly isTold = true;
  readonly playsOwnSound = false;
  readonly hangsUpByApi = false;
  readonly pushedAudio = undefined;
  readonly #options: TelephonePartyOptions;
  #report: (event: CallEvent) => void;
  #leg: TelephoneLeg | undefined;
  #isTalking = false;

  constructor(options: TelephonePartyOptions) {
    this.#options = options;
    this.#report = options.report ?? (() => {});
  }

  get name(): string {
    return this.#options.name;
  }

  get media(): LegMedia | undefined {
    return this.#leg?.media;
  }

  describe(): NotedParty {
    return { kind: "telephone", name: this.name, legIds: [...(this.#leg?.ids ?? [])] };
  }

  /** Dials it, or takes its call. It may be called once. */
  connect(): void {
    this.#leg = this.#options.connect((event) => this.#handle(event));
  }

  invite(report: (event: CallEvent) => void): void {
    this.#report = report;
    this.connect();
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

  message(): string {
    return Cause.facilityNotImplemented;
  }

  dtmf(digits: string): void {
    this.#leg?.sendDigits(digits);
  }

  event(event: SignalingEvent): void {
    if (event === "ringing") this.#leg?.ring();
  }

  #handle(event: LegEvent): void {
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

  /** The codecs in which others get its sound. It has no picture. */
  #codecs(): Codecs {
    return { audio: this.#options.streams.spoken?.heardCodec ?? "", video: "" };
  }

  #explainEnd(cause: string | undefined): CallEvent {
    // A normal clearing before the answer says only that the caller gave up.
    const isNamed = cause !== undefined && (this.#isTalking || cause !== Cause.normalClearing);
    if (this.#options.side === "caller") return { name: "callerHungUp", ...(isNamed && { cause }) };
    if (this.#isTalking) return { name: "calleeHungUp", ...(isNamed && { cause }) };
    return { name: "calleeRefused", cause: cause ?? Cause.callRejected };
  }
}
