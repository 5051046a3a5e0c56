import { describeSetting, keyTables } from "./keys.ts";
import type { Language, Words } from "./kinds.ts";
import { SAMPLE_PASSWORD, SAMPLE_USERS, toLoopback } from "./sample.ts";
import { keyedSections } from "./schema.ts";
import { type SettingDoc, sectionDocs } from "./setting.ts";
import { usersDoc } from "./users.ts";

export type FileContents = {
  /** Of the comments. */
  readonly language: Language;
  /** False: 127.0.0.1 in place of 0.0.0.0. */
  readonly reachable: boolean;
  /** Names and passwords, which need no quotes. */
  readonly users: readonly (readonly [name: string, password: string])[];
  /** What stands there instead of the built-in values, by section and key. */
  readonly given?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** The same as the built-in values that apply without any file. */
export const SAMPLE_CONTENTS: FileContents = {
  language: "en",
  reachable: false,
  users: SAMPLE_USERS.map((name) => [name, SAMPLE_PASSWORD]),
};

const INI_HEAD: Words = {
  en: `\
# Settings of the nway-wx gateway. Check them with: nway-wx check-config --config FILE
#
# A comment stands on a line of its own and begins with #.
# A value that holds ; or # is written in "double quotes".
# A key that is missing or empty has its default.
# The environment wins over this file: NWAY_WX_SERVER_ADDR sets addr of [server], and so on.
`,
  zh: `\
# nway-wx 网关的配置。检查命令：nway-wx check-config --config 文件
#
# 注释须独占一行，以 # 开头。
# 含有 ; 或 # 的值须写在 "双引号" 中。
# 未写或留空的键取默认值。
# 环境变量优先于本文件：如 NWAY_WX_SERVER_ADDR 设置 [server] 的 addr。
`,
};

const INI_LOOPBACK: Words = {
  en: `\
#
# With 127.0.0.1 only this machine can connect. Change the users' passwords before writing 0.0.0.0.
`,
  zh: `\
#
# 地址为 127.0.0.1 时只有本机可以连接。改为 0.0.0.0 之前，请先修改用户密码。
`,
};

const SETTINGS_NOTE: Words = {
  en: "# These stand in nway_wx.conf.xml beside this file. Remove the # to set one here instead.\n",
  zh: "# 这些键写在同一目录的 nway_wx.conf.xml 中。如需在此设置，去掉行首的 # 即可。\n",
};

const XML_NOTE: Words = {
  en: "A value in [settings] of nway_wx.ini wins over the one here.",
  zh: "nway_wx.ini 的 [settings] 中的值优先于此处。",
};

/** nway_wx.ini: every key with what it means, what is allowed and its default. */
export function renderIni(contents: FileContents): string {
  const { language, reachable } = contents;
  const sections = Object.entries(keyedSections).flatMap(([name, schema]) => {
    const keys = [...(keyTables.get(name) ?? [])];
    const inXml = name === "settings";
    const section = [
      renderHeading(name, sectionDocs.get(schema)?.[language]),
      inXml ? SETTINGS_NOTE[language] : "",
      ...keys.map(([key, doc]) => renderKey([name, key], doc, contents, inXml ? "#" : "")),
    ].join("");
    return name === "user" ? [section, renderUsers(contents)] : [section];
  });
  return [INI_HEAD[language], reachable ? "" : INI_LOOPBACK[language], ...sections].join("");
}

function renderHeading(name: string, told: string | undefined): string {
  return `\n\n[${name}]\n# ${told}\n`;
}

function renderKey(
  [section, key]: readonly [string, string],
  doc: SettingDoc,
  { language, reachable, given }: FileContents,
  mark: string,
): string {
  const value = given?.[section]?.[key] ?? (reachable ? doc.fallback : toLoopback(doc.fallback));
  return `\n# ${describeSetting(doc, language)}\n# ${describeRange(doc, language)}\n${mark}${key}=${quoteValue(value)}\n`;
}

/** As INI_HEAD says. */
function quoteValue(value: string): string {
  return /[;#]/.test(value) ? JSON.stringify(value) : value;
}

function describeRange({ allowed, fallback }: SettingDoc, language: Language): string {
  return {
    en: `Allowed: ${allowed.en}. Default: ${fallback || "none"}`,
    zh: `取值：${allowed.zh}。默认值：${fallback || "无"}`,
  }[language];
}

const COLON: Words = { en: ": ", zh: "：" };

function renderUsers({ users, language }: FileContents): string {
  const docs = [...usersDoc.keys].map(
    ([key, { allowed }]) => `# ${key}${COLON[language]}${allowed[language]}\n`,
  );
  const pairs = users.map(([name, password], index) => {
    return `\nuser${index + 1}=${name}\npassword${index + 1}=${password}\n`;
  });
  return [renderHeading("users", usersDoc[language]), ...docs, ...pairs].join("");
}

/** nway_wx.conf.xml: the keys of [settings] as params, the way FreeSWITCH's modules are configured. */
export function renderXml({ language, reachable }: FileContents): string {
  const params = [...(keyTables.get("settings") ?? [])].map(([key, doc]) => {
    const value = reachable ? doc.fallback : toLoopback(doc.fallback);
    return `
    <!-- ${describeSetting(doc, language)} -->
    <!-- ${describeRange(doc, language)} -->
    <param name="${key}" value="${value}"/>
`;
  });
  return `\
<configuration name="nway_wx.conf" description="nway wx service control module for FreeSWITCH">
  <!-- ${XML_NOTE[language]} -->
  <settings>${params.join("")}  </settings>
</configuration>
`;
}
