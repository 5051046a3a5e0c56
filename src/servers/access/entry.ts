import { plainAddress, readAddress } from "../../addresses.ts";
import { AllowList } from "./allow-list.ts";

/** Who may come in somewhere, and who is believed when it says for whom it comes. Addresses as the system writes them. */
export type Entry = {
  readonly admits: (address: string) => boolean;
  readonly isProxy: (address: string) => boolean;
};

export type EntryRules = {
  /** Networks; undefined: everybody. */
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
  readonly trustedProxies: readonly string[];
};

export function createEntry({ allow, deny, trustedProxies }: EntryRules): Entry {
  const allowed = allow && new AllowList(allow);
  const denied = new AllowList(deny);
  const proxies = new AllowList(trustedProxies);
  return {
    admits(address) {
      const plain = plainAddress(address);
      return !denied.has(plain) && (allowed === undefined || allowed.has(plain));
    },
    isProxy: (address) => proxies.has(plainAddress(address)),
  };
}

/**
 * The address of the client: of those whom X-Forwarded-For names, each proxy adding who came to it, the last that is no
 * trusted proxy. What stands before that may be made up.
 */
export function findClient(
  peer: string,
  forwardedFor: string | undefined,
  { isProxy }: Pick<Entry, "isProxy">,
): string {
  let client = peer;
  for (const word of (forwardedFor ?? "").split(",").reverse()) {
    if (!isProxy(client)) break;
    const named = readNamed(word.trim());
    if (named === undefined) break;
    client = named;
  }
  return client;
}

/** Some proxies add the port. */
function readNamed(word: string): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(word) ?? [];
  const address = bracketed ?? (/^[\d.]+:\d{1,5}$/.test(word) ? word.replace(/:.*/, "") : word);
  return readAddress(address);
}
