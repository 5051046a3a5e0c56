import { Database } from "bun:sqlite";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError, errorCodeOf } from "../errors.ts";
import { FOLDER_MODE } from "./line-file.ts";

/**
 * Keeps a folder for this process: a second one would take the calls under way here for those of a process that died.
 * SQLite's lock is the system's, which lets go of it however a process ends. Throws AppError `records.folder-in-use`,
 * and what else is wrong.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const database = new Database(join(folder, "calls.lock"), { create: true });
  try {
    database.run("BEGIN EXCLUSIVE");
  } catch (thrown) {
    database.close();
    if (errorCodeOf(thrown) !== "SQLITE_BUSY") throw thrown;
    throw new AppError("config", "records.folder-in-use", { folder }, { cause: thrown });
  }
  return { [Symbol.dispose]: () => database.close() };
}
