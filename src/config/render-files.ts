import { describeSetting, keyTables } from "./keys.ts";
import type { Words } from "./kinds.ts";
import { SAMPLE_PASSWORD, SAMPLE_USERS, toLoopback } from "./sample.ts";
import { keyedSections } from "./schema.ts";
import { type SettingDoc, sectionDocs } from "./setting.ts";
import { usersDoc } from "./users.ts";

export type FileContents = {
  /** False: 127.0.0.1 in place of 0.0.0.0. */
  readonly reachable: boolean;
  /** Names and passwords, which need no quotes. */
  readonly users: readonly (readonly [name: string, password: string])[];
  /** What stands there instead of the built-in values, by section and key. */
  readonly given?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** The same as the built-in values that apply without any file. */
export const SAMPLE_CONTENTS: FileContents = {
  reachable: false,
  users: SAMPLE_USERS.map((name) => [name, SAMPLE_PASSWORD]),
};

const INI_HEAD = `\
# Settings of the nway-wx gateway. Check them with: nway-wx check-config --config FILE
#
# A comment stands on a line of its own and begins with #.
# A value that holds ; or # is written in "double quotes".
# A key that is missing or empty has its default.
# The environment wins over this file: NWAY_WX_SERVER_ADDR sets addr of [server], and so on.
`;

const INI_LOOPBACK = `\
#
# With 127.0.0.1 only this machine can connect. Change the users' passwords before writing 0.0.0.0.
`;

const SETTINGS_NOTE = `\
# These stand in nway_wx.conf.xml beside this file. Remove the # to set one here instead.
`;

/** nway_wx.ini: every key with what it means, what is allowed and its default. */
export function renderIni(contents: FileContents): string {
  const sections = Object.entries(keyedSections).flatMap(([name, schema]) => {
    const keys = [...(keyTables.get(name) ?? [])];
    const inXml = name === "settings";
    const section = [
      renderHeading(name, sectionDocs.get(schema)),
      inXml ? SETTINGS_NOTE : "",
      ...keys.map(([key, doc]) => renderKey([name, key], doc, contents, inXml ? "#" : "")),
    ].join("");
    return name === "user" ? [section, renderUsers(contents)] : [section];
  });
  return [INI_HEAD, contents.reachable ? "" : INI_LOOPBACK, ...sections].join("");
}

function renderHeading(name: string, doc: Words | undefined): string {
  return `\n\n[${name}]\n# ${doc?.en}\n`;
}

function renderKey(
  [section, key]: readonly [string, string],
  doc: SettingDoc,
  { reachable, given }: FileContents,
  mark: string,
): string {
  const fallback = doc.fallback === "" ? "none" : doc.fallback;
  const value = given?.[section]?.[key] ?? (reachable ? doc.fallback : toLoopback(doc.fallback));
  return `\n# ${describeSetting(doc, "en")}\n# Allowed: ${doc.allowed.en}. Default: ${fallback}\n${mark}${key}=${value}\n`;
}

function renderUsers({ users }: FileContents): string {
  const docs = [...usersDoc.keys].map(([key, { allowed }]) => `# ${key}: ${allowed.en}\n`);
  const pairs = users.map(([name, password], index) => {
    return `\nuser${index + 1}=${name}\npassword${index + 1}=${password}\n`;
  });
  return [renderHeading("users", usersDoc), ...docs, ...pairs].join("");
}

/** nway_wx.conf.xml: the keys of [settings] as params, the way FreeSWITCH's modules are configured. */
export function renderXml(contents: FileContents): string {
  const params = [...(keyTables.get("settings") ?? [])].map(([key, doc]) => {
    const value = contents.reachable ? doc.fallback : toLoopback(doc.fallback);
    return `
    <!-- ${describeSetting(doc, "en")} -->
    <!-- Allowed: ${doc.allowed.en}. Default: ${doc.fallback} -->
    <param name="${key}" value="${value}"/>
`;
  });
  return `\
<configuration name="nway_wx.conf" description="nway wx service control module for FreeSWITCH">
  <!-- A value in [settings] of nway_wx.ini wins over the one here. -->
  <settings>${params.join("")}  </settings>
</configuration>
`;
}
