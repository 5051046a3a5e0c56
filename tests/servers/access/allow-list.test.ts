import { expect, test } from "bun:test";
import { AllowList } from "../../../src/servers/access/allow-list.ts";

test.each<[networks: string[], inside: string[], outside: string[]]>([
  [["127.0.0.0/8"], ["127.0.0.1", "127.9.9.9"], ["128.0.0.1", "::1", "", "localhost"]],
  [
    ["10.1.2.3", "2001:db8::/32"],
    ["10.1.2.3", "2001:db8::7"],
    ["10.1.2.4", "2001:db9::1"],
  ],
  [["0.0.0.0"], ["1.2.3.4", "255.255.255.255", "::1", "2001:db8::1"], ["", "localhost"]],
  [[], [], ["127.0.0.1"]],
])("%j", (networks, inside, outside) => {
  const list = new AllowList(networks);
  expect(inside.filter((address) => !list.has(address))).toEqual([]);
  expect(outside.filter((address) => list.has(address))).toEqual([]);
});

test("grows; a name is passed over", () => {
  const list = new AllowList([]);
  list.add("freeswitch.example");
  list.add("192.0.2.1");
  expect([list.has("192.0.2.1"), list.has("192.0.2.2")]).toEqual([true, false]);
});
