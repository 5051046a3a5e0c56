import { FREESWITCH_NAMES } from "../codecs/codec-names.ts";
import { AppError, type Fault } from "../errors.ts";

const LEG_CODECS = [...Object.values(FREESWITCH_NAMES), "H264"] as const;
type LegCodec = (typeof LEG_CODECS)[number];

export type TelephoneRoute =
  /** Through a gateway of FreeSWITCH to a number. */
  | {
      readonly kind: "gateway";
      readonly farLegId: string;
      readonly gateway: string;
      readonly number: string;
      readonly ringTimeoutSeconds: number;
    }
  /** To whatever FreeSWITCH's own dialplan makes of a number. */
  | { readonly kind: "dialplan"; readonly number: string; readonly context: string };

export type OriginateRequest = {
  readonly ourLegId: string;
  /** Names the call in our own SIP address. */
  readonly session: string;
  readonly sipProfile: string;
  /** Where our SIP user agent listens, as host:port. */
  readonly sipAddress: string;
  readonly callerNumber: string;
  readonly callerName: string;
  /** The best comes first. */
  readonly codecs: readonly LegCodec[];
  readonly route: TelephoneRoute;
};

type GatewayRoute = Omit<Extract<TelephoneRoute, { kind: "gateway" }>, "farLegId">;
type DialplanRoute = Extract<TelephoneRoute, { kind: "dialplan" }>;
/** What is asked for; the rest of the command is the gateway's own. */
export type CallRequest = Pick<OriginateRequest, "session" | "callerNumber" | "callerName" | "codecs"> & {
  readonly route: GatewayRoute | DialplanRoute;
};

/**
 * What the telephone's legs get of ours, those after a transfer too: our mark, by which our filter lets them through,
 * and that they are offered the codecs of their own profile behind that of our leg, not that alone. A comma would end
 * the value, so it is written with a backslash.
 */
const EXPORTED = { nway_wx: "true", media_mix_inbound_outbound_codecs: "true" };
const EXPORT_VARS = Object.keys(EXPORTED).join("\\,");
const WIDE_BAND: LegCodec = FREESWITCH_NAMES.L16;
/**
 * FreeSWITCH offers telephone-events at 16 kHz under another number than it listens to, so keys go by INFO. With
 * `rtp_liberal_dtmf`, as in its example configuration, it would send events all the same, which nobody agreed on.
 */
const WIDE_BAND_KEYS = { dtmf_type: "info", rtp_liberal_dtmf: "false" };
/** FreeSWITCH converts our wide-band sound, and would offer gateways that alone. */
const GATEWAY_CODECS: readonly LegCodec[] = ["PCMA", "PCMU"];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WORD = /^[A-Za-z0-9_.-]{1,64}$/;
const NUMBER = /^[+0-9*#A-Za-z._-]{1,64}$/;
const NAME = /^[\p{L}\p{N}._+-]{1,64}$/u;
const ADDRESS = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}):([1-9][0-9]{0,4})$/;
/** No line end, and no more words than the command has. */
const MODULE_COMMAND = /^nway_wx_api ([A-Za-z0-9][A-Za-z0-9_-]{0,63})(?: [!-~\u00a1-\uffff]{1,512}){7,8}$/;
const MAX_PORT = 65_535;
const MAX_RING_SECONDS = 600;

/**
 * The `originate` command that calls our own SIP address and joins it with the telephone. Each value is of an alphabet
 * without blanks, commas, braces, quotes and the like, so that none can become a variable, an argument or a command.
 * Throws AppError `originate.bad-…`.
 */
export function buildOriginate(request: OriginateRequest): string {
  const { sipProfile, sipAddress } = request;
  const session = check("peer", "session", WORD, request.session);
  const callerNumber = check("peer", "caller-number", NUMBER, request.callerNumber);
  const callerName = check("peer", "caller-name", NAME, request.callerName);
  const variables = joinVariables({
    origination_uuid: check("peer", "our-leg-id", UUID, request.ourLegId),
    ...EXPORTED,
    export_vars: EXPORT_VARS,
    origination_caller_id_number: callerNumber,
    origination_caller_id_name: callerName,
    // Our leg is an outbound channel. When it goes on to the telephone, FreeSWITCH makes its callee the caller.
    origination_callee_id_number: callerNumber,
    origination_callee_id_name: callerName,
    // With the soft timer each packet waits for the next tick, 6 to 24 ms.
    rtp_timer_name: "none",
    hangup_after_bridge: "true",
    absolute_codec_string: listCodecs(request.codecs),
    ...(request.codecs.includes(WIDE_BAND) ? WIDE_BAND_KEYS : {}),
  });
  const profile = check("config", "profile", WORD, sipProfile);
  const address = checkAddress(sipAddress);
  return `originate ${variables}sofia/${profile}/${session}@${address} ${describeRoute(request)}`;
}

/** Throws AppError `originate.bad-module-command` for what is not the vendor module's command for this channel. */
export function checkModuleCommand(legId: string, command: string): void {
  if (MODULE_COMMAND.exec(command)?.[1] !== legId) throw new AppError("bug", "originate.bad-module-command");
}

function describeRoute({ route, codecs }: OriginateRequest): string {
  const number = check("peer", "number", NUMBER, route.number);
  if (route.kind === "dialplan") return `${number} XML ${check("config", "context", WORD, route.context)}`;
  const { farLegId, gateway, ringTimeoutSeconds } = route;
  const variables = joinVariables({
    origination_uuid: check("peer", "far-leg-id", UUID, farLegId),
    leg_timeout: checkRingTimeout(ringTimeoutSeconds),
    absolute_codec_string: listCodecs(codecs.includes(WIDE_BAND) ? GATEWAY_CODECS : codecs),
  });
  return `&bridge(${variables}sofia/gateway/${check("config", "gateway", WORD, gateway)}/${number})`;
}

function joinVariables(variables: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return `{${pairs.join(",")}}`;
}

/** `originate` strips quotes, so a list names its own separator: `^^:PCMA:H264`. */
function listCodecs(codecs: readonly LegCodec[]): string {
  if (codecs.length === 0 || !codecs.every((codec) => LEG_CODECS.includes(codec))) {
    throw new AppError("bug", "originate.bad-codecs");
  }
  const [first = ""] = codecs;
  return codecs.length === 1 ? first : `^^:${codecs.join(":")}`;
}

function checkAddress(address: string): string {
  const port = ADDRESS.exec(address)?.[1];
  if (port === undefined || Number(port) > MAX_PORT)
    throw new AppError("config", "originate.bad-sip-address");
  return address;
}

function checkRingTimeout(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_RING_SECONDS) {
    throw new AppError("config", "originate.bad-ring-timeout", { have: seconds, limit: MAX_RING_SECONDS });
  }
  return String(seconds);
}

function check(fault: Fault, what: string, pattern: RegExp, value: string): string {
  if (!pattern.test(value)) throw new AppError(fault, `originate.bad-${what}`, { length: value.length });
  return value;
}
