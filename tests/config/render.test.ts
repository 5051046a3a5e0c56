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
  const contents = { language: "en" as const, reachable: true, users: [["ann", "sesame"]] as const, given };
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

test("with Chinese comments the files mean the same, and say of each key what the Chinese table says", () => {
  const contents = { ...SAMPLE_CONTENTS, language: "zh" } as const;
  const [ini, xml] = [renderIni(contents), renderXml(contents)];
  using folder = createFolder({ "conf/nway_wx.ini": ini, "conf/nway_wx.conf.xml": xml });
  using empty = createFolder();
  expect(loadConfig({ cwd: folder.path, env: {} }).config).toEqual(
    loadConfig({ cwd: empty.path, env: {} }).config,
  );
  for (const [section, keys] of keyTables) {
    for (const doc of keys.values()) {
      const said = [describeSetting(doc, "zh"), `取值：${doc.allowed.zh}。默认值：${doc.fallback || "无"}`];
      expect(ini).toContain(`# ${said.join("\n# ")}\n`);
      if (section === "settings") expect(xml).toContain(`<!-- ${said.join(" -->\n    <!-- ")} -->\n`);
    }
  }
  const comments = `${ini.match(/^# .*/gm)?.join("\n")}\n${xml.match(/<!-- .*/g)?.join("\n")}`;
  expect(comments.split("\n").filter((line) => !/\p{Script=Han}/u.test(line))).toEqual([]);
});

test("Chinese texts have full-width punctuation", () => {
  const texts = [...keyTables.values()].flatMap((keys) =>
    [...keys.values()].flatMap((doc) => [doc.zh, doc.allowed.zh]),
  );
  // The colon of host:port, and what stands between Latin words, is not punctuation of the sentence.
  expect(texts.filter((text) => /\p{Script=Han}[,;()]|[,;()]\p{Script=Han}/u.test(text))).toEqual([]);
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
