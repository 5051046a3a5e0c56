import { expect, test } from "bun:test";
import { checkLayers } from "./layers.ts";
import { applyRule, readSources } from "./source.ts";

test("imports point one way, and the runtime and the time stay where they belong", async () => {
  const sources = await readSources("src/**/*.ts");
  expect(sources.length).toBeGreaterThan(5);
  expect(applyRule(checkLayers, sources)).toEqual([]);
});

test.each([
  ["src/bytes/a.ts", 'import { b } from "../codecs/b.ts";', "bytes may not import codecs"],
  ["src/media/a.ts", 'import type { Tag } from "../protocols/flv/tag.ts";', "media may not import protocols"],
  ["src/media/a.ts", 'export { b } from "../servers/b.ts";', "media may not import servers"],
  ["src/media/a.ts", 'const b = await import("../app.ts");', "media may not import app"],
  [
    "src/media/a.ts",
    'import {\n  type Tag,\n} from "../protocols/tag.ts";',
    "media may not import protocols",
  ],
  ["src/calls/a.ts", 'import { b } from "../servers/rtmp/b.ts";', "calls may not import servers"],
  ["src/servers/a.ts", 'import { b } from "../app.ts";', "servers may not import app"],
  ["src/protocols/rtmp/a.ts", 'import { log } from "../../log.ts";', "protocols may not import log"],
  ["src/protocols/rtmp/a.ts", 'import "node:crypto";', "protocols may not import node:crypto"],
  ["src/protocols/rtmp/a.ts", 'import { z } from "zod";', "protocols may not import the package zod"],
  ["src/media/a.ts", 'import { Hono } from "hono/tiny";', "media may not import the package hono"],
  ["src/media/a.ts", 'import { b } from "./b";', "./b needs its extension"],
  ["src/codecs/a.ts", "const a = Bun.hash(b);", "codecs may not touch the runtime"],
  ["src/codecs/a.ts", "const a = Math.random();", "codecs takes chance as an argument"],
  ["src/calls/a.ts", "const a = Date.now();", "take the time from Clock"],
  ["src/servers/rtmp/a.ts", "setTimeout(end, 10);", "take the time from Clock"],
  ["src/shed/a.ts", "", "is in no layer of tests/rules/layers.ts"],
])("%s: %s", (path, text, problem) => {
  expect(applyRule(checkLayers, [{ path, text }])).toEqual([`${path}:1 ${problem}`]);
});

test.each([
  ["src/protocols/signaling/a.ts", 'import { z } from "zod";'],
  ["src/protocols/signaling/a.ts", 'import { b } from "../websocket/b.ts";'],
  ["src/servers/http/a.ts", 'import { Hono } from "hono";\nimport { b } from "../b.ts";'],
  ["src/servers/rtmp/a.ts", 'import { b } from "../../media/b.ts";\nBun.listen(c);'],
  ["src/codecs/a.ts", '// Date.now() and Bun. in a comment\nconst a = "Bun.hash(import(\\"x\\"))";'],
  ["src/media/a.ts", "const at = new Date(wallMs);"],
])("%s may: %s", (path, text) => {
  expect(applyRule(checkLayers, [{ path, text }])).toEqual([]);
});
