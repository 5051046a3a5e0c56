import { isLoopbackHost } from "../../addresses.ts";

/**
 * Judges a Host header. A page on the web can make a browser ask our loopback address under a name of its own (DNS
 * rebinding), but then that name stands here. Browsers always send the header, so none at all is harmless.
 */
export function isLoopbackHostHeader(header: string | undefined): boolean {
  if (header === undefined) return true;
  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(header);
  return parts !== null && isLoopbackHost(parts[1] ?? parts[2] ?? "");
}
