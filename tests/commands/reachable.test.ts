import { expect, test } from "bun:test";
import { toReachable } from "../../src/commands/reachable.ts";

test.each([
  ["0.0.0.0", "127.0.0.1:18123"],
  ["::", "[::1]:18123"],
  ["127.0.0.2", "127.0.0.2:18123"],
  ["10.0.0.5", "10.0.0.5:18123"],
  ["fd00::5", "[fd00::5]:18123"],
  ["gateway.example", "gateway.example:18123"],
])("a listener on %s is reached at %s", (host, reached) => {
  expect(toReachable({ host, port: 18123 })).toBe(reached);
});
