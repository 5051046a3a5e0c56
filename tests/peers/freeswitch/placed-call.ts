import { Channel, type ParsedOriginate } from "./channel.ts";
import type { EventHeaders } from "./esl-connection.ts";

/** What a call needs of the FreeSWITCH that it is in. */
export interface CallHost {
  fire(headers: EventHeaders): void;
  add(channel: Channel): void;
  remove(channel: Channel): void;
  createUuid(): string;
}

const Q850: Readonly<Record<string, string>> = {
  UNALLOCATED_NUMBER: "1",
  NORMAL_CLEARING: "16",
  USER_BUSY: "17",
  NO_USER_RESPONSE: "18",
  CALL_REJECTED: "21",
};

/** One call out, our leg and the telephone's, whose events come as the recordings esl_ourleg_* show them. */
export class PlacedPeerCall {
  readonly ourLeg: Channel;
  farLeg: Channel | undefined;
  #isBridged = false;

  constructor(
    readonly host: CallHost,
    readonly originate: ParsedOriginate,
  ) {
    const { variables, profile, session, address } = originate;
    const uuid = variables.origination_uuid ?? host.createUuid();
    this.ourLeg = new Channel(uuid, `sofia/${profile}/${session}@${address}`, variables, uuid, session);
  }

  get hasEnded(): boolean {
    return this.ourLeg.state === "CS_REPORTING";
  }

  /** Our leg rings. */
  begin(): void {
    this.#create(this.ourLeg);
  }

  /** Our leg answered. */
  answerOurLeg(): void {
    this.#change(this.ourLeg, "CS_CONSUME_MEDIA", "DOWN", "answered");
    this.#fire(this.ourLeg, "CHANNEL_ANSWER");
    this.#change(this.ourLeg, "CS_EXECUTE", "ACTIVE", "answered");
  }

  /** The telephone is dialled. */
  dial(): void {
    const { bridge, variables } = this.originate;
    if (bridge === undefined) return;
    const uuid = bridge.variables.origination_uuid ?? this.host.createUuid();
    // `export_vars` hands our mark on.
    const exported = Object.fromEntries(
      (variables.export_vars ?? "").split(",").flatMap((name) => {
        const value = variables[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const own = { ...exported, ...bridge.variables };
    const leg = new Channel(uuid, `sofia/external/${bridge.number}`, own, this.ourLeg.uuid, bridge.number);
    leg.otherLegId = this.ourLeg.uuid;
    this.farLeg = leg;
    this.#create(leg);
    leg.state = "CS_CONSUME_MEDIA";
  }

  /** An application of the dialplan runs on our leg. */
  execute(application: string): void {
    this.host.fire({ ...this.ourLeg.headersOf("CHANNEL_EXECUTE"), Application: application });
  }

  ring(): void {
    const leg = this.#far();
    this.#fire(leg, "CHANNEL_PROGRESS");
    leg.callState = "RINGING";
  }

  sendEarlyMedia(): void {
    const leg = this.#far();
    leg.answerState = "early";
    this.#fire(leg, "CHANNEL_PROGRESS_MEDIA");
    this.#change(leg, "CS_EXCHANGE_MEDIA", "EARLY", "early");
    this.#bridge(leg);
  }

  answer(): void {
    const leg = this.#far();
    leg.answerState = "answered";
    this.#fire(leg, "CHANNEL_ANSWER");
    this.#change(leg, "CS_EXCHANGE_MEDIA", "ACTIVE", "answered");
    if (!this.#isBridged) this.#bridge(leg);
  }

  /** The telephone refuses, or nobody answers it (without a code). */
  refuse(cause: string, sipCode?: number): void {
    const leg = this.#far();
    const told = sipCode === undefined ? {} : { variable_proto_specific_hangup_cause: `sip:${sipCode}` };
    const disposition = sipCode === undefined ? "send_cancel" : "recv_refuse";
    this.#hangUp(leg, cause, { ...told, variable_sip_hangup_disposition: disposition });
    if (!this.#isBridged) this.ourLeg.more.variable_originate_disposition = cause;
    // Our leg hears NORMAL_CLEARING instead of this one.
    const ours = cause === "NO_USER_RESPONSE" ? "NORMAL_CLEARING" : cause;
    this.#hangUp(this.ourLeg, ours, { variable_sip_hangup_disposition: "send_bye" });
  }

  /** The gateway is down or unknown: no telephone is dialled. */
  refuseGateway(cause: string): void {
    this.ourLeg.more.variable_originate_disposition = cause;
    this.#hangUp(this.ourLeg, cause, { variable_sip_hangup_disposition: "send_bye" });
  }

  /** The telephone hangs up. */
  hangUpByTelephone(): void {
    this.#hangUp(this.#far(), "NORMAL_CLEARING", {
      variable_proto_specific_hangup_cause: "sip:200",
      variable_sip_hangup_disposition: "recv_bye",
    });
    this.#hangUp(this.ourLeg, "NORMAL_CLEARING", { variable_sip_hangup_disposition: "send_bye" });
  }

  /** Our leg sent a BYE, or was killed. */
  hangUpOurLeg(disposition: "recv_bye" | "send_bye", cause = "NORMAL_CLEARING"): void {
    if (this.hasEnded) return;
    const leg = this.farLeg;
    if (leg !== undefined && leg.state !== "CS_REPORTING") {
      const isUp = this.#isBridged;
      if (isUp) leg.callId = leg.uuid;
      this.#hangUp(leg, isUp ? cause : "ORIGINATOR_CANCEL", {
        variable_sip_hangup_disposition: isUp ? "send_bye" : "send_cancel",
      });
      if (!isUp) this.ourLeg.more.variable_originate_disposition = "ORIGINATOR_CANCEL";
    }
    const told = disposition === "recv_bye" ? { variable_proto_specific_hangup_cause: "sip:200" } : {};
    this.#hangUp(this.ourLeg, cause, { ...told, variable_sip_hangup_disposition: disposition });
  }

  #create(leg: Channel): void {
    this.host.add(leg);
    this.#fire(leg, "CHANNEL_CREATE");
  }

  #bridge(leg: Channel): void {
    this.#isBridged = true;
    this.ourLeg.otherLegId = leg.uuid;
    this.ourLeg.more.variable_originate_disposition = "SUCCESS";
    this.#fire(this.ourLeg, "CHANNEL_BRIDGE");
  }

  #hangUp(leg: Channel, cause: string, more: Readonly<Record<string, string>>): void {
    Object.assign(leg.more, more, {
      "Hangup-Cause": cause,
      variable_hangup_cause: cause,
      variable_hangup_cause_q850: Q850[cause] ?? "16",
    });
    leg.answerState = "hangup";
    this.#fire(leg, "CHANNEL_HANGUP");
    this.#change(leg, "CS_REPORTING", "HANGUP", "hangup");
    this.#fire(leg, "CHANNEL_HANGUP_COMPLETE");
    this.host.remove(leg);
    this.#fire(leg, "CHANNEL_DESTROY");
  }

  #change(leg: Channel, state: string, callState: string, answerState: string): void {
    leg.state = state;
    leg.callState = callState;
    leg.answerState = answerState;
  }

  #fire(leg: Channel, eventName: string): void {
    this.host.fire(leg.headersOf(eventName));
  }

  #far(): Channel {
    if (this.farLeg === undefined) throw new Error("the telephone was not dialled");
    return this.farLeg;
  }
}
