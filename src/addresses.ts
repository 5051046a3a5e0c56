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

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;

/** True for names and addresses that only this machine can mean; IPv6 without brackets. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(plainAddress(host));
}
