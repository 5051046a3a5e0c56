import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LANGUAGES, type Language } from "../../src/config/kinds.ts";
import { renderIni, renderXml, SAMPLE_CONTENTS } from "../../src/config/render-files.ts";
import { renderTables } from "../../src/config/render-table.ts";
import { INSTALL_COMMANDS, SERVICE_UNIT } from "../../src/config/service-unit.ts";
import { renderLayerRow } from "./layer-row.ts";
import { renderPackages } from "./packages.ts";
import { renderContents } from "./pages.ts";
import { renderWays } from "./render-ways.ts";

type GeneratedFile = { readonly path: string; readonly text: string };

/** The files that are made from the sources as they should be, pages around their marks as they are. */
export function renderGenerated(root: string): GeneratedFile[] {
  return [
    { path: "conf/nway_wx.ini", text: renderIni(SAMPLE_CONTENTS) },
    { path: "conf/nway_wx.conf.xml", text: renderXml(SAMPLE_CONTENTS) },
    { path: "conf/nway-wx.service", text: SERVICE_UNIT },
    { path: "src/commands/licences/packages.json", text: renderPackages(root) },
    ...LANGUAGES.flatMap((language) => renderPages(root, language)),
  ];
}

type Parts = Readonly<Record<string, string>>;

/** The README and the pages of one language: each page with its contents, and with what is made for it. */
function renderPages(root: string, language: Language): GeneratedFile[] {
  const readme = language === "en" ? "README.md" : "README.zh-CN.md";
  const folder = `docs/${language}`;
  const made: Readonly<Record<string, Parts>> = {
    [readme]: { install: renderInstall(language) },
    [`${folder}/install.md`]: { install: renderInstall(language) },
    [`${folder}/configuration.md`]: { config: renderTables(language) },
    [`${folder}/architecture.md`]: { layers: renderLayerRow(), ways: renderWays(language) },
  };
  const names = [...new Bun.Glob("*.md").scanSync(resolve(root, folder))].sort();
  return [readme, ...names.map((name) => `${folder}/${name}`)].map((path) => {
    const page = readFileSync(resolve(root, path), "utf8");
    return { path, text: renderContents(fill(path, page, made[path] ?? {}), language) };
  });
}

function fill(path: string, page: string, parts: Parts): string {
  return Object.entries(parts).reduce((text, [mark, part]) => {
    const filled = insertBetween(text, mark, part);
    if (filled === undefined)
      throw new Error(`${path} has no <!-- ${mark}:begin --> and <!-- ${mark}:end -->`);
    return filled;
  }, page);
}

function renderInstall(language: Language): string {
  const commands = INSTALL_COMMANDS.join("\n");
  const spoken = language === "en" ? commands : commands.replace("init ", `init --lang ${language} `);
  return `\`\`\`sh\n${spoken}\n\`\`\`\n`;
}

/** `text` with `part` between the two comments of `mark`; undefined when these are not there. */
export function insertBetween(text: string, mark: string, part: string): string | undefined {
  const [beginMark, endMark] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`];
  const begin = text.indexOf(beginMark);
  const end = text.indexOf(endMark, begin);
  if (begin < 0 || end < 0) return undefined;
  return `${text.slice(0, begin + beginMark.length)}\n\n${part}\n${text.slice(end)}`;
}
