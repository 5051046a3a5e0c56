import { findAll, maskComments, type Rule } from "./source.ts";

const ADVICE = "let the party answer for itself: PartyTraits in calls/ports.ts";

/**
 * Nobody asks what kind of party it has, so that a new one is one file and a line in the routing. What a party is
 * written down as has a kind, which is handed on and compared with nothing.
 */
export const checkParties: Rule = (source) => {
  const code = maskComments(source, { keepStrings: true });
  return [
    ...findAll(code, /\binstanceof\s+\w*Party\b/g, ADVICE),
    ...findAll(code, /\b(?:party|caller|callee)(?:\.describe\(\)|\?)?\.kind\b\s*[!=]==/gi, ADVICE),
    ...findAll(
      code,
      /\bkind\s*[!=]==\s*"(?:client|app|extension|telephone|phone)"|\bcase "(?:client|app|extension|telephone|phone)":/g,
      ADVICE,
    ),
  ];
};
