import { describeSetting, keyTables } from "./keys.ts";
import type { Language } from "./kinds.ts";
import { usersDoc } from "./users.ts";

const HEADINGS: Readonly<Record<Language, readonly string[]>> = {
  en: ["Section", "Key", "Default", "Allowed", "Meaning"],
  zh: ["节", "键", "默认值", "取值", "说明"],
};

const BEGIN = "<!-- config:begin -->";
const END = "<!-- config:end -->";

/** Every key as a Markdown table. */
export function renderTable(language: Language): string {
  const rows = [...keyTables].flatMap(([section, keys]) => {
    const own = [...keys].map(([key, doc]) => [
      code(section),
      code(key),
      doc.fallback === "" ? "" : code(doc.fallback),
      doc.allowed[language],
      describeSetting(doc, language),
    ]);
    return section === "user" ? [...own, ...describeUsers(language)] : own;
  });
  const lines = [HEADINGS[language], HEADINGS[language].map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |\n`).join("");
}

function describeUsers(language: Language): string[][] {
  return [...usersDoc.keys].map(([key, doc]) => [
    code("users"),
    code(key),
    "",
    doc.allowed[language],
    doc[language],
  ]);
}

function code(text: string): string {
  return `\`${text}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** `readme` with the table between its two marks; undefined when the marks are not there. */
export function insertTable(readme: string, language: Language): string | undefined {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END, begin);
  if (begin < 0 || end < 0) return undefined;
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${renderTable(language)}\n${readme.slice(end)}`;
}
