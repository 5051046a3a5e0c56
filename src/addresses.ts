import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** An address of this machine, as the system writes it. */
export type OwnAddress = {
  readonly address: string;
  /** Only this machine reaches it. */
  readonly internal: boolean;
  readonly family: string;
};

/** Those of all interfaces, asked anew each time: networks change. */
export function listOwnAddresses(): OwnAddress[] {
  return Object.values(networkInterfaces()).flatMap((found) => found ?? []);
}

/** How a socket for both families shows IPv4. */
const MAPPED = /^::ffff:(?=\d{1,3}(?:\.\d{1,3}){3}$)/i;

/** The address of a peer, IPv4 as such. */
export function plainAddress(address: string): string {
  return address.startsWith("::") ? address.replace(MAPPED, "") : address;
}

/** As URLs write what MAPPED is. */
const MAPPED_IN_GROUPS = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * An address that a peer wrote, in the one form that the system gives it, IPv4 as such: what is counted and compared must not
 * depend on zeros and capitals. Undefined for what is no address, and for those with a zone.
 */
export function readAddress(text: string): string | undefined {
  if (isIP(text) !== 6) return isIP(text) === 4 ? text : undefined;
  const address = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  const [, high, low] = MAPPED_IN_GROUPS.exec(address ?? "") ?? [];
  if (high === undefined || low === undefined) return address;
  const groups = [high, low].map((group) => Number.parseInt(group, 16));
  return groups.map((group) => `${group >> 8}.${group & 0xff}`).join(".");
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;

/** True for names and addresses that only this machine can mean; IPv6 without brackets. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(plainAddress(host));
}
