import { dirname, join, normalize } from "node:path/posix";
import type { Language } from "../../src/config/kinds.ts";
import { findAll, type Rule, type Source, type Violation } from "./source.ts";

const ON_THIS_PAGE: Readonly<Record<Language, string>> = { en: "On this page: ", zh: "本页内容：" };
const CONTENTS = /<!-- contents -->\n\n.*\n/;

/** A page with the line under its `<!-- contents -->` that links to each of its chapters; a page without the mark stays. */
export function renderContents(page: string, language: Language): string {
  const links = listHeadings(page)
    .filter(({ level }) => level === 2)
    .map(({ text }) => `[${text.replaceAll(/[[\]]/g, "\\$&")}](#${anchorOf(text)})`);
  return page.replace(CONTENTS, `<!-- contents -->\n\n${ON_THIS_PAGE[language]}${links.join(" · ")}\n`);
}

type Heading = { readonly level: number; readonly text: string };

export function listHeadings(page: string): Heading[] {
  return [...maskBlocks(page).matchAll(/^(#{1,6}) +(.+)$/gm)].map(([, marks = "", text = ""]) => ({
    level: marks.length,
    text,
  }));
}

/** What follows # in a link to this heading: small letters, hyphens for blanks, no punctuation. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** Links into the repository whose file or heading is not there. */
export function checkLinks(page: Source, pages: readonly Source[], files: ReadonlySet<string>): Violation[] {
  const text = maskBlocks(page.text).replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[()[\]]/g, " "));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(({ 1: link = "", index }) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = "", anchor] = link.split("#");
    const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
    const line = text.slice(0, index).split("\n").length;
    if (!files.has(path)) return [{ path: page.path, line, problem: `${link} leads nowhere` }];
    const target = pages.find((other) => other.path === path);
    const isThere =
      anchor === undefined ||
      (target !== undefined &&
        listHeadings(target.text).some((heading) => anchorOf(heading.text) === anchor));
    return isThere ? [] : [{ path: page.path, line, problem: `${link}: no such heading` }];
  });
}

/** What both languages have alike: the levels of headings, and everything in fences that is not for people. */
export function outline({ text }: Source): { levels: number[]; blocks: string[] } {
  const blocks = [...text.matchAll(/^ *```(\w*)$\n[\s\S]*?^ *```$/gm)].map(([block, kind = ""]) =>
    /^(?:json|js|html)$/.test(kind) ? block : kind,
  );
  return { levels: listHeadings(text).map(({ level }) => level), blocks };
}

const HAN = "\\p{Script=Han}\u3000-\u303f\uff00-\uffef";
const HALF_WIDTH = new RegExp(
  `(?<=[${HAN}])[,;:?!()]|[,;:?!()](?=[${HAN}])|(?<=[${HAN}])\\.(?![\\w/.])`,
  "gu",
);

/** Signs that stand for themselves in the descriptions of settings. */
const LITERAL = /(?:主机|地址):端口|、\?/g;

/** Running text in Chinese has full-width punctuation; code, links' targets and HTML comments are no text. */
export const checkChinesePunctuation: Rule = ({ path, text }) => {
  const masked = maskBlocks(text)
    .replaceAll(/`[^`\n]*`|<!--.*?-->/g, (code) => "x".repeat(code.length))
    .replaceAll(/\]\([^)\s]*\)/g, (target) => "x".repeat(target.length))
    .replaceAll(LITERAL, (literal) => "x".repeat(literal.length));
  return findAll({ path, text: masked }, HALF_WIDTH, "half-width punctuation beside Chinese text");
};

/** Blanks fenced blocks, line by line. */
function maskBlocks(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, (block) => block.replaceAll(/[^\n]/g, " "));
}
