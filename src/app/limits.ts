import { availableParallelism } from "node:os";
import type { Config } from "../config/schema.ts";

/** What a core hardly carries with telephones; calls between apps cost a tenth. The load guard refuses sooner. */
const CALLS_PER_CORE = 250;

/** The most calls at a time. */
export function maxCallsOf({ calls }: Config): number {
  return calls.max_calls ?? CALLS_PER_CORE * availableParallelism();
}
