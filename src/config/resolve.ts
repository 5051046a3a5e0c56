import { checkTogether } from "./checks.ts";
import { isSecret, keyTables, quote, sectionNames } from "./keys.ts";
import { BUILT_IN, type Effective, type Entry, type Reading } from "./reading.ts";
import { embeddedAddresses, embeddedUsers } from "./sample.ts";
import { type Config, configSchema } from "./schema.ts";

export type Resolved = { readonly config: Config; readonly effective: Effective };

/**
 * Lays the readings over each other, the later over the earlier, and over the built-in values.
 * @param embedded true when there is no file at all
 * @returns the configuration, or one line for each thing that is wrong anywhere
 */
export function resolveConfig(
  readings: readonly Reading[],
  embedded: boolean,
): Resolved | { problems: string[] } {
  const problems = readings.flatMap((reading) => reading.problems);
  const given = readings.flatMap((reading) => reading.entries);
  const sampleUsers = embedded && !given.some(({ section }) => section === "users");
  const effective = layEntries([
    ...(embedded ? embeddedAddresses() : []),
    ...(sampleUsers ? embeddedUsers() : []),
    ...given,
  ]);
  const outcome = configSchema.safeParse(collectTexts(effective));
  if (!outcome.success) {
    const wrong = outcome.error.issues.map(({ path, message }) => describeIssue(path, message, effective));
    return { problems: [...problems, ...wrong] };
  }
  problems.push(...checkTogether(outcome.data, effective, sampleUsers));
  return problems.length > 0 ? { problems } : { config: outcome.data, effective };
}

function layEntries(entries: readonly Entry[]): Map<string, Map<string, Entry>> {
  const effective = new Map(sectionNames.map((name) => [name, new Map<string, Entry>()]));
  for (const entry of entries) effective.get(entry.section)?.set(entry.key, entry);
  return effective;
}

function collectTexts(effective: Effective): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...effective].map(([section, entries]) => [
      section,
      Object.fromEntries([...entries].map(([key, { text }]) => [key, text])),
    ]),
  );
}

function describeIssue(path: readonly PropertyKey[], message: string, effective: Effective): string {
  const [section, key] = [String(path[0]), String(path[1])];
  const entry = effective.get(section)?.get(key);
  const doc = keyTables.get(section)?.get(key);
  const place = `${entry?.origin ?? BUILT_IN}: [${section}] ${key}`;
  if (doc === undefined) return `${place}: ${message}`;
  return `${place}: found ${showFound(section, key, entry?.text ?? "")}, allowed: ${doc.allowed.en}`;
}

function showFound(section: string, key: string, text: string): string {
  if (isSecret(section, key)) return `a secret of ${text.length} characters`;
  return quote(text.replace(/\/\/[^/]*@/, "//***@"));
}
