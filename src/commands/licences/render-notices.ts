import type { Notice } from "./notices.ts";

const RULE = "─".repeat(80);

/** A list of all, then each with its text, then the licences that several refer to. */
export function renderNotices(
  notices: readonly Notice[],
  standardTexts: Readonly<Record<string, string>>,
): string {
  const list = notices.map((notice) => `  ${titleOf(notice)}\n`);
  const texts = notices.map((notice) => {
    const refersTo =
      notice.standard === undefined ? "" : `\nThe wording of ${notice.standard} stands at the end.\n`;
    return chapter(headOf(notice), notice.text + refersTo);
  });
  const standards = Object.entries(standardTexts).map(([id, text]) => chapter(id, text));
  return [`This executable contains:\n${list.join("")}`, ...texts, ...standards].join("");
}

function headOf(notice: Notice): string {
  return notice.url === undefined ? titleOf(notice) : `${titleOf(notice)}\n${notice.url}`;
}

function titleOf({ name, version, licence }: Notice): string {
  return `${version === undefined ? name : `${name} ${version}`}: ${licence ?? "none declared"}`;
}

function chapter(head: string, text: string): string {
  return `\n${RULE}\n${head}\n${RULE}\n\n${text.trimEnd()}\n`;
}
