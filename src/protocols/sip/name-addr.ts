import { AppError } from "../../errors.ts";
import { endOfQuoted } from "./headers.ts";
import { decodeParameters, isQuoted, type Parameters, unquote } from "./parameters.ts";
import { readableText, toWireText } from "./wire-text.ts";

/** What From, To, Contact, Route and Record-Route hold: `"Li Hao" <sip:lihao@host>;tag=a`. */
export type NameAddr = {
  /** Readable text, "" if there is none. */
  readonly displayName: string;
  /** As sent; of any scheme. */
  readonly uri: string;
  readonly parameters: Parameters;
};

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/;
const DISPLAY_NAME = /^[^"<>,;:@]*$/;

/** RFC 3261, section 20.10: without angle brackets all parameters are the header's. Throws AppError `sip.bad-address`. */
export function decodeNameAddr(value: string): NameAddr {
  const nameEnd = value.startsWith('"') ? endOfQuoted(value, 0) : 0;
  const open = value.indexOf("<", nameEnd);
  if (open === -1) {
    if (nameEnd !== 0) throw new AppError("peer", "sip.bad-address");
    const end = value.search(/[;\s]/);
    const uri = end === -1 ? value : value.slice(0, end);
    if (/[,?]/.test(uri)) throw new AppError("peer", "sip.bad-address");
    return { displayName: "", uri: checkUri(uri), parameters: decodeParameters(value.slice(uri.length)) };
  }
  const close = value.indexOf(">", open);
  if (close === -1) throw new AppError("peer", "sip.bad-address");
  return {
    displayName: readDisplayName(value.slice(0, open).trim()),
    uri: checkUri(value.slice(open + 1, close)),
    parameters: decodeParameters(value.slice(close + 1)),
  };
}

function readDisplayName(text: string): string {
  if (!isQuoted(text) && !DISPLAY_NAME.test(text)) throw new AppError("peer", "sip.bad-address");
  return readableText(unquote(text));
}

function checkUri(uri: string): string {
  if (!URI.test(uri)) throw new AppError("peer", "sip.bad-address");
  return uri;
}

export function encodeNameAddr({ displayName, uri }: Pick<NameAddr, "displayName" | "uri">): string {
  const quoted = displayName === "" ? "" : `"${toWireText(displayName).replace(/["\\]/g, "\\$&")}" `;
  return `${quoted}<${uri}>`;
}
