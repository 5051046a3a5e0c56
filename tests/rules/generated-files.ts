import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Language } from "../../src/config/kinds.ts";
import { renderIni, renderXml, SAMPLE_CONTENTS } from "../../src/config/render-files.ts";
import { insertTable } from "../../src/config/render-table.ts";
import { SERVICE_UNIT } from "../../src/config/service-unit.ts";

export type GeneratedFile = { readonly path: string; readonly text: string };

const READMES: readonly (readonly [path: string, language: Language])[] = [
  ["README.md", "en"],
  ["README.zh-CN.md", "zh"],
];

/** The files that are rendered from src/config as they should be, the READMEs around their tables as they are. */
export function renderGenerated(root: string): GeneratedFile[] {
  return [
    { path: "conf/nway_wx.ini", text: renderIni(SAMPLE_CONTENTS) },
    { path: "conf/nway_wx.conf.xml", text: renderXml(SAMPLE_CONTENTS) },
    { path: "conf/nway-wx.service", text: SERVICE_UNIT },
    ...READMES.map(([path, language]) => {
      const text = insertTable(readFileSync(resolve(root, path), "utf8"), language);
      if (text === undefined) throw new Error(`${path} has no <!-- config:begin --> and <!-- config:end -->`);
      return { path, text };
    }),
  ];
}
