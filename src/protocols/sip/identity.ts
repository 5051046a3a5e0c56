import { AppError } from "../../errors.ts";
import { type CSeq, decodeCSeq } from "./cseq.ts";
import type { SipHeaders } from "./headers.ts";
import { decodeNameAddr, type NameAddr } from "./name-addr.ts";
import { decodeVia, type Via } from "./via.ts";

/** The headers by which a message is told from all others (RFC 3261, section 8.1.1), read. */
export type Identity = {
  readonly via: Via;
  readonly from: NameAddr;
  readonly to: NameAddr;
  /** "" of a peer of RFC 2543. */
  readonly fromTag: string;
  readonly toTag: string | undefined;
  readonly callId: string;
  readonly cseq: CSeq;
};

/** Throws AppError `sip.*` if one is missing, there twice, or can't be read. */
export function readIdentity(headers: SipHeaders): Identity {
  const via = headers.list("via")[0];
  if (via === undefined) throw new AppError("peer", "sip.missing-header", { name: "via" });
  const from = decodeNameAddr(readOnly(headers, "from"));
  const to = decodeNameAddr(readOnly(headers, "to"));
  return {
    via: decodeVia(via),
    from,
    to,
    fromTag: from.parameters.get("tag") ?? "",
    toTag: to.parameters.get("tag"),
    callId: readOnly(headers, "call-id"),
    cseq: decodeCSeq(readOnly(headers, "cseq")),
  };
}

function readOnly(headers: SipHeaders, name: string): string {
  const [value, ...more] = headers.all(name);
  if (value === undefined || value === "") throw new AppError("peer", "sip.missing-header", { name });
  if (more.length > 0) throw new AppError("peer", "sip.duplicate-header", { name });
  return value;
}
