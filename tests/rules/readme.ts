import type { Source } from "./source.ts";

/** The folders right under src/ that the README's architecture section does not name. */
export function findUnnamedFolders(sourcePaths: readonly string[], readme: Source): string[] {
  const folders = new Set(sourcePaths.flatMap((path) => path.match(/^src\/[^/]+\//) ?? []));
  const section = readme.text.split(/^## /m).find((text) => text.startsWith("Architecture")) ?? "";
  return [...folders].filter((folder) => !section.includes(folder)).sort();
}
