import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LANGUAGES, type Language } from "../../src/config/kinds.ts";
import { renderIni, renderXml, SAMPLE_CONTENTS } from "../../src/config/render-files.ts";
import { renderTables } from "../../src/config/render-table.ts";
import { SERVICE_UNIT } from "../../src/config/service-unit.ts";
import { renderLayerRow } from "./layer-row.ts";
import { renderContents } from "./pages.ts";
import { renderWays } from "./render-ways.ts";

export type GeneratedFile = { readonly path: string; readonly text: string };

/** The files that are made from the sources as they should be, pages around their marks as they are. */
export function renderGenerated(root: string): GeneratedFile[] {
  return [
    { path: "conf/nway_wx.ini", text: renderIni(SAMPLE_CONTENTS) },
    { path: "conf/nway_wx.conf.xml", text: renderXml(SAMPLE_CONTENTS) },
    { path: "conf/nway-wx.service", text: SERVICE_UNIT },
    ...LANGUAGES.flatMap((language) => renderPages(root, language)),
  ];
}

/** Each page of docs/ with its contents; what else is made for it stands under the page's name. */
function renderPages(root: string, language: Language): GeneratedFile[] {
  const parts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "configuration.md": { config: renderTables(language) },
    "architecture.md": { layers: renderLayerRow(), ways: renderWays(language) },
  };
  const names = [...new Bun.Glob("*.md").scanSync(resolve(root, "docs", language))].sort();
  return names.map((name) => {
    const path = `docs/${language}/${name}`;
    let text = readFileSync(resolve(root, path), "utf8");
    for (const [mark, part] of Object.entries(parts[name] ?? {})) {
      text = insertBetween(text, mark, part) ?? complain(path, mark);
    }
    return { path, text: renderContents(text, language) };
  });
}

/** `text` with `part` between the two comments of `mark`; undefined when these are not there. */
export function insertBetween(text: string, mark: string, part: string): string | undefined {
  const [beginMark, endMark] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`];
  const begin = text.indexOf(beginMark);
  const end = text.indexOf(endMark, begin);
  if (begin < 0 || end < 0) return undefined;
  return `${text.slice(0, begin + beginMark.length)}\n\n${part}\n${text.slice(end)}`;
}

function complain(path: string, mark: string): never {
  throw new Error(`${path} has no <!-- ${mark}:begin --> and <!-- ${mark}:end -->`);
}
