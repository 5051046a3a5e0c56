import { encodeCertificate, encodePem, encodeToBeSigned } from "../protocols/x509/certificate.ts";

export type SelfSignedPair = { readonly cert: string; readonly key: string };

const SERIAL_BYTES = 16;
/** Apple's systems refuse certificates of more than 825 days. */
const VALID_DAYS = 800;
const DAY_MS = 24 * 3600 * 1000;
const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;

/**
 * A certificate that vouches for itself, and its key, as PEM: for laboratories.
 * @param hosts names and IP addresses by which clients reach the gateway, the first one gives it its name
 */
export async function createSelfSigned(hosts: readonly string[], nowMs: number): Promise<SelfSignedPair> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const toBeSigned = encodeToBeSigned({
    serial: makeSerial(),
    commonName: `nway-wx on ${hosts[0] ?? "localhost"}`.slice(0, MAX_COMMON_NAME),
    hosts,
    // Clocks differ.
    validFromMs: nowMs - DAY_MS,
    validUntilMs: nowMs + VALID_DAYS * DAY_MS,
    publicKey: new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
  });
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    privateKey,
    toBeSigned.slice(),
  );
  const der = encodeCertificate(toBeSigned, new Uint8Array(signature));
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return { cert: encodePem("CERTIFICATE", der), key: encodePem("PRIVATE KEY", key) };
}

/** RFC 5280, appendix A.1: ub-common-name. */
const MAX_COMMON_NAME = 64;

/** Positive, as a serial number has to be. */
function makeSerial(): Uint8Array {
  const serial = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  return Uint8Array.of(1, ...serial);
}
