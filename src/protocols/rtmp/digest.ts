import { areEqualBytes } from "../../bytes/equal.ts";

/** Injected, because this layer knows no cryptography library. Gives 32 bytes. */
export type HmacSha256 = (key: Uint8Array, data: Uint8Array) => Uint8Array;

const DIGEST_BYTES = 32;

/** Where Flash Player 9+ and its servers hide the digest of C1 and S1: behind the 4 bytes at 8 or at 772. */
const SCHEMES = [8, 772] as const;
export type DigestScheme = (typeof SCHEMES)[number];

const text = new TextEncoder();
/** The well-known keys of the undocumented "complex" handshake; S2 and C2 append these 32 bytes to them. */
const CLIENT_KEY = text.encode("Genuine Adobe Flash Player 001");
const SERVER_KEY = text.encode("Genuine Adobe Flash Media Server 001");
const KEY_TAIL = Uint8Array.fromHex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae");

/** Of a client's C1: the digest and its scheme, or undefined when neither scheme verifies. */
export function findClientDigest(
  c1: Uint8Array,
  hmac: HmacSha256,
): { digest: Uint8Array; scheme: DigestScheme } | undefined {
  for (const scheme of SCHEMES) {
    const at = digestOffset(c1, scheme);
    const digest = c1.subarray(at, at + DIGEST_BYTES);
    if (areEqualBytes(digest, hmac(CLIENT_KEY, around(c1, at)))) return { digest, scheme };
  }
  return undefined;
}

/** Writes the server's digest into S1. */
export function signServerPacket(s1: Uint8Array, scheme: DigestScheme, hmac: HmacSha256): void {
  const at = digestOffset(s1, scheme);
  s1.set(hmac(SERVER_KEY, around(s1, at)), at);
}

/** Writes into the last 32 bytes of S2 the answer to the client's digest. */
export function signServerAnswer(s2: Uint8Array, clientDigest: Uint8Array, hmac: HmacSha256): void {
  const end = s2.length - DIGEST_BYTES;
  s2.set(hmac(hmac(concat(SERVER_KEY, KEY_TAIL), clientDigest), s2.subarray(0, end)), end);
}

function digestOffset(packet: Uint8Array, scheme: DigestScheme): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += packet[scheme + i] ?? 0;
  return (sum % 728) + scheme + 4;
}

function around(packet: Uint8Array, at: number): Uint8Array {
  return concat(packet.subarray(0, at), packet.subarray(at + DIGEST_BYTES));
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
