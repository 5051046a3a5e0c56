import type { EventHeaders } from "./esl-connection.ts";

/** One channel, with what its events say of it. */
export class Channel {
  state = "CS_INIT";
  callState = "DOWN";
  answerState = "ringing";
  otherLegId: string | undefined;
  readonly more: Record<string, string> = {};

  constructor(
    readonly uuid: string,
    readonly name: string,
    readonly variables: Readonly<Record<string, string>>,
    /** The id of the call's first channel, while that is there. */
    public callId: string,
    readonly destination: string,
  ) {}

  headersOf(eventName: string): EventHeaders {
    return {
      "Event-Name": eventName,
      "Channel-State": this.state,
      "Channel-Call-State": this.callState,
      "Channel-Name": this.name,
      "Unique-ID": this.uuid,
      "Call-Direction": "outbound",
      "Channel-Call-UUID": this.callId,
      "Answer-State": this.answerState,
      "Caller-Destination-Number": this.destination,
      ...(this.otherLegId === undefined ? {} : { "Other-Leg-Unique-ID": this.otherLegId }),
      ...this.more,
      ...Object.fromEntries(
        Object.entries(this.variables).map(([name, value]) => [`variable_${name}`, value]),
      ),
    };
  }

  /** As a row of `show channels as json`. */
  toRow(): Record<string, string> {
    return {
      uuid: this.uuid,
      direction: "outbound",
      name: this.name,
      state: this.state,
      dest: this.destination,
      callstate: this.callState,
      call_uuid: this.callId,
    };
  }
}

export type ParsedOriginate = {
  readonly variables: Readonly<Record<string, string>>;
  readonly profile: string;
  readonly session: string;
  readonly address: string;
  readonly bridge:
    | {
        readonly variables: Readonly<Record<string, string>>;
        readonly gateway: string;
        readonly number: string;
      }
    | undefined;
  readonly extension: string;
};

const ORIGINATE =
  /^\{([^{}]*)\}sofia\/([^/]+)\/([^@]+)@(\S+) (?:&bridge\(\{([^{}]*)\}sofia\/gateway\/([^/]+)\/([^)]+)\)|(\S+) XML (\S+))$/;

/** Undefined for what this peer cannot dial. */
export function parseOriginate(argument: string): ParsedOriginate | undefined {
  const match = ORIGINATE.exec(argument);
  if (match === null) return undefined;
  const [, own = "", profile = "", session = "", address = "", far = "", gateway, number, extension = ""] =
    match;
  const bridge =
    gateway === undefined || number === undefined
      ? undefined
      : { variables: parseVariables(far), gateway, number };
  return { variables: parseVariables(own), profile, session, address, bridge, extension };
}

function parseVariables(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const equals = pair.indexOf("=");
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
