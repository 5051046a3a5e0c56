import { AppError } from "../../errors.ts";

export type SipUri = {
  readonly scheme: "sip" | "sips";
  /** Percent-decoded, without the password; "" if there is none. */
  readonly user: string;
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Names in lower case, values as sent. */
  readonly parameters: ReadonlyMap<string, string>;
};

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const HOST_AND_PORT = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::([0-9]{1,5}))?$/i;
const USER = /^[a-z0-9\-_.!~*'()&=+$,;?/%#:]*$/i;
const TAIL = /^[!-~]*$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/** The scheme in lower case, undefined if the text is no URI at all. */
export function schemeOf(text: string): string | undefined {
  return SCHEME.exec(text)?.[1]?.toLowerCase();
}

/** Reads a SIP or SIPS URI (RFC 3261, section 19.1.1). Throws AppError `sip.bad-uri`. */
export function decodeUri(text: string): SipUri {
  const scheme = schemeOf(text);
  if (scheme !== "sip" && scheme !== "sips") throw new AppError("peer", "sip.bad-uri");
  const [before = "", after, ...more] = text.slice(scheme.length + 1).split("@");
  if (more.length > 0) throw new AppError("peer", "sip.bad-uri");
  const [address = "", tail = ""] = splitAt(after ?? before, /[;?]/);
  const [, ipv6, name, port] = HOST_AND_PORT.exec(address) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535 || !TAIL.test(tail)) {
    throw new AppError("peer", "sip.bad-uri");
  }
  return {
    scheme,
    user: after === undefined ? "" : decodeUser(before),
    host,
    port: port === undefined ? undefined : Number(port),
    parameters: decodeUriParameters(tail),
  };
}

/** `sip:user@host:port`, with the user escaped. */
export function encodeUri({ user, host, port }: Pick<SipUri, "user" | "host" | "port">): string {
  const escaped = encodeURIComponent(user).replace(/%(24|26|2B|2C|2F|3B|3D|3F)/g, decodeURIComponent);
  return `sip:${user === "" ? "" : `${escaped}@`}${encodeHostPort(host, port)}`;
}

export function encodeHostPort(host: string, port: number | undefined): string {
  return `${host.includes(":") ? `[${host}]` : host}${port === undefined ? "" : `:${port}`}`;
}

/** Whether the host can be sent to without asking a name server. */
export function isIpAddress(host: string): boolean {
  return host.includes(":") || IPV4.test(host);
}

const PRIVATE =
  /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1?$|f[cd]|fe[89ab])/i;

/** Whether an IP address means another machine, or none, in another network: RFC 1918, 4193, 6598, loopback, link-local. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.test(address);
}

function decodeUser(userInfo: string): string {
  const user = userInfo.split(":")[0] ?? "";
  if (!USER.test(userInfo)) throw new AppError("peer", "sip.bad-uri");
  let decoded: string;
  try {
    decoded = decodeURIComponent(user);
  } catch (cause) {
    throw new AppError("peer", "sip.bad-uri", {}, { cause });
  }
  if (/\p{Cc}/u.test(decoded)) throw new AppError("peer", "sip.bad-uri");
  return decoded;
}

/** The tail is what follows host and port: `;name=value;flag?headers`. */
function decodeUriParameters(tail: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of (tail.split("?")[0] ?? "").split(";")) {
    if (part === "") continue;
    const [name = "", value = ""] = splitAt(part, /=/);
    parameters.set(name.toLowerCase(), value.slice(1));
  }
  return parameters;
}

/** Before and from the first match on. */
function splitAt(text: string, pattern: RegExp): [string, string] {
  const at = text.search(pattern);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}
