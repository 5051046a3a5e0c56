type LegVariables = Readonly<Record<string, string>>;

export type ParsedOriginate = {
  readonly variables: LegVariables;
  readonly profile: string;
  readonly session: string;
  readonly address: string;
  readonly bridge:
    | { readonly variables: LegVariables; readonly gateway: string; readonly number: string }
    | undefined;
  /** Of a route into the dialplan; empty for a bridge. */
  readonly extension: string;
};

const ORIGINATE =
  /^(\{[^{}]*\})?sofia\/([\w.-]+)\/([\w.-]+)@([\w.-]+:\d+) (?:&bridge\((\{[^{}]*\})?sofia\/gateway\/([\w.-]+)\/([\w+*#.-]+)\)|([\w+*#.-]+) XML ([\w.-]+))$/;

const OUR_VARIABLES = [
  "origination_uuid",
  "nway_wx",
  "export_vars",
  "media_mix_inbound_outbound_codecs",
  "origination_caller_id_number",
  "origination_caller_id_name",
  "origination_callee_id_number",
  "origination_callee_id_name",
  "effective_caller_id_number",
  "effective_caller_id_name",
  "rtp_timer_name",
  "hangup_after_bridge",
  "sip_h_X-Nway-Session",
  "absolute_codec_string",
  "dtmf_type",
  "rtp_liberal_dtmf",
];
const FAR_VARIABLES = [
  "origination_uuid",
  "origination_caller_id_number",
  "origination_caller_id_name",
  "leg_timeout",
  "absolute_codec_string",
];
const NEEDED = ["origination_uuid", "rtp_timer_name", "hangup_after_bridge", "nway_wx", "export_vars"];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CODECS = /^(?:PCMA|PCMU|L16@16000h|H264)$/;

/**
 * Reads the one form of `originate` that the facts page of this project gives, and throws what is wrong with any
 * other: a real FreeSWITCH would take much of that for something else, and say nothing.
 * @param isStrict false for the recordings, whose commands lack our mark
 */
export function parseOriginate(argument: string, isStrict = true): ParsedOriginate {
  // Quotes are stripped, a backslash escapes what follows, which may only be a comma, and $ expands.
  const misread = /['"$`\r\n\t]|\\(?!,)|\$\{|[^\x20-\x7e\x80-\uffff]/.exec(argument)?.[0];
  if (misread !== undefined) throw new Error(`originate: ${JSON.stringify(misread)} is not read as written`);
  const match = ORIGINATE.exec(argument);
  if (match === null) throw new Error(`originate: not understood: ${argument}`);
  const [, own, profile = "", session = "", address = "", far, gateway, number, extension = ""] = match;
  const variables = parseVariables(own ?? "{}", OUR_VARIABLES);
  if (isStrict) checkOurs(variables);
  const bridge =
    gateway === undefined || number === undefined
      ? undefined
      : { variables: parseVariables(far ?? "{}", FAR_VARIABLES), gateway, number };
  return { variables, profile, session, address, bridge, extension };
}

/** A comma ends a value, unless it stands behind a backslash; behind `^^:` it is the list's own separator. */
function parseVariables(braced: string, known: readonly string[]): LegVariables {
  const text = braced.slice(1, -1);
  const pairs = text === "" ? [] : text.split(/(?<!\\),/);
  const variables: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name = "", value = ""] = /^([\w-]+)=([^\s=]+)$/u.exec(pair) ?? [];
    if (!known.includes(name)) throw new Error(`originate: no such variable: ${pair}`);
    if (name in variables) throw new Error(`originate: ${name} is given twice`);
    variables[name] = value.replaceAll("\\,", ",");
  }
  checkForms(variables);
  return variables;
}

function checkForms(variables: LegVariables): void {
  const { origination_uuid, leg_timeout, absolute_codec_string } = variables;
  const escaped = Object.entries(variables).find(
    ([name, value]) => value.includes(",") && name !== "export_vars",
  );
  if (escaped !== undefined) throw new Error(`originate: a comma in ${escaped.join("=")}`);
  if (origination_uuid !== undefined && !UUID.test(origination_uuid))
    throw new Error(`originate: origination_uuid=${origination_uuid}`);
  if (leg_timeout !== undefined && !/^[1-9]\d{0,3}$/.test(leg_timeout))
    throw new Error(`originate: leg_timeout=${leg_timeout}`);
  if (absolute_codec_string !== undefined && !codecsOf(absolute_codec_string).every((c) => CODECS.test(c)))
    throw new Error(`originate: absolute_codec_string=${absolute_codec_string}`);
}

function checkOurs(variables: LegVariables): void {
  for (const name of NEEDED) {
    if (variables[name] === undefined) throw new Error(`originate: ${name} is missing`);
  }
  if (variables.rtp_timer_name !== "none") throw new Error("originate: rtp_timer_name adds up to 24 ms");
  if (variables.nway_wx !== "true" || !exportsOf(variables).includes("nway_wx"))
    throw new Error("originate: the filter lets neither leg through");
  const { absolute_codec_string = "", dtmf_type, rtp_liberal_dtmf } = variables;
  const isInfo = dtmf_type === "info" && rtp_liberal_dtmf === "false";
  if (absolute_codec_string.includes("L16") && !isInfo)
    throw new Error(
      "originate: of keys at 16 kHz the app's are lost, and with rtp_liberal_dtmf the telephone's",
    );
  if (variables["sip_h_X-Nway-Session"] !== undefined)
    throw new Error("originate: sip_h_ headers are copied to the telephone, the session with them");
}

/** The names of what the other legs get too. */
export function exportsOf({ export_vars = "" }: LegVariables): string[] {
  return export_vars.split(",");
}

/** The best first. */
export function codecsOf(list: string): string[] {
  return list.startsWith("^^:") ? list.slice("^^:".length).split(":") : [list];
}
