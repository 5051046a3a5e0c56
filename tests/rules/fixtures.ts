import { basename, dirname } from "node:path/posix";
import type { Source } from "./source.ts";

/**
 * Captured bytes are worth nothing without how they were made: each file in tests/fixtures/<peer>/ must be named in
 * the README.md of its folder or of one above it, in full or without its extensions. Returns those that are not.
 */
export function findUnexplainedFixtures(paths: readonly string[], readmes: readonly Source[]): string[] {
  return paths
    .filter((path) => basename(path) !== "README.md")
    .filter(
      (path) =>
        !readmes.some((readme) => isAbove(readme.path, path) && wordsOf(readme.text).has(stemOf(path))),
    )
    .sort();
}

/** What a README may call files: words of letters, digits, _ and -. */
function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[\w-]+/g));
}

function stemOf(path: string): string {
  return basename(path).split(".")[0] ?? path;
}

function isAbove(readmePath: string, path: string): boolean {
  return path.startsWith(`${dirname(readmePath)}/`);
}
