import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { errorCodeOf } from "../errors.ts";
import { PUBLIC_AUTHORITIES, type Trust } from "../probe/trust.ts";
import type { Arguments, Option, Terminal } from "./command.ts";

/** Of commands that connect to a gateway, which may be encrypted. */
export const TRUST_OPTIONS: readonly Option[] = [
  {
    name: "ca",
    value: "FILE",
    summary: "wss, https: trust these certificates (PEM), such as a laboratory's tls.crt",
  },
  {
    name: "insecure",
    summary: "wss, https: trust any certificate, and so anybody between",
  },
];

/** Undefined after saying what is wrong. */
export function readTrustOrComplain({ options }: Arguments, terminal: Terminal): Trust | undefined {
  const file = options.get("ca");
  if (file !== undefined && options.has("insecure")) {
    terminal.complain("nway-wx: --ca and --insecure contradict each other; give one of them\n");
    return undefined;
  }
  if (options.has("insecure")) return { rejectUnauthorized: false };
  if (file === undefined) return PUBLIC_AUTHORITIES;
  let ca: string;
  try {
    ca = readFileSync(resolve(terminal.cwd, file), "utf8");
  } catch (thrown) {
    terminal.complain(`nway-wx: --ca ${file} cannot be read (${errorCodeOf(thrown)})\n`);
    return undefined;
  }
  if (isCertificate(ca)) return { ca };
  terminal.complain(`nway-wx: --ca ${file} holds no certificate in PEM\n`);
  return undefined;
}

/** What to do about it where a connection failed because a certificate was not trusted; empty where it failed otherwise. */
export function adviseOnTrust(reason: string): string {
  if (!/\bcertificate|_CERT/.test(reason)) return "";
  return "; if the certificate is your own, name its file with --ca, and connect by a name that stands in it";
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
