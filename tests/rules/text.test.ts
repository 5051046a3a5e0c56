import { describe, expect, test } from "bun:test";
import { applyRule, type Rule, readCommittedSources, readSources } from "./source.ts";
import {
  checkCommittedText,
  checkFileLength,
  checkFileName,
  checkSourceText,
  checkTestText,
} from "./text.ts";

describe("the tree", () => {
  test("has no file of more than 300 lines, no test of more than 400", async () => {
    expect(applyRule(checkFileLength, await readSources("src/**/*.ts", "tests/**/*.ts"))).toEqual([]);
  });

  test("has names that say something", async () => {
    expect(applyRule(checkFileName, await readSources("src/**/*.ts", "tests/**/*.ts"))).toEqual([]);
  });

  test("has no unfinished work, drifting timer or barrel in its sources", async () => {
    expect(applyRule(checkSourceText, await readSources("src/**/*.ts"))).toEqual([]);
  });

  test("has no test that sleeps for luck or is switched off", async () => {
    expect(applyRule(checkTestText, await readSources("tests/**/*.ts"))).toEqual([]);
  });

  test("names no package registry and no path of one machine", async () => {
    const sources = await readCommittedSources();
    expect(sources.length).toBeGreaterThan(10);
    expect(applyRule(checkCommittedText, sources)).toEqual([]);
  });
});

function row(rule: Rule, path: string, text: string) {
  return { title: `${rule.name} ${path} ${text.trim()}`, rule, path, text };
}

describe("the rules catch", () => {
  const long = "\n".repeat(301);
  const longTest = "\n".repeat(401);

  test.each([
    row(checkFileLength, "src/media/a.ts", long),
    row(checkFileLength, "tests/media/a.test.ts", longTest),
    row(checkFileName, "src/media/utils.ts", ""),
    row(checkFileName, "src/helpers/tag.ts", ""),
    row(checkSourceText, "src/a.ts", "setInterval(run, 20);"),
    row(checkSourceText, "src/a.ts", 'export * from "./b.ts";'),
    row(checkSourceText, "src/a.ts", "export class StreamManager {}"),
    row(checkSourceText, "src/a.ts", "export interface IStream {}"),
    row(checkSourceText, "src/a.ts", `// ${"TO"}DO: finish`),
    row(checkSourceText, "src/a.ts", `// @${"ts"}-ignore`),
    row(checkTestText, "tests/a.test.ts", "await Bun.sleep(10);"),
    row(checkTestText, "tests/a.test.ts", "setTimeout(done, 10);"),
    row(checkTestText, "tests/peers/a.ts", "await new Promise((done) => setTimeout(done, 10));"),
    row(checkTestText, "tests/a.test.ts", `import { setTimeout } from "node:${"timers"}/promises";`),
    row(checkTestText, "tests/a.test.ts", "test.only(name, run);"),
    row(checkTestText, "tests/a.test.ts", "describe.skip(name, run);"),
    row(checkTestText, "tests/a.test.ts", "test.skipIf(true)(name, run);"),
    row(checkTestText, "tests/a.test.ts", "test.todo(name);"),
    row(checkCommittedText, "package-lock.json", `"https://${"registry"}.example.org/zod.tgz"`),
    row(checkCommittedText, ".ci/run", `deb http://${"deb"}.debian.org/debian bookworm main`),
    row(checkCommittedText, "a.md", `see ${"/work"}/main/src`),
    row(checkCommittedText, "a.md", `see ${"/home"}/me/nway-wx`),
  ])("$title", ({ rule, path, text }) => {
    expect(applyRule(rule, [{ path, text }])).toHaveLength(1);
  });

  test.each([
    row(checkFileLength, "src/codecs/g711/decode-table.ts", long),
    row(checkFileLength, "tests/media/a.test.ts", long),
    row(checkSourceText, "src/a.ts", "// setInterval( is not used here\nexport class StreamRegistry {}"),
    row(checkTestText, "tests/peers/wait.ts", "await Bun.sleep(2);"),
    row(checkTestText, "tests/e2e/publisher.ts", "timer = setTimeout(sendNext, dueMs - nowMs);"),
    row(checkTestText, "tests/a.test.ts", 'const said = "test.only(";'),
    row(checkCommittedText, "a.md", "`./work/ is yours; /etc/nway-wx and rtmp://host/home/"),
  ])("not $title", ({ rule, path, text }) => {
    expect(applyRule(rule, [{ path, text }])).toEqual([]);
  });
});
