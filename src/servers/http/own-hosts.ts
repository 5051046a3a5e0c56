import { hostname } from "node:os";
import { listOwnAddresses, type OwnAddress } from "../../addresses.ts";

const EVERYWHERE = ["0.0.0.0", "::"];
const LINK_LOCAL = /^fe80:/i;

/**
 * The names and addresses of this machine as they stand in URLs, those that others reach first.
 * @param listenHost where the media server listens
 */
export function listOwnHosts(listenHost: string): string[] {
  const own = listenAddresses(listenHost);
  return [
    ...own.map((address) => (address.includes(":") ? `[${address}]` : address)),
    "localhost",
    hostname(),
  ];
}

function listenAddresses(listenHost: string): string[] {
  if (!EVERYWHERE.includes(listenHost)) return [listenHost];
  return listOwnAddresses()
    .filter(({ address }) => !LINK_LOCAL.test(address))
    .sort((left, right) => rank(left) - rank(right))
    .map(({ address }) => address);
}

function rank({ internal, family }: OwnAddress): number {
  return (internal ? 2 : 0) + (family === "IPv6" ? 1 : 0);
}
