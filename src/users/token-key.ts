import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { AppError, errorCodeOf } from "../errors.ts";

const KEY_BYTES = 32;

/**
 * The key of resume tokens, made where there is none yet; only its owner may read the file.
 * @param path undefined: a key that ends with the process
 * @throws `users.token-key-unusable` (environment)
 */
export function openTokenKey(path: string | undefined): Uint8Array {
  const made = randomBytes(KEY_BYTES);
  if (path === undefined) return made;
  try {
    writeFileSync(path, `${made.toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
    return made;
  } catch (thrown) {
    if (errorCodeOf(thrown) !== "EEXIST") throw unusable(path, errorCodeOf(thrown) ?? "no code");
  }
  return readKey(path);
}

function readKey(path: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
    chmodSync(path, 0o600);
  } catch (thrown) {
    throw unusable(path, errorCodeOf(thrown) ?? "no code");
  }
  const key = Buffer.from(text, "base64url");
  if (key.length !== KEY_BYTES) throw unusable(path, "not a key: remove the file, a new one is made");
  return key;
}

function unusable(path: string, why: string): AppError {
  return new AppError("environment", "users.token-key-unusable", { path, why });
}
