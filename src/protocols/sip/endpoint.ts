import type { SipHeader } from "./headers.ts";
import type { SipPeer } from "./peer.ts";
import type { TransactionLayer } from "./transaction-layer.ts";
import { encodeUri } from "./uri.ts";

/** What calls need of the user agent that they belong to. */
export type SipEndpoint = {
  readonly layer: TransactionLayer;
  /** An IP address that the peer reaches us at, and its port. */
  readonly address: string;
  readonly port: number;
  /** The User-Agent of our requests. */
  readonly software: string;
  /** From 0 to below 1. */
  random(): number;
};

export const SDP_TYPE: SipHeader = { name: "Content-Type", value: "application/sdp" };

/** RFC 3261, section 14.2: a random wait of up to ten seconds. */
export function retryAfter(endpoint: SipEndpoint): SipHeader {
  return { name: "Retry-After", value: String(Math.floor(endpoint.random() * 11)) };
}

/** Where the peer reaches us for the rest of the call. */
export function contactOf({ address, port }: SipEndpoint, user: string, peer: SipPeer): SipHeader {
  const transport = peer.transport === "TCP" ? ";transport=tcp" : "";
  return { name: "Contact", value: `<${encodeUri({ user, host: address, port })}${transport}>` };
}
