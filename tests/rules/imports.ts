import { lineAt, maskComments, type Source } from "./source.ts";

export type Import = { readonly specifier: string; readonly line: number };

/** Imports of every kind, types and re-exports too; the specifier is the first or second group. */
const IMPORT = /\b(?:import|export)\b[^"'`;()]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/g;

export function findImports(source: Source): Import[] {
  const { text } = maskComments(source, { keepStrings: true });
  return [...text.matchAll(IMPORT)].map((match) => ({
    specifier: match[1] ?? match[2] ?? "",
    line: lineAt(text, match.index),
  }));
}
