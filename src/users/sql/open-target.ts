import type { DatabaseTarget } from "../../config/database-target.ts";
import { type Database, openDatabase } from "./database.ts";
import { createOwnTable } from "./table.ts";

/** A pool that is ready for use: a file of SQLite has its table then. */
export async function openTarget(target: DatabaseTarget): Promise<Database> {
  const database = openDatabase(target);
  if (database.kind === "sqlite") await createOwnTable(database);
  return database;
}
