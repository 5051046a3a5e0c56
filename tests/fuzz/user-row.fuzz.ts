import { AppError } from "../../src/errors.ts";
import { type Row, readUser } from "../../src/users/user-row.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder();

/** A row of a foreign table, or the answer of a login service: whatever its columns hold, a user comes out. */
export const target: FuzzTarget = {
  name: "user-row",
  seeds: [
    '{"user_name":"lihao","password":"1234","enabled":1,"expires_at":"2027-01-01 00:00:00"}',
    '{"user_name":17,"password":null,"enabled":"f","expires_at":1800000000,"max_calls":"2"}',
    '{"user_name":["a"],"password":{},"display_name":"x","forward_to":"1001","openid":"o","max_calls":-1}',
    '{"expires_at":"2027-01-01T00:00:00+08","max_calls":1e999}',
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    const {
      name,
      secret,
      enabled,
      expiresAtMs = 0,
      maxCalls = 0,
    } = readUser(parseRow(decoder.decode(input)));
    if (typeof name !== "string" || typeof enabled !== "boolean") throw new Error(`${name} ${enabled}`);
    if (secret !== undefined && (typeof secret !== "string" || secret === ""))
      throw new Error(`secret ${secret}`);
    if (!Number.isFinite(expiresAtMs)) throw new Error(`ends ${expiresAtMs}`);
    if (!(Number.isInteger(maxCalls) && maxCalls >= 0)) throw new Error(`${maxCalls} calls`);
  },
};

function parseRow(text: string): Row {
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === "object" && row !== null) return { ...row };
  } catch {
    // Told below.
  }
  throw new AppError("peer", "test.no-row");
}
