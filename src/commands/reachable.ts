import { type Address, formatAddress } from "../config/kinds.ts";

/** The address as a client on this machine writes it: a listener on every address is reached over loopback. */
export function toReachable({ host, port }: Address): string {
  if (host === "0.0.0.0") return formatAddress({ host: "127.0.0.1", port });
  return formatAddress({ host: host === "::" ? "::1" : host, port });
}
