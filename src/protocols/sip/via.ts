import { AppError } from "../../errors.ts";
import { decodeParameters, encodeParameters, type Parameters } from "./parameters.ts";
import { encodeHostPort } from "./uri.ts";

export type Via = {
  /** In upper case: UDP, TCP, TLS, … */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: Parameters;
};

const VIA =
  /^SIP[ \t]*\/[ \t]*[0-9.]+[ \t]*\/[ \t]*([!-:<-~]+)[ \t]+(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))[ \t]*(?::[ \t]*([0-9]{1,5})[ \t]*)?(;.*)?$/is;

/** Reads one Via value (RFC 3261, section 20.42). Throws AppError `sip.bad-via`. */
export function decodeVia(value: string): Via {
  const [, transport, ipv6, name, port, parameters] = VIA.exec(value) ?? [];
  const host = ipv6 ?? name;
  if (transport === undefined || host === undefined || Number(port ?? 1) > 65_535) {
    throw new AppError("peer", "sip.bad-via");
  }
  return {
    transport: transport.toUpperCase(),
    host,
    port: port === undefined ? undefined : Number(port),
    parameters: decodeParameters(parameters ?? ""),
  };
}

export function encodeVia({ transport, host, port, parameters }: Via): string {
  return `SIP/2.0/${transport} ${encodeHostPort(host, port)}${encodeParameters(parameters)}`;
}

/** What a server adds to the topmost Via: where the request came from (RFC 3261, 18.2.1; RFC 3581, section 4). */
export function stampVia(via: Via, address: string, port: number): Via {
  const parameters = new Map(via.parameters);
  const wantsPort = parameters.has("rport");
  if (wantsPort) parameters.set("rport", String(port));
  if (wantsPort || via.host !== address) parameters.set("received", address);
  return { ...via, parameters };
}
