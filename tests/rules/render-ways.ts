import type { Language } from "../../src/config/kinds.ts";
import { WAYS, type Way } from "./ways.ts";

const WORDS = {
  en: {
    file: "file",
    happens: "what happens",
    count: (files: number, changes: number) => `${files} files, ${changes} changes of room.`,
  },
  zh: {
    file: "文件",
    happens: "内容",
    count: (files: number, changes: number) => `${files} 个文件，跨目录 ${changes} 次。`,
  },
} as const;

/** The part of the architecture page. */
export function renderWays(language: Language): string {
  const { file, happens, count } = WORDS[language];
  const parts = WAYS.map((way) => {
    const rows = way.steps.map(([path, en, zh]) => `| \`${path}\` | ${language === "en" ? en : zh} |\n`);
    const sentence = count(way.steps.length, countRoomChanges(way));
    return `### ${way.title[language]}\n\n${sentence}\n\n| ${file} | ${happens} |\n| --- | --- |\n${rows.join("")}`;
  });
  return parts.join("\n");
}

/** Steps into another room than the one before. */
export function countRoomChanges({ steps }: Pick<Way, "steps">): number {
  const rooms = steps.map(([path]) => roomOf(path));
  return rooms.filter((room, index) => index > 0 && room !== rooms[index - 1]).length;
}

/** The folder, at most two deep: `media/sound/telephone/to-telephone.ts` is in `media/sound`. */
function roomOf(path: string): string {
  return path.split("/").slice(0, -1).slice(0, 2).join("/");
}
