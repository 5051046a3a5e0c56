import { Reader } from "../../bytes/reader.ts";
import { AppError } from "../../errors.ts";

/** What a proxy writes before the client's first byte: the PROXY protocol of HAProxy, version 1 (text) or 2 (binary). */
export type ProxyHeader =
  /** The bytes begin otherwise. */
  | { readonly kind: "none" }
  /** They may become a header, or are one that is not whole. */
  | { readonly kind: "incomplete" }
  /** `source` is undefined where the proxy speaks for itself, as in its health checks. */
  | { readonly kind: "header"; readonly byteCount: number; readonly source: ProxySource | undefined };

export type ProxySource = { readonly address: string; readonly port: number };

const SIGNATURE_1 = [...new TextEncoder().encode("PROXY ")];
const SIGNATURE_2 = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
/** Section 2.1: the longest line, with CRLF. */
const MAX_LINE_BYTES = 107;
/** Section 2.2: version and command, family, length. */
const HEAD_BYTES = 16;
/** Addresses are 36 bytes at most here; the rest is more than proxies tell besides. */
const MAX_BODY_BYTES = 520;

/** Throws `proxy.bad-header`. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  for (const [signature, read] of [
    [SIGNATURE_1, readText],
    [SIGNATURE_2, readBinary],
  ] as const) {
    const seen = signature.slice(0, bytes.length);
    if (!seen.every((byte, index) => bytes[index] === byte)) continue;
    return bytes.length < signature.length ? { kind: "incomplete" } : read(bytes);
  }
  return { kind: "none" };
}

const LINE = /^PROXY (?:UNKNOWN(?: .*)?|TCP([46]) ([\da-f.:]+) [\da-f.:]+ (\d{1,5}) \d{1,5})$/i;

function readText(bytes: Uint8Array): ProxyHeader {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(0x0a);
  if (end < 0 && bytes.length < MAX_LINE_BYTES) return { kind: "incomplete" };
  const line = String.fromCharCode(...bytes.subarray(0, Math.max(end, 0)));
  const [text, family, address = "", port = ""] = LINE.exec(line.replace(/\r$/, "")) ?? [];
  if (text === undefined || !line.endsWith("\r")) throw bad("line");
  const source = family === undefined ? undefined : checkSource(address, Number(port), family === "4");
  return { kind: "header", byteCount: end + 1, source };
}

function checkSource(address: string, port: number, isIpv4: boolean): ProxySource {
  const isAddress = isIpv4
    ? isIpv4Text(address)
    : address.includes(":") && URL.canParse(`http://[${address}]`);
  if (!isAddress || port > 65_535) throw bad("address");
  return { address, port };
}

function isIpv4Text(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

const LOCAL = 0x20;
const PROXIED = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

function readBinary(bytes: Uint8Array): ProxyHeader {
  if (bytes.length < HEAD_BYTES) return { kind: "incomplete" };
  const reader = new Reader(bytes.subarray(SIGNATURE_2.length), "proxy");
  const command = reader.u8();
  const family = reader.u8();
  const bodyBytes = reader.u16();
  if (command !== LOCAL && command !== PROXIED) throw bad("command");
  if (bodyBytes > MAX_BODY_BYTES) throw bad("length");
  const byteCount = HEAD_BYTES + bodyBytes;
  if (bytes.length < byteCount) return { kind: "incomplete" };
  const body = bytes.subarray(HEAD_BYTES, byteCount);
  const source = command === LOCAL ? undefined : readSource(family, body);
  return { kind: "header", byteCount, source };
}

/** Undefined for families that no TCP client has, as section 2.2 asks. */
function readSource(family: number, body: Uint8Array): ProxySource | undefined {
  const addressBytes = { [TCP_OVER_IPV4]: 4, [TCP_OVER_IPV6]: 16 }[family];
  if (addressBytes === undefined) return undefined;
  if (body.length < 2 * addressBytes + 4) throw bad("length");
  const address = body.subarray(0, addressBytes);
  const port = new Reader(body.subarray(2 * addressBytes), "proxy").u16();
  return { address: addressBytes === 4 ? address.join(".") : formatIpv6(address), port };
}

function formatIpv6(address: Uint8Array): string {
  const reader = new Reader(address, "proxy");
  const groups = Array.from({ length: 8 }, () => reader.u16().toString(16));
  return groups.join(":");
}

function bad(what: string): AppError {
  return new AppError("peer", "proxy.bad-header", { what });
}
