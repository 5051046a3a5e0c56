import { isIP, isIPv6 } from "node:net";
import { listOwnAddresses } from "../../addresses.ts";

const HOSTNAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

/** The host of a Host header as it stands in a URL, without the port; undefined unless it is a name or address. */
export function readHost(header: string | undefined): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([^:[\]]{1,253}))(?::\d{1,5})?$/i.exec(header ?? "") ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) ? `[${bracketed}]` : undefined;
  return plain !== undefined && (isIP(plain) === 4 || HOSTNAME.test(plain)) ? plain : undefined;
}

/** An address as it stands in a URL. */
export function toUrlHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** Whether a client's `realm` is an address by which this machine can be reached; loopback can't, from elsewhere. */
export function isOwnAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  return listOwnAddresses().some((own) => !own.internal && own.address === address);
}
