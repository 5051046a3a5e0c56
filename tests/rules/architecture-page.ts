import type { Source } from "./source.ts";

/** The folders right under src/ that an architecture page does not name. */
export function findUnnamedFolders(sourcePaths: readonly string[], { text }: Source): string[] {
  const folders = new Set(sourcePaths.flatMap((path) => path.match(/^src\/[^/]+\//) ?? []));
  return [...folders].filter((folder) => !text.includes(`\`${folder}\``)).sort();
}
