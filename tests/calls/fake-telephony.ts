import type {
  CallingTelephone,
  DialRequest,
  LegEvent,
  LegMedia,
  LegStreams,
  ReportLeg,
  TelephoneLeg,
  Telephony,
} from "../../src/calls/ports.ts";

export const MEDIA: LegMedia = {
  codec: "PCMA",
  concealedMs: 40,
  shortenedMs: 10,
  lengthenedMs: 5,
  droppedMs: 0,
  lateFrames: 2,
  damagedFrames: 1,
  driftPpm: -40,
  receivedPackets: 1500,
  lostPackets: 3,
  latePackets: 1,
  foreignPackets: 6,
  badPackets: 7,
  jitterMs: 2.5,
  sentPackets: 1498,
  unsentPackets: 8,
  lostPacketsThere: undefined,
  roundTripMs: undefined,
};

/** A leg whose far end is the test: what was asked of it stays in `asked`. */
export class FakeLeg implements TelephoneLeg {
  ids: readonly string[] = ["our-leg"];
  media: LegMedia | undefined;
  readonly asked: string[] = [];
  /** The causes it was hung up with. */
  readonly done: string[] = [];

  constructor(
    readonly streams: LegStreams,
    readonly report: ReportLeg,
  ) {}

  ring(): void {
    this.asked.push("ring");
  }

  answer(): void {
    this.asked.push("answer");
  }

  hangUp(cause: string): void {
    this.asked.push(`hang up ${cause}`);
    this.done.push(cause);
  }

  sendDigits(digits: string): void {
    this.asked.push(`digits ${digits}`);
  }
}

export class DialledFakeLeg extends FakeLeg {
  constructor(
    readonly request: DialRequest,
    report: ReportLeg,
  ) {
    super(request.streams, report);
  }
}

/** Dials nobody; what becomes of each leg is up to the test. */
export class FakeTelephony implements Telephony {
  problem: string | undefined;
  /** What becomes of each call before `dial` returns. */
  atOnce: LegEvent | undefined;
  readonly legs: DialledFakeLeg[] = [];

  /** The last. */
  get leg(): DialledFakeLeg {
    const leg = this.legs.at(-1);
    if (leg === undefined) throw new Error("nothing was dialled");
    return leg;
  }

  dial(request: DialRequest, report: ReportLeg): DialledFakeLeg {
    const leg = new DialledFakeLeg(request, report);
    this.legs.push(leg);
    if (this.atOnce !== undefined) report(this.atOnce);
    return leg;
  }
}

/** A telephone that calls. */
export class FakeCallingTelephone implements CallingTelephone {
  readonly callerName = "Li Hao";
  leg: FakeLeg | undefined;
  refusal: string | undefined;

  constructor(
    readonly calledNumber: string,
    readonly callerNumber = "13900000001",
  ) {}

  accept(_: string, streams: LegStreams, report: ReportLeg): FakeLeg {
    this.leg = new FakeLeg(streams, report);
    return this.leg;
  }

  refuse(cause: string): void {
    this.refusal = cause;
  }
}
