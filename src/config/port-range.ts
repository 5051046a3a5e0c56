import { z } from "zod";
import type { Kind } from "./kinds.ts";

/** Both ends included. */
export type PortRange = { readonly first: number; readonly last: number };

const LEAST_PORT = 1024;
const MOST_PORT = 65_535;

/** Such as `10000-15999`: ports above 1023 with room for one pair, RTP on an even port and RTCP on the next. */
export const portRange: Kind<PortRange> = {
  schema: z.string().transform((text, context) => {
    const [, first = 0, last = 0] = (/^(\d{4,5})-(\d{4,5})$/.exec(text) ?? []).map(Number);
    const firstEven = first + (first % 2);
    if (first >= LEAST_PORT && last <= MOST_PORT && firstEven < last) return { first, last };
    context.addIssue("refused");
    return z.NEVER;
  }),
  allowed: {
    en: `first-last, from ${LEAST_PORT} to ${MOST_PORT}, such as 10000-15999; a call takes two ports`,
    zh: `首-末端口,${LEAST_PORT} 至 ${MOST_PORT},如 10000-15999;每路通话占用两个端口`,
  },
};
