import { expect, test } from "bun:test";
import { readEnvironment, variableName } from "../../src/config/environment.ts";
import { keyTables } from "../../src/config/keys.ts";

test("every key has a variable", () => {
  for (const [section, keys] of keyTables) {
    for (const key of keys.keys()) {
      const name = variableName(section, key);
      expect(readEnvironment({ [name]: "x" })).toMatchObject({
        entries: [{ section, key, text: "x", origin: name }],
        problems: [],
      });
    }
  }
});

test("users are numbered", () => {
  const { entries } = readEnvironment({ NWAY_WX_USERS_USER12: "a", NWAY_WX_USERS_PASSWORD12: "b" });
  expect(entries.map(({ section, key, text }) => [section, key, text])).toEqual([
    ["users", "user12", "a"],
    ["users", "password12", "b"],
  ]);
});

test("an empty variable counts as absent, other programs' are left alone", () => {
  const environment = { NWAY_WX_SERVER_ADDR: "", NWAY_WX_API_ADDR: undefined, PATH: "/bin", NWAY: "1" };
  expect(readEnvironment(environment)).toMatchObject({ entries: [], problems: [] });
});

test("what Kubernetes tells about a service of our name is left alone, and none of our keys looks so", () => {
  const link = {
    NWAY_WX_SERVICE_HOST: "10.0.0.1",
    NWAY_WX_SERVICE_PORT_SIGNALING: "18123",
    NWAY_WX_PORT: "tcp://10.0.0.1:18123",
    NWAY_WX_PORT_18123_TCP_ADDR: "10.0.0.1",
  };
  expect(readEnvironment(link)).toMatchObject({ entries: [], problems: [] });
});

const REFUSED: [name: string, meant: string][] = [
  ["NWAY_WX_SERVER_ADR", "did you mean NWAY_WX_SERVER_ADDR?"],
  ["NWAY_WX_SERVER_addr", "did you mean NWAY_WX_SERVER_ADDR?"],
  ["NWAY_WX_USERS_USER0", "unknown environment variable"],
  ["NWAY_WX_USERS_user1", "unknown environment variable"],
  ["NWAY_WX_", "unknown environment variable"],
  ["NWAY_WX___PROTO__", "unknown environment variable"],
];
test.each(REFUSED)("%s is refused", (name, meant) => {
  const { problems } = readEnvironment({ [name]: "sesame" });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toStartWith(`${name}: `);
  expect(problems[0]).toContain(meant);
  expect(problems[0]).not.toContain("sesame");
});
