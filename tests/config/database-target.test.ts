import { describe, expect, test } from "bun:test";
import { readDatabaseTarget } from "../../src/config/database-target.ts";

const SERVER = {
  kind: "postgresql",
  host: "10.0.0.5",
  port: 5432,
  socketPath: undefined,
  tls: "off",
  caFile: undefined,
} as const;
const LOGIN = { user: "nway", password: "p w'", database: "fs" } as const;

describe("sqlite3", () => {
  test.each(["./db.db3", "sqlite://./db.db3", "file:./db.db3"])("%s", (text) => {
    expect(readDatabaseTarget("sqlite3", text)).toEqual({ kind: "sqlite", path: "./db.db3" });
  });
  test.each(["", ":memory:", "postgres://u@h/d"])("%p is no file", (text) => {
    expect(typeof readDatabaseTarget("sqlite3", text)).toBe("string");
  });
});

describe("servers", () => {
  test.each([
    ["postgresql", "postgres://nway:p%20w'@10.0.0.5/fs", {}],
    ["posgresql", "postgresql://nway:p%20w'@10.0.0.5:5433/fs", { port: 5433 }],
    ["postgresql", "host=10.0.0.5 dbname=fs user=nway password='p w\\''", {}],
    [
      "postgresql",
      "pgsql://hostaddr=10.0.0.5 dbname=fs user=nway password='p w\\'' options='-c client_min_messages=NOTICE'",
      {},
    ],
    [
      "postgresql",
      "host=10.0.0.5 port=5433 dbname=fs user=nway password='p w\\'' sslmode=require",
      { port: 5433, tls: "encrypted" },
    ],
    ["postgresql", "postgres://nway:p%20w'@10.0.0.5/fs?sslmode=verify-full", { tls: "verified" }],
    [
      "postgresql",
      "postgres://nway:p%20w'@10.0.0.5/fs?sslmode=require&sslrootcert=/etc/ca.pem",
      { tls: "verified", caFile: "/etc/ca.pem" },
    ],
    [
      "mysql",
      "host=10.0.0.5 dbname=fs user=nway password='p w\\'' ssl_ca=./ca.pem",
      { kind: "mysql", port: 3306, tls: "verified", caFile: "./ca.pem" },
    ],
    [
      "postgresql",
      "host=/run/postgresql dbname=fs user=nway password='p w\\''",
      { host: "localhost", socketPath: "/run/postgresql/.s.PGSQL.5432" },
    ],
    ["postgresql", "postgres://nway:p%20w'@[2001:db8::1]/fs", { host: "2001:db8::1" }],
    ["mysql", "mysql://nway:p%20w'@10.0.0.5/fs", { kind: "mysql", port: 3306 }],
    [
      "mysql",
      "mariadb://Server=10.0.0.5;Port=3307;Database=fs;Uid=nway;Pwd='p w\\'';",
      { kind: "mysql", port: 3307 },
    ],
    [
      "mysql",
      "unix_socket=/run/mysqld/mysqld.sock database=fs user=nway password='p w\\''",
      { kind: "mysql", host: "127.0.0.1", port: 3306, socketPath: "/run/mysqld/mysqld.sock" },
    ],
  ] as const)("%s %s", (type, text, more) => {
    expect(readDatabaseTarget(type, text)).toEqual({ ...SERVER, ...LOGIN, ...more });
  });
});

describe("what is wrong is said without saying what was there", () => {
  test.each([
    ["postgresql", "./db.db3"],
    ["postgresql", "mysql://hidden:hidden@h/d"],
    ["postgresql", "postgres://hidden:hidden/x@h/d"],
    ["postgresql", "postgres://hidden:hid%den@h/d"],
    ["postgresql", "postgres://hidden:hidden@h"],
    ["postgresql", "host=h dbname=d password=hidden"],
    ["postgresql", "host=h dbname=d user=u password=hidden secret=hidden"],
    ["postgresql", "host=h dbname=d user=u password='hidden"],
    ["postgresql", "host=h dbname=d user=u password=hid den"],
    ["postgresql", "host=h port=99999 dbname=d user=u"],
    ["mysql", "host=h dbname=d user=u sslmode=hidden"],
    ["mysql", "host=h constructor=hidden"],
    ["mysql", "hidden:hidden:hidden"],
  ] as const)("%s %s", (type, text) => {
    const problem = readDatabaseTarget(type, text);
    expect(problem).toBeString();
    expect(problem).not.toContain("hidden");
  });
});
