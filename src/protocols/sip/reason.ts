import type { SipHeader, SipHeaders } from "./headers.ts";
import { decodeParameters, unquote } from "./parameters.ts";
import { readableText, toWireText } from "./wire-text.ts";

/** Why a call ended (RFC 3326): a SIP status, or a cause of Q.850. */
export type Reason = { readonly protocol: string; readonly cause: number; readonly text: string };

const REASON = /^([A-Za-z0-9.!%*_+`'~-]+)[ \t]*(;.*)?$/s;

/** The reasons in a message; those that can't be read are left out. */
export function reasonsOf(headers: SipHeaders): Reason[] {
  return headers.list("reason").flatMap((value) => {
    const [, protocol, rest = ""] = REASON.exec(value) ?? [];
    if (protocol === undefined) return [];
    try {
      const parameters = decodeParameters(rest);
      const cause = parameters.get("cause") ?? "";
      if (!/^[0-9]{1,4}$/.test(cause)) return [];
      return [{ protocol, cause: Number(cause), text: readableText(unquote(parameters.get("text") ?? "")) }];
    } catch {
      return [];
    }
  });
}

export function reasonHeader({ protocol, cause, text }: Reason): SipHeader {
  const quoted = `"${toWireText(text).replace(/["\\]/g, "\\$&")}"`;
  return { name: "Reason", value: `${protocol};cause=${cause};text=${quoted}` };
}
