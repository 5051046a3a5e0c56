import { causeOfOurs, q850Of, reasonOf } from "./causes.ts";
import { Channel } from "./channel.ts";
import type { EventHeaders } from "./event-text.ts";
import { exportsOf, type ParsedOriginate } from "./originate-command.ts";
import { type LegRole, type RecordedEvent, readRecordedCall } from "./recorded-events.ts";
import { adaptEvent } from "./recorded-values.ts";
import { callerOf, type ShownCaller } from "./shown-caller.ts";

/** What a call needs of the FreeSWITCH that it is in. */
export interface CallHost {
  fire(headers: EventHeaders): void;
  add(channel: Channel): void;
  remove(channel: Channel): void;
  createUuid(): string;
  /** With the next tick of the state machine. */
  later(run: () => void): void;
}

/** What a call does to our own leg's SIP and RTP. */
export interface OurWire {
  /** Once the session's thread runs: it sleeps as long as no RTP comes, up to 5 s. */
  whenAwake(run: () => void): void;
  hangUp(reason: string): void;
}

const KILLED: Changes = {
  variable_sip_hangup_disposition: "send_bye",
  variable_proto_specific_hangup_cause: undefined,
};
const NO_WIRE: OurWire = { whenAwake: (run) => run(), hangUp: () => {} };

type Bridge = NonNullable<ParsedOriginate["bridge"]>;

/** Undefined takes a header away; one that is not there does not come. */
type Changes = Readonly<Record<string, string | undefined>>;

type Ending = {
  readonly recording: string;
  /** Values that stand for others in this one. */
  readonly replaced?: EventHeaders;
  /** Other headers of each leg. */
  readonly ours?: Changes;
  readonly far?: Changes;
  /** How many events come before our leg's thread has to run; by default those of the telephone's. */
  readonly atOnceCount?: number;
  /** Whether it runs anyway. */
  readonly isAwake?: boolean;
  /** What it does then; without it, it hangs up. */
  readonly onAwake?: () => void;
};

/** One call out, our leg and the telephone's, whose events are those of the recordings esl_ourleg_*. */
export class PlacedPeerCall {
  readonly ourLeg: Channel;
  farLeg: Channel | undefined;
  wire: OurWire = NO_WIRE;
  #digits = "";
  #isOursUp = false;
  #hasRung = false;
  #isBridged = false;
  #isAnswered = false;
  #isEnding = false;

  constructor(
    readonly host: CallHost,
    readonly originate: ParsedOriginate,
    readonly onChange: () => void = () => {},
  ) {
    const { variables, profile, session, address } = originate;
    const uuid = variables.origination_uuid ?? host.createUuid();
    this.ourLeg = new Channel(
      "ours",
      uuid,
      `sofia/${profile}/${session}@${address}`,
      variables,
      uuid,
      session,
      {
        name: variables.origination_caller_id_name ?? "",
        number: variables.origination_caller_id_number ?? "",
      },
    );
  }

  get hasEnded(): boolean {
    return this.#isEnding;
  }

  /** Whom the telephone sees calling. */
  get caller(): ShownCaller {
    return callerOf(this.originate);
  }

  get isBridged(): boolean {
    return this.#isBridged && !this.#isEnding;
  }

  get isAnswered(): boolean {
    return this.#isAnswered && !this.#isEnding;
  }

  /** Whether the telephone was heard of, so that its leg's timeout is over. */
  get isPastRinging(): boolean {
    return this.#isBridged || this.#isAnswered || this.#isEnding;
  }

  /** Our leg is called. */
  begin(): void {
    this.host.add(this.ourLeg);
    this.#fire("esl_ourleg_phonebye", "ours", "CHANNEL_CREATE");
  }

  answerOurLeg(): void {
    this.#isOursUp = true;
    this.#fire("esl_ourleg_phonebye", "ours", "CHANNEL_ANSWER");
    this.#setState(this.ourLeg, "CS_EXECUTE", "ACTIVE");
  }

  /** The telephone is dialled, by the command itself or by the dialplan. */
  dial(): void {
    const { variables, extension } = this.originate;
    if (this.#isEnding) return;
    const { variables: given = {}, number = extension }: Partial<Bridge> = this.originate.bridge ?? {};
    const uuid = given.origination_uuid ?? this.host.createUuid();
    // Our mark, too, goes on to the telephone.
    const exported = Object.fromEntries(
      Object.entries(variables).filter(([name]) => exportsOf(variables).includes(name)),
    );
    const own = { ...exported, ...given };
    const leg = new Channel(
      "far",
      uuid,
      `sofia/external/${number}`,
      own,
      this.ourLeg.uuid,
      number,
      this.caller,
    );
    this.farLeg = leg;
    this.host.add(leg);
    this.#fire("esl_ourleg_phonebye", "far", "CHANNEL_CREATE");
    this.#setState(leg, "CS_CONSUME_MEDIA", "DOWN");
  }

  /** An application of the dialplan runs on our leg. */
  execute(application: string): void {
    this.#fire("esl_ourleg_dialplan_filter", "ours", "CHANNEL_EXECUTE", { Application: application });
  }

  ring(): void {
    if (this.#isEnding) return;
    this.#hasRung = true;
    this.#fire("esl_ourleg_phonebye", "far", "CHANNEL_PROGRESS");
    this.#setState(this.#far(), "CS_CONSUME_MEDIA", "RINGING");
  }

  sendEarlyMedia(): void {
    if (this.#isEnding) return;
    const recording = this.#hasRung ? "esl_ourleg_phonebye" : "esl_ourleg_earlybusy";
    this.#fire(recording, "far", "CHANNEL_PROGRESS_MEDIA");
    this.#setState(this.#far(), "CS_EXCHANGE_MEDIA", "EARLY");
    this.#bridge();
  }

  answer(): void {
    if (this.#isEnding) return;
    const { state, callState } = this.#far();
    this.#fire("esl_ourleg_phonebye", "far", "CHANNEL_ANSWER", {
      "Channel-State": state,
      "Channel-Call-State": callState,
    });
    this.#isAnswered = true;
    this.#setState(this.#far(), "CS_EXCHANGE_MEDIA", "ACTIVE");
    if (!this.#isBridged) this.#bridge();
  }

  /** A digit of the telephone's, heard as telephone-event. */
  noteDigit(digit: string): void {
    this.#digits += digit;
    this.#fire("esl_ourleg_dtmf", "far", "DTMF", { "DTMF-Digit": digit });
  }

  /** The telephone refuses, or nobody answers it (without a code). */
  refuse(cause: string, sipCode?: number): void {
    const { recording, said, code } = this.#findRefusal(sipCode);
    const ours = this.#isBridged ? cause : causeOfOurs(cause);
    this.#end({
      recording,
      replaced: { [said]: cause, [`sip:${code}`]: `sip:${sipCode}` },
      far: { variable_hangup_cause_q850: q850Of(cause) },
      ours: {
        "Hangup-Cause": ours,
        variable_hangup_cause: ours,
        variable_hangup_cause_q850: q850Of(ours),
      },
    });
  }

  /** The gateway is down or unknown: no telephone is dialled. */
  refuseGateway(cause: "GATEWAY_DOWN" | "INVALID_GATEWAY"): void {
    const recording = cause === "GATEWAY_DOWN" ? "esl_ourleg_gwdown" : "esl_ourleg_gwunknown";
    this.#end({ recording, isAwake: true });
  }

  hangUpByTelephone(): void {
    this.#end({ recording: "esl_ourleg_phonebye" });
  }

  /** Our leg sent a BYE, or was killed. */
  hangUpOurLeg(
    disposition: "recv_bye" | "send_bye",
    cause = "NORMAL_CLEARING",
    answerBye?: () => void,
  ): void {
    const isKilled = disposition === "send_bye";
    const bridged = isKilled ? "esl_ourleg_kill" : "esl_ourleg_ourbye";
    const told: Changes = {
      ...(isKilled ? KILLED : {}),
      ...(this.farLeg === undefined ? { variable_originate_disposition: undefined } : {}),
    };
    this.#end({
      recording: this.#isBridged ? bridged : "esl_ourleg_cancel",
      replaced: { NORMAL_CLEARING: cause },
      ours: told,
      atOnceCount: isKilled ? 1 : 0,
      isAwake: !this.#isOursUp,
      ...(answerBye === undefined ? {} : { onAwake: answerBye }),
    });
  }

  /** Our leg never came up. Not recorded: the events of a cancelled call stand for those of a refused leg. */
  failOurLeg(cause: string): void {
    this.#end({
      recording: "esl_ourleg_cancel",
      replaced: { NORMAL_CLEARING: cause },
      ours: { variable_sip_hangup_disposition: "recv_refuse" },
      atOnceCount: Number.POSITIVE_INFINITY,
    });
  }

  /**
   * Recorded are 404, 480, 486 (also after early media) and no answer. Not recorded: other refusals, whose causes are
   * those of the reference's table; their events are those of the nearest recording with another cause and code.
   */
  #findRefusal(sipCode: number | undefined): { recording: string; said: string; code: number } {
    if (sipCode === undefined) return { recording: "esl_ourleg_noanswer", said: "ALLOTTED_TIMEOUT", code: 0 };
    if (this.#isBridged) return { recording: "esl_ourleg_earlybusy", said: "USER_BUSY", code: 486 };
    if (this.#hasRung && sipCode === 480)
      return { recording: "esl_ourleg_480", said: "NO_USER_RESPONSE", code: 480 };
    if (this.#hasRung) return { recording: "esl_ourleg_busy", said: "USER_BUSY", code: 486 };
    return { recording: "esl_ourleg_404", said: "UNALLOCATED_NUMBER", code: 404 };
  }

  #bridge(): void {
    this.#isBridged = true;
    this.host.later(() => {
      if (!this.#isEnding) this.#fire("esl_ourleg_phonebye", "ours", "CHANNEL_BRIDGE");
      this.onChange();
    });
  }

  #end(ending: Ending): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { events } = readRecordedCall(ending.recording);
    const first = events.findIndex(({ name }) => name === "CHANNEL_HANGUP" || name === "CHANNEL_DESTROY");
    const tail = events.slice(first).filter(({ leg }) => leg === "ours" || this.#hasFar(ending));
    this.#play(ending, tail, 0);
    this.onChange();
  }

  /** A gateway that is down leaves the trace of a leg that never was. */
  #hasFar({ recording }: Ending): boolean {
    return this.farLeg !== undefined || recording.startsWith("esl_ourleg_gw");
  }

  #play(ending: Ending, events: readonly RecordedEvent[], n: number): void {
    const event = events[n];
    if (event === undefined) return;
    const gate = ending.atOnceCount ?? events.findIndex(({ leg }) => leg === "ours");
    const goOn = () => {
      if (n === gate) this.#endWire(ending);
      this.#show(ending.recording, event, ending[event.leg], ending.replaced);
      this.#play(ending, events, n + 1);
    };
    if (n === gate && ending.isAwake !== true) this.wire.whenAwake(goOn);
    else if (n > 0 && event.isLater) this.host.later(goOn);
    else goOn();
  }

  #endWire({ onAwake, replaced = {}, ours = {}, recording }: Ending): void {
    if (onAwake !== undefined) {
      onAwake();
      return;
    }
    const { events } = readRecordedCall(recording);
    const told = events.find(({ leg, name }) => leg === "ours" && name === "CHANNEL_HANGUP")?.headers;
    const cause = told?.["Hangup-Cause"] ?? "NORMAL_CLEARING";
    this.wire.hangUp(reasonOf(ours["Hangup-Cause"] ?? replaced[cause] ?? cause));
  }

  #fire(recording: string, leg: LegRole, name: string, changes: Changes = {}): void {
    const event = readRecordedCall(recording).events.find(
      (event) => event.leg === leg && event.name === name,
    );
    if (event === undefined) throw new Error(`${recording} has no ${name} of the ${leg} leg`);
    this.#show(recording, event, changes);
  }

  #show(recording: string, event: RecordedEvent, changes: Changes = {}, replaced: EventHeaders = {}): void {
    const { session, address, bridge, extension, variables } = this.originate;
    const leg = event.leg === "ours" ? this.ourLeg : this.farLeg;
    const { origination_caller_id_number: callerNumber = "" } = variables;
    const headers = adaptEvent(
      event,
      readRecordedCall(recording),
      {
        ourLegId: this.ourLeg.uuid,
        farLegId: this.farLeg?.uuid ?? bridge?.variables.origination_uuid ?? "",
        address: `${session}@${address}`,
        session,
        number: bridge?.number ?? extension,
        callerNumber,
        farCallerNumber: this.caller.number,
        gateway: bridge?.gateway ?? "gw1",
        variables: leg?.variables ?? {},
      },
      replaced,
    );
    const told = event.leg === "far" ? this.#tellFar() : {};
    for (const [name, value] of Object.entries({ ...told, ...changes })) {
      if (value === undefined) delete headers[name];
      else if (name in headers) headers[name] = value;
    }
    this.host.fire(headers);
    if (leg === undefined) return;
    this.#setState(
      leg,
      headers["Channel-State"] ?? leg.state,
      headers["Channel-Call-State"] ?? leg.callState,
    );
    leg.callId = headers["Channel-Call-UUID"] ?? leg.callId;
    if (event.name === "CHANNEL_DESTROY") this.host.remove(leg);
  }

  /** What the telephone's events say of this call. */
  #tellFar(): Changes {
    const { name, number } = this.caller;
    return {
      "Caller-Caller-ID-Name": name,
      "Caller-Caller-ID-Number": number,
      ...(this.#digits === "" ? {} : { variable_digits_dialed: this.#digits }),
    };
  }

  #setState(leg: Channel, state: string, callState: string): void {
    leg.state = state;
    leg.callState = callState;
  }

  #far(): Channel {
    if (this.farLeg === undefined) throw new Error("the telephone was not dialled");
    return this.farLeg;
  }
}
