import { expect, test } from "bun:test";
import { parseStreamName } from "../../../src/servers/rtmp/stream-name.ts";

const NAMES = [
  { name: "key", app: "live", key: "key", token: undefined },
  { name: "key?token=t", app: "live", key: "key", token: "t" },
  { name: "key?a=b&token=t%2Fu", app: "live", key: "key", token: "t/u" },
  { name: "/key?token=t", app: "live", key: "key", token: "t" },
  { name: "//key", app: "live", key: "key", token: undefined },
  { name: "sub/key?token=a/b", app: "live", key: "key", token: "a/b" },
  { name: "key", app: "live?token=t", key: "key", token: "t" },
  { name: "key?token=own", app: "live?token=apps", key: "key", token: "own" },
  { name: "key?token=", app: "live", key: "key", token: "" },
  { name: "", app: "live/key?token=t", key: "key", token: "t" },
  { name: "", app: "/live/key", key: "key", token: undefined },
  { name: `${"k".repeat(128)}`, app: "live", key: "k".repeat(128), token: undefined },
  { name: "A-Z_09", app: "", key: "A-Z_09", token: undefined },
];

test.each(NAMES)("$name of $app", ({ name, app, key, token }) => {
  expect(parseStreamName(name, app)).toEqual({ key, token });
});

test.each([
  "",
  "/",
  "?token=t",
  "key/",
  "a b",
  "k%20y",
  "key.flv",
  "..",
  "schlüssel",
  "k".repeat(129),
  "key\n",
])("%j is no stream", (name) => {
  expect(parseStreamName(name, "live")).toBeUndefined();
});
