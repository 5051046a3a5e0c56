import type { SipCall } from "./call.ts";
import type { SipEvent } from "./call-event.ts";
import type { SipHeader } from "./headers.ts";
import type { SipPeer } from "./peer.ts";
import type { TransactionLayer } from "./transaction-layer.ts";
import { encodeUri } from "./uri.ts";

/** What a call needs of the user agent it belongs to. */
export type CallHost = {
  readonly layer: TransactionLayer;
  /** An IP address that the peer reaches us at, and its port. */
  readonly address: string;
  readonly port: number;
  /** The User-Agent of our requests. */
  readonly software: string;
  emit(event: SipEvent): void;
  /** From 0 to below 1. */
  random(): number;
  forget(call: SipCall): void;
};

export const SDP_TYPE: SipHeader = { name: "Content-Type", value: "application/sdp" };

/** RFC 3261, section 14.2: a random wait of up to ten seconds. */
export function retryAfter(host: CallHost): SipHeader {
  return { name: "Retry-After", value: String(Math.floor(host.random() * 11)) };
}

/** Where the peer reaches us for the rest of the call. */
export function contactOf({ address, port }: CallHost, user: string, source: SipPeer): SipHeader {
  const transport = source.transport === "TCP" ? ";transport=tcp" : "";
  return { name: "Contact", value: `<${encodeUri({ user, host: address, port })}${transport}>` };
}
