import type { User } from "./directory.ts";

/** A row as a database gives it, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Columns: user_name and password; where they are there also enabled, expires_at, display_name and so on. */
export function readUser(row: Row): User {
  const expiresAtMs = readTime(row.expires_at);
  const displayName = readText(row.display_name);
  const forwardTo = readText(row.forward_to);
  const openid = readText(row.openid);
  const maxCalls = readCount(row.max_calls);
  return {
    name: nameOf(row),
    secret: readText(row.password),
    enabled: readFlag(row.enabled),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(forwardTo === undefined ? {} : { forwardTo }),
    ...(openid === undefined ? {} : { openid }),
    ...(maxCalls === undefined ? {} : { maxCalls }),
  };
}

export function nameOf(row: Row): string {
  return typeof row.user_name === "string" ? row.user_name : String(row.user_name ?? "");
}

const MAX_TEXT_LENGTH = 1000;

/** Undefined for NULL and for an empty text. */
function readText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") return undefined;
  const text = String(value);
  return text === "" || text.length > MAX_TEXT_LENGTH ? undefined : text;
}

/** NULL, and no such column, stand for yes. */
function readFlag(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  // MySQL's bit(1) comes as a byte.
  if (value instanceof Uint8Array) return value.some((byte) => byte !== 0);
  return ["true", "t", "yes", "y", "on", "1"].includes(String(value).toLowerCase());
}

/** Seconds or milliseconds since 1970, or a time that is UTC where it does not say; what cannot be read is long past. */
function readTime(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value instanceof Date) return readMs(value.getTime());
  const text = String(value);
  if (/^\d{1,16}$/.test(text)) return Number(text) < 1e11 ? Number(text) * 1000 : Number(text);
  const hasZone = /(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text.slice("2027-01-01".length));
  return readMs(Date.parse(hasZone ? text : `${text.replace(" ", "T")}${text.length > 10 ? "Z" : ""}`));
}

function readMs(ms: number): number {
  return Number.isNaN(ms) ? 0 : ms;
}

function readCount(value: unknown): number | undefined {
  const count = value === null || value === "" ? Number.NaN : Number(value);
  return Number.isInteger(count) && count >= 0 ? count : undefined;
}
