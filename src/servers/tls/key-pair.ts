import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { errorCodeOf } from "../../errors.ts";

/** The paths of two PEM files. */
export type KeyPairFiles = { readonly cert: string; readonly key: string };

/** A certificate, its chain after it, and its private key: PEM both. */
export type KeyPair = {
  readonly cert: string;
  readonly key: string;
  /** Such as `CN=wx.example`. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly validFromMs: number;
  readonly validUntilMs: number;
};

/** What is wrong with which of the two files, and what to do; nothing of what is in them. */
export type KeyPairProblem = { readonly file: keyof KeyPairFiles; readonly problem: string };

/** A chain of certificates has a few thousand bytes. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Reads both files and compares them. */
export function readKeyPair(files: KeyPairFiles): KeyPair | KeyPairProblem {
  const cert = readPem(files, "cert");
  if (typeof cert !== "string") return cert;
  const key = readPem(files, "key");
  if (typeof key !== "string") return key;
  const certificate = parseCertificate(cert);
  if (certificate === undefined) {
    return {
      file: "cert",
      problem: "no certificate in PEM form; it begins with -----BEGIN CERTIFICATE-----",
    };
  }
  const privateKey = parseKey(key);
  if (typeof privateKey === "string") return { file: "key", problem: privateKey };
  if (!certificate.checkPrivateKey(privateKey)) {
    return {
      file: "key",
      problem: "not the key of the certificate in cert; name the two that belong together",
    };
  }
  const { subject, validFrom, validTo } = certificate;
  return { cert, key, subject, validFromMs: Date.parse(validFrom), validUntilMs: Date.parse(validTo) };
}

function readPem(files: KeyPairFiles, file: keyof KeyPairFiles): string | KeyPairProblem {
  try {
    const { size } = statSync(files[file]);
    if (size > MAX_FILE_BYTES) return { file, problem: `${size} bytes long; a PEM file has a few thousand` };
    return readFileSync(files[file], "utf8");
  } catch (thrown) {
    return { file, problem: explainReadFailure(errorCodeOf(thrown)) };
  }
}

function explainReadFailure(code: string | undefined): string {
  if (code === "ENOENT")
    return "no such file; write a pair for a laboratory with: nway-wx init --tls self DIR";
  if (code === "EACCES")
    return "not readable for this user; mind its owner and mode, and those of its folders";
  return `not readable (${code})`;
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The key, or what is wrong with it. */
function parseKey(pem: string): KeyObject | string {
  try {
    return createPrivateKey(pem);
  } catch (thrown) {
    return errorCodeOf(thrown) === "ERR_MISSING_PASSPHRASE"
      ? "encrypted; take its pass phrase off with: openssl pkey -in FILE -out FILE"
      : "no private key in PEM form; it begins with -----BEGIN PRIVATE KEY----- or the like";
  }
}
