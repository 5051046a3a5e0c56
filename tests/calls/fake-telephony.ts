import type {
  DialRequest,
  PhoneCall,
  PhoneEvent,
  PhoneLeg,
  PhoneStreams,
  ReportPhone,
  Telephony,
} from "../../src/calls/ports.ts";

/** A leg whose far end is the test: what was asked of it stays in `asked`. */
export class FakeLeg implements PhoneLeg {
  readonly ids = ["leg-1"];
  readonly media = undefined;
  readonly asked: string[] = [];

  constructor(
    readonly streams: PhoneStreams,
    readonly report: (event: PhoneEvent) => void,
  ) {}

  ring(): void {
    this.asked.push("ring");
  }

  answer(): void {
    this.asked.push("answer");
  }

  hangUp(cause: string): void {
    this.asked.push(`hang up ${cause}`);
  }

  sendDigits(digits: string): void {
    this.asked.push(`digits ${digits}`);
  }
}

export class FakeTelephony implements Telephony {
  problem: string | undefined;
  /** Ends each call before `dial` returns. */
  failure: string | undefined;
  readonly dialled: { readonly request: DialRequest; readonly leg: FakeLeg }[] = [];

  dial(request: DialRequest, report: ReportPhone): FakeLeg {
    const leg = new FakeLeg(request.streams, report);
    this.dialled.push({ request, leg });
    if (this.failure !== undefined) report({ kind: "ended", cause: this.failure });
    return leg;
  }

  get last(): FakeLeg {
    const leg = this.dialled.at(-1)?.leg;
    if (leg === undefined) throw new Error("nothing was dialled");
    return leg;
  }
}

/** A telephone that calls. */
export class FakePhoneCall implements PhoneCall {
  readonly callerName = "Li Hao";
  leg: FakeLeg | undefined;
  refusal: string | undefined;

  constructor(
    readonly calledNumber: string,
    readonly callerNumber = "13900000001",
  ) {}

  accept(_: string, streams: PhoneStreams, report: ReportPhone): FakeLeg {
    this.leg = new FakeLeg(streams, report);
    return this.leg;
  }

  refuse(cause: string): void {
    this.refusal = cause;
  }
}
