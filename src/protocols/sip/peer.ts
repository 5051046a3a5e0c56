import { decodeUri, isIpAddress, isPrivateAddress } from "./uri.ts";
import type { Via } from "./via.ts";

const SIP_PORT = 5060;

/** The other end of a datagram or a connection. */
export type SipPeer = {
  readonly transport: "UDP" | "TCP";
  readonly address: string;
  readonly port: number;
  /** Where the peer is reached when the connection is lost. */
  readonly fallback?: SipPeer;
};

/** By which a peer is told from others: its socket, or over TCP its host, which opens as many as it likes. */
export function sourceKey({ transport, address, port }: SipPeer): string {
  return transport === "UDP" ? `${address} ${port}` : address;
}

/**
 * Where the responses to a request go: back on its connection, or to the source address and the port that the Via
 * names (RFC 3261, section 18.2.2; RFC 3581, section 4). A `maddr` is not followed: nobody may aim us at a third party.
 */
export function responseDestination(via: Via, source: SipPeer): SipPeer {
  if (source.transport === "TCP") return { ...source, fallback: { ...source, port: via.port ?? SIP_PORT } };
  if (via.parameters.has("rport")) return source;
  return { ...source, port: via.port ?? SIP_PORT };
}

/**
 * Where a request within a dialog goes: to the address of its next hop. To where the dialog's last request came from,
 * where that is a name, which nobody here can look up, or where a NAT hides it: the peer is our neighbour, asks by
 * `rport` to be answered where it sends from, and names an address that means nothing elsewhere. Over TCP the connection
 * is used as long as there is one. Throws AppError `sip.bad-uri`.
 */
export function requestDestination(nextHopUri: string, source: SipPeer, isNeighbour: boolean): SipPeer {
  const { host, port = SIP_PORT, parameters } = decodeUri(nextHopUri);
  const isHidden = isNeighbour && host !== source.address && isPrivateAddress(host);
  const isUnknown = !isIpAddress(host) || isHidden;
  if (source.transport === "UDP" && isUnknown) return source;
  const transport = parameters.get("transport")?.toUpperCase() === "TCP" ? "TCP" : "UDP";
  const nextHop: SipPeer = { transport, address: isUnknown ? source.address : host, port };
  return source.transport === "TCP" ? { ...source, fallback: nextHop } : nextHop;
}
