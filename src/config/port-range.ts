import { z } from "zod";
import type { Kind } from "./kinds.ts";

/** Both ends included. */
export type PortRange = { readonly first: number; readonly last: number };

const LEAST_PORT = 1024;
const MOST_PORT = 65_535;

/** Such as `12000-15999`: ports above 1023 with room for at least one pair. */
export const portRange: Kind<PortRange> = {
  schema: z.string().transform((text, context) => {
    const [, first = 0, last = 0] = (/^([1-9]\d{3,4})-([1-9]\d{3,4})$/.exec(text) ?? []).map(Number);
    const range = { first, last };
    if (first >= LEAST_PORT && last <= MOST_PORT && countPairs(range) > 0) return range;
    context.addIssue("refused");
    return z.NEVER;
  }),
  allowed: {
    en: `first-last, from ${LEAST_PORT} to ${MOST_PORT}, such as 12000-15999; a call takes an even port and the next`,
    zh: `起始-结束，${LEAST_PORT} 至 ${MOST_PORT}，如 12000-15999；每路通话占用一个偶数端口及其后一个端口`,
  },
};

/** How many calls have room: RTP takes an even port and RTCP the next one (RFC 3550, section 11). */
export function countPairs({ first, last }: PortRange): number {
  const firstEven = first + (first % 2);
  return Math.max(0, Math.floor((last - firstEven + 1) / 2));
}

/** As many parts of about the same size as are asked for, but none without a pair. */
export function splitPorts(ports: PortRange, count: number): PortRange[] {
  const pairs = countPairs(ports);
  const parts = Math.min(count, pairs);
  const first = ports.first + (ports.first % 2);
  const begin = (index: number) => first + 2 * Math.floor((index * pairs) / parts);
  return Array.from({ length: parts }, (_, index) => ({ first: begin(index), last: begin(index + 1) - 1 }));
}
