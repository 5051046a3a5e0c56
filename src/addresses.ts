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

const PRIVATE =
  /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1?$|f[cd]|fe[89ab])/i;

/** Whether an IP address means another machine, or none, in another network: RFC 1918, 4193, 6598, loopback, link-local. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.test(plainAddress(address));
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;

/** True for names and addresses that only this machine can mean; IPv6 without brackets. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(plainAddress(host));
}
