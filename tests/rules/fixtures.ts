import { basename, dirname } from "node:path/posix";
import type { Source, Violation } from "./source.ts";

/**
 * Captured bytes are worth nothing without how they were made: each file in tests/fixtures/<peer>/ must be named in
 * the README.md of its folder or of one above it.
 */
export function checkFixtures(paths: readonly string[], readmes: readonly Source[]): Violation[] {
  return paths
    .filter((path) => basename(path) !== "README.md")
    .filter(
      (path) => !readmes.some((readme) => isAbove(readme.path, path) && readme.text.includes(basename(path))),
    )
    .map((path) => ({ path, line: 1, problem: "is in no README.md that says how it was made" }));
}

function isAbove(readmePath: string, path: string): boolean {
  return path.startsWith(`${dirname(readmePath)}/`);
}
