import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";
import { ipBytes } from "./ip-bytes.ts";

/** RFC 5280: a certificate that vouches for itself, with a key on P-256. */
export type SelfSigned = {
  /** Up to 20 bytes, so that no two certificates of an issuer are confused. */
  readonly serial: Uint8Array;
  readonly commonName: string;
  /** Names and IP addresses for which it is good. */
  readonly hosts: readonly string[];
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** SubjectPublicKeyInfo as DER. */
  readonly publicKey: Uint8Array;
};

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const VERSION_3 = Uint8Array.of(2);
/** Bits 0, digitalSignature, and 5, keyCertSign: people put it among the authorities of a device to trust it. */
const KEY_USAGE = bitString(Uint8Array.of(0b1000_0100), 2);
const ALGORITHM = sequence(objectId(OID.ecdsaWithSha256));
const GeneralName = { dns: 2, ip: 7 } as const;

/** TBSCertificate: what is signed. */
export function encodeToBeSigned(certificate: SelfSigned): Uint8Array {
  const { serial, commonName, validFromMs, validUntilMs, publicKey } = certificate;
  const name = sequence(set(sequence(objectId(OID.commonName), utf8String(commonName))));
  return sequence(
    explicit(0, integer(VERSION_3)),
    integer(serial),
    ALGORITHM,
    name,
    sequence(time(validFromMs), time(validUntilMs)),
    name,
    publicKey,
    explicit(3, sequence(...encodeExtensions(certificate))),
  );
}

/** @param signature r and s of ECDSA over `toBeSigned` with SHA-256, 32 bytes each, as WebCrypto gives them */
export function encodeCertificate(toBeSigned: Uint8Array, signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const numbers = sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
  return sequence(toBeSigned, ALGORITHM, bitString(numbers));
}

function encodeExtensions({ hosts }: SelfSigned): Uint8Array[] {
  return [
    extension(OID.basicConstraints, true, sequence(boolean(true))),
    extension(OID.keyUsage, true, KEY_USAGE),
    extension(OID.extendedKeyUsage, false, sequence(objectId(OID.serverAuth))),
    extension(OID.subjectAltName, false, sequence(...hosts.map(encodeHost))),
  ];
}

function encodeHost(host: string): Uint8Array {
  const address = ipBytes(host);
  if (address !== undefined) return implicit(GeneralName.ip, address);
  return implicit(GeneralName.dns, new TextEncoder().encode(host));
}

/** An absent `critical` means false (DER leaves defaults out). */
function extension(id: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

/** RFC 7468. */
export function encodePem(label: "CERTIFICATE" | "PRIVATE KEY", der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
