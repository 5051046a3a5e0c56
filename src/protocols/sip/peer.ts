import { decodeUri, isIpAddress } from "./uri.ts";
import type { Via } from "./via.ts";

const SIP_PORT = 5060;

/** The other end of a datagram or a connection. */
export type SipPeer = {
  readonly transport: "UDP" | "TCP";
  readonly address: string;
  readonly port: number;
};

/**
 * Where the responses to a request go: back on its connection, or to the source address and the port that the Via
 * names (RFC 3261, section 18.2.2; RFC 3581, section 4). A `maddr` is not followed: nobody may aim us at a third party.
 */
export function responseDestination(via: Via, source: SipPeer): SipPeer {
  if (source.transport === "TCP" || via.parameters.has("rport")) return source;
  return { ...source, port: via.port ?? SIP_PORT };
}

/**
 * Where a request within a dialog goes: to the address of its next hop, or, where that is a name, which nobody here can
 * look up, to where the dialog's last request came from. Throws AppError `sip.bad-uri`.
 */
export function requestDestination(nextHopUri: string, source: SipPeer): SipPeer {
  const { host, port, parameters } = decodeUri(nextHopUri);
  if (source.transport === "TCP" || !isIpAddress(host)) return source;
  const transport = parameters.get("transport")?.toUpperCase() === "TCP" ? "TCP" : "UDP";
  return { transport, address: host, port: port ?? SIP_PORT };
}
