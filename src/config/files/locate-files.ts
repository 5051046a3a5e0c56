import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorCodeOf } from "../../errors.ts";

export const INI_NAME = "nway_wx.ini";
export const XML_NAME = "nway_wx.conf.xml";
/** Tried in this order, seen from the working directory, when no file is named. */
export const SEARCH_FOLDERS = ["conf", "/etc/nway-wx"] as const;

export type FileNames = {
  readonly configFile?: string | undefined;
  readonly moduleConfigFile?: string | undefined;
};
/** As a person would write them; resolve against the working directory. */
export type Located = { readonly ini: string | undefined; readonly xml: string | undefined };

/**
 * A file that is named is returned whether or not it is there; the others only if something is there, readable or not:
 * settings are never passed over in silence.
 */
export function locateFiles({ configFile, moduleConfigFile }: FileNames, cwd: string): Located {
  const present = (name: string) => (look(resolve(cwd, name)) === "nothing" ? undefined : name);
  if (configFile !== undefined) {
    return { ini: configFile, xml: moduleConfigFile ?? present(join(dirname(configFile), XML_NAME)) };
  }
  for (const folder of SEARCH_FOLDERS) {
    const ini = present(join(folder, INI_NAME));
    const xml = present(join(folder, XML_NAME));
    if (ini !== undefined || xml !== undefined) return { ini, xml: moduleConfigFile ?? xml };
  }
  return { ini: undefined, xml: moduleConfigFile };
}

export function isFile(path: string): boolean {
  return look(path) === "file";
}

function look(path: string): "nothing" | "file" | "something else" {
  try {
    return statSync(path).isFile() ? "file" : "something else";
  } catch (thrown) {
    const code = errorCodeOf(thrown);
    return code === "ENOENT" || code === "ENOTDIR" ? "nothing" : "something else";
  }
}
