import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { INI_NAME, XML_NAME } from "../config/files/locate-files.ts";
import { LANGUAGES, type Language } from "../config/kinds.ts";
import { type FileContents, renderIni, renderXml } from "../config/render-files.ts";
import { SAMPLE_USERS } from "../config/sample.ts";
import { SERVICE_UNIT } from "../config/service-unit.ts";
import { messageOf } from "../errors.ts";
import { listOwnHosts } from "../servers/http/own-hosts.ts";
import { type Arguments, type Command, ExitCode, type Terminal } from "./command.ts";
import { createSecret } from "./create-secret.ts";
import { createSelfSigned } from "./self-signed.ts";

const DEFAULT_LANGUAGE: Language = "en";

export const initCommand: Command = {
  name: "init",
  summary: "write a set of settings files into DIR, with users, passwords and a token for the API",
  positionals: ["DIR"],
  options: [
    {
      name: "user",
      value: "NAME",
      summary: "the system user that runs the gateway: its group may read the settings",
    },
    {
      name: "tls",
      value: "self",
      summary: "for a laboratory: listen encrypted too, with a self-signed certificate",
    },
    {
      name: "lang",
      value: "LANG",
      summary: `language of the comments, ${LANGUAGES.join(" or ")} (default: ${DEFAULT_LANGUAGE})`,
    },
  ],
  async run(typed, terminal) {
    const wanted = readOptions(typed, terminal);
    return typeof wanted === "number" ? wanted : await writeFiles(wanted, terminal);
  },
};

type Wanted = {
  /** As it was typed. */
  readonly folder: string;
  readonly language: Language;
  /** Whether to make a certificate. */
  readonly withTls: boolean;
  /** Who runs the gateway; undefined: whoever writes the files. */
  readonly user: { readonly name: string; readonly groupId: number } | undefined;
};

/** An exit code after complaining. */
function readOptions({ positionals, options }: Arguments, terminal: Terminal): Wanted | number {
  const word = options.get("lang") ?? DEFAULT_LANGUAGE;
  const language = LANGUAGES.find((known) => known === word);
  if (language === undefined) {
    terminal.complain(`nway-wx: --lang takes ${LANGUAGES.join(" or ")}\n`);
    return ExitCode.usage;
  }
  const tls = options.get("tls");
  if (tls !== undefined && tls !== "self") {
    terminal.complain("nway-wx: --tls takes self; name a certificate of your own in [tls] of the settings\n");
    return ExitCode.usage;
  }
  const name = options.get("user");
  const groupId = name === undefined ? undefined : findGroupId(name);
  if (name !== undefined && groupId === undefined) {
    terminal.complain(`nway-wx: there is no user ${JSON.stringify(name)}: make it with useradd --system\n`);
    return ExitCode.failed;
  }
  const user = name === undefined || groupId === undefined ? undefined : { name, groupId };
  return { folder: positionals[0] ?? "", language, withTls: tls !== undefined, user };
}

/** The user's own group, wherever the system keeps its users; undefined when there is no such user. */
function findGroupId(user: string): number | undefined {
  const { success, stdout } = Bun.spawnSync(["id", "-g", "--", user], { stderr: "ignore" });
  return success ? Number(stdout.toString()) : undefined;
}

async function writeFiles({ folder, language, withTls, user }: Wanted, terminal: Terminal): Promise<number> {
  const target = resolve(terminal.cwd, folder);
  const files = [
    ...renderFiles(language, withTls ? target : undefined),
    ...(withTls ? await renderPair(user) : []),
  ];
  const present = files.filter(({ name }) => existsSync(join(target, name)));
  if (present.length > 0) {
    const names = present.map(({ name }) => join(folder, name)).join(", ");
    terminal.complain(`nway-wx: ${names} exists already and is left as it is; name another folder\n`);
    return ExitCode.failed;
  }
  try {
    const isNew = mkdirSync(target, { recursive: true }) !== undefined;
    if (isNew && user !== undefined) chmodSync(target, 0o755);
    for (const file of files) writeNew(join(target, file.name), file, user?.groupId);
  } catch (thrown) {
    terminal.complain(`nway-wx: cannot write into ${folder}: ${messageOf(thrown)}\n`);
    return ExitCode.failed;
  }
  const ini = join(folder, INI_NAME);
  const readers = user === undefined ? "this user and its group" : `this user and ${user.name}`;
  terminal.print(
    `written: ${files.map(({ name }) => join(folder, name)).join(", ")}\n` +
      `the users' passwords and the API's token are in ${ini}, which ${readers} may read\n` +
      `start:   nway-wx serve --config ${ini}\n`,
  );
  return ExitCode.ok;
}

type NewFile = { readonly name: string; readonly text: string; readonly mode: number };

/** @param tlsFolder where the certificate lies, if there is one */
function renderFiles(language: Language, tlsFolder: string | undefined): NewFile[] {
  const tls = tlsFolder && { cert: join(tlsFolder, CERT_NAME), key: join(tlsFolder, KEY_NAME) };
  const contents: FileContents = {
    language,
    reachable: true,
    users: SAMPLE_USERS.map((name) => [name, createSecret(PASSWORD_BYTES)]),
    // Seen from the working directory, which the unit sets to /var/lib/nway-wx.
    given: {
      api: { token: createSecret(TOKEN_BYTES) },
      records: { dir: "records" },
      auth: { key_file: "login-tokens.key" },
      ...(tls && { tls }),
    },
  };
  return [
    // Holds passwords: for its owner and the group that the service is in.
    { name: INI_NAME, text: renderIni(contents), mode: 0o640 },
    { name: XML_NAME, text: renderXml(contents), mode: 0o644 },
    { name: "nway-wx.service", text: SERVICE_UNIT, mode: 0o644 },
  ];
}

const CERT_NAME = "tls.crt";
const KEY_NAME = "tls.key";

/** For every name and address of this machine. */
async function renderPair(user: Wanted["user"]): Promise<NewFile[]> {
  const hosts = listOwnHosts(EVERYWHERE).map((host) => host.replace(/^\[(.*)\]$/, "$1"));
  const { cert, key } = await createSelfSigned(hosts, systemClock.wallMs());
  return [
    { name: CERT_NAME, text: cert, mode: 0o644 },
    // For its owner alone, and where somebody else runs the gateway for the group that this one is in.
    { name: KEY_NAME, text: key, mode: user === undefined ? 0o600 : 0o640 },
  ];
}

const EVERYWHERE = "0.0.0.0";
const OWNER_STAYS = -1;

function writeNew(path: string, { text, mode }: NewFile, groupId: number | undefined): void {
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  if (groupId !== undefined) chownSync(path, OWNER_STAYS, groupId);
  // Not left to the umask.
  chmodSync(path, mode);
}

const PASSWORD_BYTES = 12;
const TOKEN_BYTES = 24;
