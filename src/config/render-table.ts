import { describeSetting, keyTables } from "./keys.ts";
import type { Language } from "./kinds.ts";
import { keyedSections } from "./schema.ts";
import { sectionDocs } from "./setting.ts";
import { usersDoc } from "./users.ts";

const HEADINGS: Readonly<Record<Language, readonly string[]>> = {
  en: ["Key", "Default", "Allowed", "Meaning"],
  zh: ["键", "默认值", "取值", "说明"],
};

/** Every key in Markdown: a heading, a sentence and a table for each section. */
export function renderTables(language: Language): string {
  return Object.entries(keyedSections)
    .flatMap(([name, schema]) => {
      const own = renderSection(
        name,
        sectionDocs.get(schema)?.[language] ?? "",
        rowsOf(name, language),
        language,
      );
      return name === "user" ? [own, renderUsers(language)] : [own];
    })
    .join("\n");
}

function renderSection(
  name: string,
  sentence: string,
  rows: readonly (readonly string[])[],
  language: Language,
): string {
  const headings = HEADINGS[language];
  const table = [headings, headings.map(() => "---"), ...rows];
  const lines = table.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |\n`);
  return `## [${name}]\n\n${sentence}\n\n${lines.join("")}`;
}

function rowsOf(section: string, language: Language): string[][] {
  return [...(keyTables.get(section) ?? [])].map(([key, doc]) => [
    code(key),
    doc.fallback === "" ? "" : code(doc.fallback),
    doc.allowed[language],
    describeSetting(doc, language),
  ]);
}

function renderUsers(language: Language): string {
  const rows = [...usersDoc.keys].map(([key, doc]) => [code(key), "", doc.allowed[language], doc[language]]);
  return renderSection("users", usersDoc[language], rows, language);
}

function code(text: string): string {
  return `\`${text}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
