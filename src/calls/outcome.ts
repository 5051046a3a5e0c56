import { Code } from "../protocols/signaling/codes.ts";
import type { ResponseData } from "../protocols/signaling/message.ts";

/** What a client's request came to: the response's data, and what to do once the response is on its way. */
export type Outcome = { readonly data: ResponseData; readonly afterwards?: () => void };

export function accept(data: Omit<ResponseData, "code" | "msg"> = {}, afterwards?: () => void): Outcome {
  const full = { code: Code.ok, msg: "OK", ...data };
  return afterwards === undefined ? { data: full } : { data: full, afterwards };
}

/** 480: the callee can't be had now. */
export function refuseWithCause(cause: string): Outcome {
  return { data: { code: Code.unavailable, msg: cause, cause } };
}

/** 401, 403, 505 or 506, with words instead of a cause. */
export function refuse(code: Exclude<Code, typeof Code.ok | typeof Code.unavailable>, msg: string): Outcome {
  return { data: { code, msg } };
}
