import { errorCodeOf } from "../../errors.ts";

/** SQLSTATE of PostgreSQL, error numbers of MySQL and MariaDB: what the operator does about them. */
const ADVICE: Readonly<Record<string, string>> = {
  "28P01": "wrong user or password in db_string",
  "28000":
    "the server admits no such user from here, or none without TLS (sslmode=require): see its pg_hba.conf",
  "1045": "wrong user or password in db_string, or a user who must use TLS: sslmode=require",
  "1698":
    "the server knows this user by something else than a password, such as unix_socket: give it a password",
  "1044": "this user may not use that database",
  "3D000": "there is no such database",
  "1049": "there is no such database",
  "42P01": "there is no such table; wx_user has the columns user_name and password",
  "1146": "there is no such table; wx_user has the columns user_name and password",
  "42703": "there is no such column",
  "1054": "there is no such column",
  "42501": "this user may not read that table: grant select on it",
  "1142": "this user may not read that table: grant select on it",
  "23505": "the database takes this name for one that is there",
  "1062": "the database takes this name for one that is there",
  "42601": "db_query is not valid SQL",
  "1064": "db_query is not valid SQL",
};

const UNKNOWN_AUTHORITY =
  "nobody known here vouches for the server's certificate: name its authority's file with sslrootcert";

const CODES: Readonly<Record<string, string>> = {
  ERR_POSTGRES_CONNECTION_REFUSED: "nobody listens there: is the database running?",
  ERR_MYSQL_CONNECTION_REFUSED: "nobody listens there: is the database running?",
  ERR_MYSQL_PUBLIC_KEY_RETRIEVAL_NOT_ALLOWED:
    "MySQL 8 wants TLS or a unix socket for this user's password: sslmode=require",
  ERR_POSTGRES_TLS_NOT_AVAILABLE: "the server offers no TLS, which sslmode asks for",
  ERR_MYSQL_AUTHENTICATION_FAILED: "wrong user or password, or no TLS, which sslmode asks for",
  ERR_MYSQL_UNSUPPORTED_AUTH_PLUGIN:
    "the server wants this user's password by a plugin that is not spoken here, such as ed25519: use mysql_native_password",
  "users.no-authority": "the file that sslrootcert names cannot be read",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is not for the host in db_string",
  EACCES: "the file may not be read and written by this user",
  ENOENT: "the folder of the file is not there",
  SQLITE_CANTOPEN: "the file cannot be opened",
  SQLITE_NOTADB: "the file is not a database of SQLite",
  SQLITE_BUSY: "another program holds a lock on the file",
};

/** A failure as the log may tell it: its code and what to do. The driver's own words may hold what it was told. */
export function explainFailure(thrown: unknown): string {
  const code = errorCodeOf(thrown) ?? "no code";
  const number = thrown instanceof Error && "errno" in thrown ? String(thrown.errno) : "";
  const advice = ADVICE[number] ?? CODES[code];
  const named = number === "" || number === "undefined" ? code : `${code} ${number}`;
  return advice === undefined ? named : `${named}: ${advice}`;
}
