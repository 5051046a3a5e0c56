import { DATABASE_TYPES, readDatabaseTarget } from "../../src/config/database-target.ts";
import { AppError } from "../../src/errors.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder();
const SENTENCE = /^(?:is|has|holds|names|begins) [\x20-\x7e…]+$/;

/** `[database] db_string` of each type: a target that is whole, or a sentence that repeats nothing of what it was given. */
export const target: FuzzTarget = {
  name: "database-target",
  seeds: [
    "./db.db3",
    "postgres://nway:p%40ss@[2001:db8::1]:5432/users?sslmode=require",
    "mysql://nway:pass@db.example/users?socket=%2Frun%2Fmysqld.sock",
    "host=/run/postgresql port=5433 dbname=users user=nway password='it\\'s' sslmode=verify-full",
    "pgsql://hostaddr=127.0.0.1 dbname=freeswitch user=a password='' options='-c x=y'",
    "server=127.0.0.1;uid=a;pwd=b;database=c;",
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    const text = decoder.decode(input);
    let takenCount = 0;
    for (const type of DATABASE_TYPES) {
      const read = readDatabaseTarget(type, text);
      if (typeof read === "string") {
        if (!SENTENCE.test(read)) throw new Error(`${type}: ${read}`);
        continue;
      }
      takenCount += 1;
      if (read.kind === "sqlite") continue;
      const isPort = Number.isInteger(read.port) && read.port > 0 && read.port < 65_536;
      if (!isPort || read.user === "" || read.database === "" || read.host === "")
        throw new Error(JSON.stringify(read));
    }
    if (takenCount === 0) throw new AppError("config", "test.refused");
  },
};
