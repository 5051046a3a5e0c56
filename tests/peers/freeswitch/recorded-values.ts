import type { EventHeaders } from "./event-text.ts";
import type { RecordedCall, RecordedEvent } from "./recorded-events.ts";

/** What the recorded calls were about. */
const RECORDED = {
  address: "wx-sess@127.0.0.1:25560",
  session: "wx-sess",
  number: "13800000000",
  callerNumber: "lihao",
  farCallerNumber: "10086",
  gateway: "gw1",
  callerIn: "13900000001",
} as const;

export type CallValues = {
  readonly ourLegId: string;
  readonly farLegId: string;
  readonly address: string;
  readonly session: string;
  readonly number: string;
  readonly callerNumber: string;
  readonly farCallerNumber: string;
  readonly gateway: string;
  /** Of the event's own leg. */
  readonly variables: EventHeaders;
};

let sequence = 0;

/**
 * A recorded event as it would be of another call: with its ids, names, numbers, variables and time.
 * @param replaced whole values that stand for others in this call
 */
export function adaptEvent(
  { headers }: Pick<RecordedEvent, "headers">,
  { ids }: Pick<RecordedCall, "ids">,
  values: CallValues,
  replaced: EventHeaders = {},
): Record<string, string> {
  const whole: EventHeaders = {
    [RECORDED.session]: values.session,
    [RECORDED.callerNumber]: values.callerNumber,
    [RECORDED.farCallerNumber]: values.farCallerNumber,
    [RECORDED.gateway]: values.gateway,
    ...replaced,
  };
  const parts = [
    [ids.ours, values.ourLegId],
    [ids.far, values.farLegId],
    [RECORDED.address, values.address],
    [RECORDED.number, values.number],
    [RECORDED.callerIn, values.callerNumber],
    // variable_originate_causes: the far leg's id and its cause
    ...Object.entries(replaced).map(([from, to]) => [`;${from}`, `;${to}`]),
  ].filter(([from]) => from !== "");
  const adapted = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    whole[value] ?? parts.reduce((text, [from = "", to = ""]) => text.replaceAll(from, to), value),
  ]);
  // Some events, such as DTMF, bear none: no filter for a variable lets them through.
  const bearsVariables = adapted.some(([name]) => name.startsWith("variable_"));
  const variables = Object.entries(bearsVariables ? values.variables : {}).map(([name, value]) => [
    `variable_${name}`,
    value,
  ]);
  return { ...Object.fromEntries(adapted), ...CORE, ...stampNow(), ...Object.fromEntries(variables) };
}

const CORE = {
  "Core-UUID": crypto.randomUUID(),
  "FreeSWITCH-Hostname": "vm",
  "FreeSWITCH-Switchname": "vm",
  "FreeSWITCH-IPv4": "192.0.2.2",
  "FreeSWITCH-IPv6": "fd00::2",
} as const;

/** What each event begins with. */
export function beginEvent(name: string, file: string, caller: string, line: number): EventHeaders {
  const { "Event-Sequence": number = "", ...dates } = stampNow();
  return {
    "Event-Name": name,
    ...CORE,
    ...dates,
    "Event-Calling-File": file,
    "Event-Calling-Function": caller,
    "Event-Calling-Line-Number": String(line),
    "Event-Sequence": number,
  };
}

function stampNow(): EventHeaders {
  const now = new Date();
  return {
    "Event-Date-Local": now.toISOString().slice(0, 19).replace("T", " "),
    "Event-Date-GMT": now.toUTCString(),
    "Event-Date-Timestamp": `${now.getTime()}000`,
    "Event-Sequence": String(++sequence),
  };
}
