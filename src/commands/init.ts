import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { INI_NAME, XML_NAME } from "../config/files/locate-files.ts";
import { type FileContents, renderIni, renderXml } from "../config/render-files.ts";
import { SAMPLE_USERS } from "../config/sample.ts";
import { SERVICE_UNIT } from "../config/service-unit.ts";
import { messageOf } from "../errors.ts";
import { type Command, ExitCode } from "./command.ts";

export const initCommand: Command = {
  name: "init",
  summary: "write a set of settings files into DIR, with users, passwords and a token for the API",
  positionals: ["DIR"],
  options: [],
  async run({ positionals: [folder = ""] }, terminal) {
    const target = resolve(terminal.cwd, folder);
    const files = renderFiles();
    const present = files.filter(({ name }) => existsSync(join(target, name)));
    if (present.length > 0) {
      const names = present.map(({ name }) => join(folder, name)).join(", ");
      terminal.complain(`nway-wx: ${names} exists already and is left as it is; name another folder\n`);
      return ExitCode.failed;
    }
    try {
      mkdirSync(target, { recursive: true });
      for (const { name, text, mode } of files) writeNew(join(target, name), text, mode);
    } catch (thrown) {
      terminal.complain(`nway-wx: cannot write into ${folder}: ${messageOf(thrown)}\n`);
      return ExitCode.failed;
    }
    const ini = join(folder, INI_NAME);
    terminal.print(
      `written: ${files.map(({ name }) => join(folder, name)).join(", ")}\n` +
        `the users' passwords and the API's token are in ${ini}\n` +
        `start:   nway-wx serve --config ${ini}\n`,
    );
    return ExitCode.ok;
  },
};

type NewFile = { readonly name: string; readonly text: string; readonly mode: number };

function renderFiles(): NewFile[] {
  const contents: FileContents = {
    reachable: true,
    users: SAMPLE_USERS.map((name) => [name, createSecret(PASSWORD_BYTES)]),
    // Seen from the working directory, which the unit sets to /var/lib/nway-wx.
    given: { api: { token: createSecret(TOKEN_BYTES) }, records: { dir: "records" } },
  };
  return [
    // Holds passwords: for its owner and a group that the service may be in.
    { name: INI_NAME, text: renderIni(contents), mode: 0o640 },
    { name: XML_NAME, text: renderXml(contents), mode: 0o644 },
    { name: "nway-wx.service", text: SERVICE_UNIT, mode: 0o644 },
  ];
}

function writeNew(path: string, text: string, mode: number): void {
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  // Not left to the umask.
  chmodSync(path, mode);
}

const PASSWORD_BYTES = 12;
const TOKEN_BYTES = 24;

/** Random letters, digits, - and _. */
function createSecret(byteCount: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(byteCount))).toString("base64url");
}
