import { applyNumberRules, isDialable } from "../../src/calls/number-rules.ts";
import { parsePattern, parseRewriteRule } from "../../src/config/number-patterns.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder();

/** A pattern, a rule and a number, a line each: what is dialled is dialable, and what is denied is not dialled. */
export const target: FuzzTarget = {
  name: "number-rules",
  seeds: [
    "00*\n9|*\n90044123",
    "1[3-9]XXXXXXXXX\n+86|1[3-9]X*>0\n+86-138-0013-8000",
    "[*]72#\n*>[*]\n*72#",
    "agent.*\nX|Y*>_\nagent.smith-2",
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    const [pattern = "", rule = "", asked = ""] = decoder.decode(input).split("\n");
    const deny = parsePattern(pattern);
    const rewrite = parseRewriteRule(rule);
    const rules = {
      deny: deny ? [deny] : [],
      allow: [],
      rewrite: rewrite ? [rewrite] : [],
      emergency: false,
    };
    const outcome = applyNumberRules(asked, rules, "dialplan");
    if (outcome.kind === "refused") return;
    const again = applyNumberRules(outcome.number, { ...rules, rewrite: [] }, "dialplan");
    if (!isDialable(outcome.number) || again.kind === "refused") throw new Error(`dials ${outcome.number}`);
  },
};
