import { dirname, join, normalize } from "node:path/posix";
import { findImports } from "./imports.ts";
import type { Source } from "./source.ts";

/**
 * Files that import each other, in whatever number of steps; imports of types count. A circle is one line, its files in
 * alphabetical order.
 */
export function findCircles(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map((source) => [source.path, listTargets(source)]));
  const reachedFrom = new Map([...targets.keys()].map((path) => [path, listReached(path, targets)]));
  const circles = [...reachedFrom].flatMap(([path, reached]) => {
    if (!reached.has(path)) return [];
    return [
      [...reached]
        .filter((other) => reachedFrom.get(other)?.has(path))
        .sort()
        .join(", "),
    ];
  });
  return [...new Set(circles)].sort();
}

function listTargets(source: Source): string[] {
  return findImports(source)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => normalize(join(dirname(source.path), specifier)));
}

/** All that `path` imports in one step or more; itself only if it lies in a circle. */
function listReached(path: string, targets: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const waiting = [...(targets.get(path) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    waiting.push(...(targets.get(next) ?? []));
  }
  return reached;
}
