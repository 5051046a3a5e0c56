import { z } from "zod";
import type { Kind } from "./kinds.ts";
import { parsePattern } from "./number-patterns.ts";

type NumberLimit = {
  readonly text: string;
  readonly pattern: NonNullable<ReturnType<typeof parsePattern>>;
  readonly callsPerMinute?: number;
  readonly liveCalls?: number;
  readonly minutesPerDay?: number;
};
type Amounts = Omit<NumberLimit, "text" | "pattern">;

const MAX_LIMITS = 100;
const MAX_LIST_LENGTH = 4096;
const AMOUNT = /^([1-9]\d{0,6})(\/min|live|min\/day)$/;
const UNITS: Readonly<Record<string, keyof Amounts>> = {
  "/min": "callsPerMinute",
  live: "liveCalls",
  "min/day": "minutesPerDay",
};

/** Limits such as `*:20/min,00*:2/min,30min/day`: what follows a pattern is its, up to the next pattern. */
export const numberLimits: Kind<readonly NumberLimit[]> = {
  schema: z
    .string()
    .max(MAX_LIST_LENGTH)
    .transform((list, context) => {
      const limits = parseLimits(list);
      if (limits !== undefined) return limits;
      context.addIssue("refused");
      return z.NEVER;
    }),
  allowed: {
    en: "pattern:amount, separated by commas, and more amounts of the same pattern: 2/min is calls a minute, 3live calls at a time, 30min/day minutes a day, as in *:20/min,00*:2/min,1live,30min/day; patterns as in allow",
    zh: "号码模式、冒号与数量，以逗号分隔，其后可为同一模式再写其它数量：2/min 为每分钟呼叫数，3live 为同时呼叫数，30min/day 为每天分钟数，如 *:20/min,00*:2/min,1live,30min/day；模式写法同 allow",
  },
};

/** Undefined for what is no list of limits; a pattern has each amount at most once. */
function parseLimits(list: string): NumberLimit[] | undefined {
  const limits: NumberLimit[] = [];
  for (const entry of list.split(/[\s,]+/)) {
    if (entry === "") continue;
    const [amount = "", patternText, ...more] = entry.split(":").reverse();
    const open = patternText === undefined ? limits.pop() : openLimit(patternText);
    const [, digits, unit = ""] = AMOUNT.exec(amount) ?? [];
    const name = UNITS[unit];
    if (more.length > 0 || open === undefined || name === undefined || open[name] !== undefined)
      return undefined;
    const text = patternText === undefined ? `${open.text},${entry}` : entry;
    limits.push({ ...open, text, [name]: Number(digits) });
  }
  return limits.length <= MAX_LIMITS ? limits : undefined;
}

function openLimit(text: string): NumberLimit | undefined {
  const pattern = parsePattern(text);
  return pattern && { text, pattern };
}
