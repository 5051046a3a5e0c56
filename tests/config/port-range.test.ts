import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/files/load-config.ts";
import { countPairs, portRange } from "../../src/config/port-range.ts";
import { PortPool } from "../../src/servers/rtp/port-pool.ts";
import { createFolder } from "./folder.ts";

test.each([
  ["10000-15999", { first: 10_000, last: 15_999 }],
  ["1024-1025", { first: 1024, last: 1025 }],
  ["10001-10003", { first: 10_001, last: 10_003 }],
  ["65534-65535", { first: 65_534, last: 65_535 }],
])("%s", (text, range) => {
  expect(portRange.schema.parse(text)).toEqual(range);
});

test.each([
  "",
  "10000",
  "10000-",
  "-10000",
  "10000-10000",
  "10001-10002",
  "1023-2000",
  "15999-10000",
  "65535-65536",
])("%p is refused", (text) => expect(portRange.schema.safeParse(text).success).toBe(false));

test.each(["10000 - 15999", "10000-15999x", "010000-15999", "1e4-2e4", "10000–15999"])(
  "%p is refused too",
  (text) => {
    expect(portRange.schema.safeParse(text).success).toBe(false);
  },
);

test("as many pairs are counted as the pool has", () => {
  for (const first of [12_000, 12_001]) {
    for (let last = first; last < first + 6; last++) {
      const pool = new PortPool({ first, last, chance: () => 0 });
      expect(countPairs({ first, last }), `${first}-${last}`).toBe(pool.size);
    }
  }
});

test.each([
  ["12000-12001", 1],
  ["12001-12003", 1],
  ["12000-12002", 1],
])("check-config counts the calls that %s has room for", (ports, callCount) => {
  using folder = createFolder({
    "a.ini": `[rtp]\nports=${ports}\n[calls]\nmax_calls=2000\n[users]\nuser1=a\npassword1=b\n`,
  });
  const { warnings } = loadConfig({ configFile: "a.ini", cwd: folder.path, env: {} });
  expect(warnings).toEqual([
    `[rtp] ports are enough for ${callCount} calls with telephones, [calls] max_calls is 2000`,
  ]);
});

test("a range without an even port below another one is refused, with what is allowed", () => {
  using folder = createFolder({ "a.ini": "[rtp]\nports=12001-12002\n" });
  const load = () => loadConfig({ configFile: "a.ini", cwd: folder.path, env: {} });
  expect(load).toThrow('a.ini:2: [rtp] ports: found "12001-12002", allowed: first-last, from 1024 to 65535');
});
