import { formatAddress } from "../config/kinds.ts";
import { LISTENERS } from "../config/listeners.ts";
import type { Config } from "../config/schema.ts";
import { errorCodeOf } from "../errors.ts";

/** After a start that failed: tries each address by itself; one line for each that cannot be listened on, and what to do. */
export function explainListenFailure(config: Config): string[] {
  return LISTENERS.flatMap(({ section, key, read }) => {
    const address = read(config);
    const code = address && tryToListen(address.host, address.port);
    if (address === undefined || code === undefined) return [];
    return [`${formatAddress(address)}, which is ${key} of [${section}], ${explainCode(code, address.port)}`];
  });
}

function tryToListen(hostname: string, port: number): string | undefined {
  try {
    Bun.listen({ hostname, port, socket: { data() {} } }).stop(true);
    return undefined;
  } catch (thrown) {
    return errorCodeOf(thrown) ?? String(thrown);
  }
}

function explainCode(code: string, port: number): string {
  if (code === "EADDRINUSE") {
    return `is taken by another program: end it (ss -ltnp 'sport = :${port}' names it) or configure another port`;
  }
  if (code === "EACCES") return "is not allowed for this user: configure a port above 1023";
  if (code === "EADDRNOTAVAIL") return "is not an address of this machine: configure one that is, or 0.0.0.0";
  return `cannot be listened on (${code})`;
}
