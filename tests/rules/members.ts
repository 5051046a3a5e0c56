import { lineAt, maskComments, type Source, type Violation } from "./source.ts";

/** A method, an accessor or a field of a class or interface, where the house format puts it; `#` names are tsc's. */
const DECLARATION = /^ {2}(?:(?:static|async|override|readonly|get|set) )*\*?([a-z]\w*)\??(?:[(<:;]| =)/gm;
const CLASS_OR_INTERFACE = /^(?:export )?(?:abstract )?(?:class|interface) [\s\S]*?^\}/gm;

/**
 * Members of the classes and interfaces in `declaring` whose name stands nowhere in `using` but where members are declared.
 * It goes by names: of two members of one name, one may be unused without being found.
 */
export function findUnusedMembers(declaring: readonly Source[], using: readonly Source[]): Violation[] {
  const declared = declaring.flatMap(listMembers);
  const declaredCounts = countWords(declared.map(({ name }) => name));
  const usedCounts = countWords(
    using.flatMap((source) => maskComments(source, { keepStrings: true }).text.match(/\b[a-z]\w*\b/g) ?? []),
  );
  return declared
    .filter(({ name }) => (usedCounts.get(name) ?? 0) <= (declaredCounts.get(name) ?? 0))
    .map(({ name, path, line }) => ({ path, line, problem: `nothing uses ${name}` }));
}

function listMembers(source: Source): { name: string; path: string; line: number }[] {
  const { text } = maskComments(source);
  return [...text.matchAll(CLASS_OR_INTERFACE)].flatMap((body) =>
    [...body[0].matchAll(DECLARATION)].flatMap(({ 1: name = "", index }) =>
      name === "constructor" ? [] : [{ name, path: source.path, line: lineAt(text, body.index + index) }],
    ),
  );
}

function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
