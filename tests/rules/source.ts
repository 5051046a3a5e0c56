import { resolve } from "node:path";

/** A file of the repository; `path` is relative to its root, with forward slashes. */
export type Source = { readonly path: string; readonly text: string };

/** One broken rule: where, and what to do. */
export type Violation = { readonly path: string; readonly line: number; readonly problem: string };

export type Rule = (source: Source) => Violation[];

export const ROOT = resolve(import.meta.dir, "../..");

/** The files that match the globs, in order of their paths. */
export async function readSources(...globs: readonly string[]): Promise<Source[]> {
  const paths = globs.flatMap((glob) => [...new Bun.Glob(glob).scanSync({ cwd: ROOT, dot: true })]);
  const sorted = [...new Set(paths)].sort();
  return Promise.all(
    sorted.map(async (path) => ({ path, text: await Bun.file(resolve(ROOT, path)).text() })),
  );
}

/** All files that git tracks or would add. */
export async function readCommittedSources(): Promise<Source[]> {
  const git = Bun.spawnSync(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
  });
  if (!git.success) throw new Error(`git ls-files: ${git.stderr.toString()}`);
  const paths = git.stdout.toString().split("\0").filter(Boolean);
  const files = paths.map((path) => ({ path, file: Bun.file(resolve(ROOT, path)) }));
  const sources = files.map(async ({ path, file }) =>
    (await file.exists()) ? { path, text: await file.text() } : [],
  );
  return (await Promise.all(sources)).flat();
}

/** One line a violation, as `path:line problem`; a rule that holds gives an empty list. */
export function applyRule(rule: Rule, sources: readonly Source[]): string[] {
  return sources.flatMap(rule).map(({ path, line, problem }) => `${path}:${line} ${problem}`);
}

/** Every match of `pattern` (which needs the g flag) as a violation. */
export function findAll({ path, text }: Source, pattern: RegExp, problem: string): Violation[] {
  return [...text.matchAll(pattern)].map((match) => ({ path, line: lineAt(text, match.index), problem }));
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

const LITERAL_OR_COMMENT =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** Blanks comments, and strings too unless `keepStrings`, so that code is matched and talk is not. */
export function maskComments(source: Source, { keepStrings = false } = {}): Source {
  const text = source.text.replace(LITERAL_OR_COMMENT, (token) =>
    token.startsWith("/") || !keepStrings ? token.replace(/[^\n]/g, " ") : token,
  );
  return { path: source.path, text };
}
