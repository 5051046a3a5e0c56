import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/files/load-config.ts";
import { describeSetting, keyTables } from "../../src/config/keys.ts";
import { renderIni, renderXml, SAMPLE_CONTENTS } from "../../src/config/render-files.ts";
import { renderTables } from "../../src/config/render-table.ts";
import { createFolder } from "./folder.ts";

test("the files in conf/ mean the same as no file at all", () => {
  using folder = createFolder({
    "conf/nway_wx.ini": renderIni(SAMPLE_CONTENTS),
    "conf/nway_wx.conf.xml": renderXml(SAMPLE_CONTENTS),
  });
  using empty = createFolder();
  const fromFiles = loadConfig({ cwd: folder.path, env: {} });
  expect(fromFiles.config).toEqual(loadConfig({ cwd: empty.path, env: {} }).config);
  expect(fromFiles.warnings).toEqual([]);
});

test("the files for an installation hold the built-in values and the given users", () => {
  const given = { records: { dir: "records" } };
  const contents = { reachable: true, users: [["ann", "sesame"]] as const, given };
  using folder = createFolder({
    "conf/nway_wx.ini": renderIni(contents),
    "conf/nway_wx.conf.xml": renderXml(contents),
  });
  using bare = createFolder({
    "conf/nway_wx.ini": "[records]\ndir=records\n[users]\nuser1=ann\npassword1=sesame\n",
  });
  expect(loadConfig({ cwd: folder.path, env: {} }).config).toEqual(
    loadConfig({ cwd: bare.path, env: {} }).config,
  );
});

test("a key of [settings] that is uncommented in the INI wins over the XML", () => {
  const ini = renderIni(SAMPLE_CONTENTS).replace("#ptime=20", "ptime=40");
  using folder = createFolder({
    "conf/nway_wx.ini": ini,
    "conf/nway_wx.conf.xml": renderXml(SAMPLE_CONTENTS),
  });
  expect(loadConfig({ cwd: folder.path, env: {} }).config.settings.ptime).toBe(40);
});

test("every key is in the INI and in its section of both tables, with its description", () => {
  const ini = renderIni(SAMPLE_CONTENTS);
  const [en, zh] = [renderTables("en"), renderTables("zh")];
  for (const [section, keys] of keyTables) {
    const own = en.split(/^## /m).find((text) => text.startsWith(`[${section}]\n`));
    for (const [key, doc] of keys) {
      expect(ini).toContain(`# ${describeSetting(doc, "en")}\n# Allowed: ${doc.allowed.en}. Default: `);
      expect(ini).toMatch(new RegExp(`^#?${key}=`, "m"));
      expect(own).toContain(`\n| \`${key}\` | `);
      expect(zh).toContain(` | ${doc.allowed.zh.replaceAll("|", "\\|")} | ${describeSetting(doc, "zh")} |\n`);
    }
  }
  for (const text of [en, zh]) {
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows.filter((row) => !/^\|( (?:\\\||[^|])* \|){4}$/.test(row))).toEqual([]);
  }
});
