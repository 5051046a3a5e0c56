import { AppError } from "../../errors.ts";

export type CSeq = { readonly number: number; readonly method: string };

const CSEQ = /^([0-9]{1,16})[ \t]+([A-Za-z0-9.!%*_+`'~-]+)$/;
/** RFC 3261, section 8.1.1.5. */
const CSEQ_LIMIT = 2 ** 31;

/** Throws AppError `sip.bad-cseq`. */
export function decodeCSeq(value: string): CSeq {
  const [, digits, method] = CSEQ.exec(value) ?? [];
  const number = Number(digits);
  if (method === undefined || number >= CSEQ_LIMIT) throw new AppError("peer", "sip.bad-cseq");
  return { number, method };
}
