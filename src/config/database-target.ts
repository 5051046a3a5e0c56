/** A database, and how it is reached. */
export type DatabaseTarget =
  | { readonly kind: "sqlite"; readonly path: string }
  | {
      readonly kind: "postgresql" | "mysql";
      readonly host: string;
      readonly port: number;
      /** The unix socket, which host and port give way to. */
      readonly socketPath: string | undefined;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      readonly tls: "off" | "encrypted" | "verified";
      /** PEM, of the authority that vouches for the server; undefined: one of the public ones. */
      readonly caFile: string | undefined;
    };

type ServerKind = Exclude<DatabaseTarget["kind"], "sqlite">;

/** The kinds of database as the manual spells them: its comment says posgresql. */
export const DATABASE_TYPES = ["sqlite3", "mysql", "postgresql", "posgresql"] as const;

const PORTS: Readonly<Record<ServerKind, number>> = { postgresql: 5432, mysql: 3306 };

const SCHEMES: Readonly<Record<ServerKind, RegExp>> = {
  postgresql: /^(?:postgres|postgresql|pgsql):\/\//i,
  mysql: /^(?:mysql|mysql2|mariadb):\/\//i,
};

/** What the words of a connection string are called, by libpq, by MariaDB's connector and by people. */
const WORDS: Readonly<Record<string, Name | "ignored">> = {
  ...{
    host: "host",
    hostaddr: "host",
    server: "host",
    port: "port",
    unix_socket: "socket",
    socket: "socket",
  },
  ...{ dbname: "database", database: "database", db: "database" },
  ...{ user: "user", uid: "user", username: "user" },
  ...{ password: "password", pwd: "password", passwd: "password" },
  ...{ sslmode: "sslmode", sslrootcert: "ca", sslca: "ca", ssl_ca: "ca" },
  ...{ options: "ignored", application_name: "ignored", connect_timeout: "ignored" },
  ...{ client_encoding: "ignored", charset: "ignored", target_session_attrs: "ignored" },
};

type Name = "host" | "port" | "socket" | "database" | "user" | "password" | "sslmode" | "ca";
type Parts = Partial<Record<Name, string>>;

/**
 * Reads `db_string`: a file for sqlite3; else a URL, or words as FreeSWITCH takes them, `host=… dbname=…`, perhaps behind a
 * scheme. Returns what is wrong with it, in a sentence that repeats nothing of it but the names of words.
 */
export function readDatabaseTarget(
  type: (typeof DATABASE_TYPES)[number],
  text: string,
): DatabaseTarget | string {
  if (type === "sqlite3") return readFile(text);
  const kind = type === "mysql" ? "mysql" : "postgresql";
  const rest = text.replace(SCHEMES[kind], "");
  const isUrl = rest !== text;
  if (!isUrl && /^\w+:\/\//.test(text)) return `begins with a scheme that is not one of ${type}`;
  const parts = /^\s*\w+\s*=/.test(rest) ? readWords(rest) : isUrl ? readUrl(`${kind}://${rest}`) : FORMS;
  return typeof parts === "string" ? parts : complete(kind, parts);
}

const FORMS =
  "is neither a URL such as postgres://user:password@host/database nor words such as host=… dbname=… user=… password=…";

function readFile(text: string): DatabaseTarget | string {
  const path = text.replace(/^(?:sqlite3?|file):(?:\/\/)?/i, "");
  if (/^\w+:\/\//.test(path)) return "is the URL of a server; for sqlite3 name a file such as ./db.db3";
  return path === "" || path === ":memory:" ? "names no file" : { kind: "sqlite", path };
}

function readUrl(text: string): Parts | string {
  const url = URL.parse(text);
  if (url === null) return "is not a valid URL; write %40 for an @ in a password, %2F for a slash";
  const parts: Parts = {};
  try {
    const [user, password] = [url.username, url.password].map(decodeURIComponent);
    const database = decodeURIComponent(url.pathname.slice(1));
    const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, "");
    Object.assign(parts, { user, password, database, host, port: url.port });
  } catch {
    return "holds a % that is not followed by two hexadecimal digits; write %25 for it";
  }
  for (const [word, value] of url.searchParams) {
    const problem = setPart(parts, word, value);
    if (problem !== undefined) return problem;
  }
  return parts;
}

/** `word=value`, separated by blanks or semicolons; values in single quotes may hold either, and \\ before a quote. */
const PAIR = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s;']*))\s*(?:;|(?=\s)|$)/y;

function readWords(text: string): Parts | string {
  const parts: Parts = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length && text.slice(PAIR.lastIndex).trim() !== "") {
    const pair = PAIR.exec(text);
    if (pair === null) return "is not made of word=value pairs; put values with blanks into 'single quotes'";
    const [, word = "", quoted, plain = ""] = pair;
    const problem = setPart(parts, word, quoted?.replace(/\\(.)/g, "$1") ?? plain);
    if (problem !== undefined) return problem;
  }
  return parts;
}

function setPart(parts: Parts, word: string, value: string): string | undefined {
  const name = Object.hasOwn(WORDS, word.toLowerCase()) ? WORDS[word.toLowerCase()] : undefined;
  if (name === undefined) {
    return "holds a word that is not known; known are host, port, dbname, user, password, sslmode, sslrootcert and unix_socket";
  }
  if (name !== "ignored") parts[name] = value;
  return undefined;
}

const TLS_MODES: Readonly<Record<string, "off" | "encrypted" | "verified">> = {
  ...{ disable: "off", allow: "off", prefer: "off", require: "encrypted" },
  ...{ "verify-ca": "verified", "verify-full": "verified" },
};

function complete(kind: ServerKind, parts: Parts): DatabaseTarget | string {
  const { host: named, socket, user = "", password = "", database = "", ca } = parts;
  // Whoever names an authority wants the certificate looked at, as libpq does with `require` then.
  const sslmode = parts.sslmode ?? (ca ? "verify-full" : "disable");
  const host = named || "127.0.0.1";
  const port = parts.port ? Number(parts.port) : PORTS[kind];
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return "has a port that is not one";
  if (user === "") return "names no user; add user=…";
  if (database === "") return "names no database; add dbname=…";
  const tls = Object.hasOwn(TLS_MODES, sslmode) ? TLS_MODES[sslmode] : undefined;
  if (tls === undefined) return `has an sslmode that is not one of ${Object.keys(TLS_MODES).join(", ")}`;
  const isFolder = host.startsWith("/");
  const ofFolder = kind === "postgresql" ? `${host}/.s.PGSQL.${port}` : host;
  return {
    ...{
      kind,
      host: isFolder ? "localhost" : host,
      port,
      socketPath: socket ?? (isFolder ? ofFolder : undefined),
    },
    ...{
      user,
      password,
      database,
      tls: ca && tls === "encrypted" ? "verified" : tls,
      caFile: ca || undefined,
    },
  };
}
