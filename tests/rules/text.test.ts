import { describe, expect, test } from "bun:test";
import { applyRule, readCommittedSources, readSources } from "./source.ts";
import {
  checkCommittedText,
  checkFileLength,
  checkFileName,
  checkSourceText,
  checkTestText,
} from "./text.ts";

describe("the tree", () => {
  test("has no file of more than 400 lines", async () => {
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

describe("the rules catch", () => {
  const lines = "\n".repeat(401);

  test.each([
    [checkFileLength, "src/media/a.ts", lines],
    [checkFileName, "src/media/utils.ts", ""],
    [checkFileName, "src/helpers/tag.ts", ""],
    [checkSourceText, "src/a.ts", "setInterval(run, 20);"],
    [checkSourceText, "src/a.ts", 'export * from "./b.ts";'],
    [checkSourceText, "src/a.ts", "export class StreamManager {}"],
    [checkSourceText, "src/a.ts", "export interface IStream {}"],
    [checkSourceText, "src/a.ts", `// ${"TO"}DO: finish`],
    [checkSourceText, "src/a.ts", `// @${"ts"}-ignore`],
    [checkTestText, "tests/a.test.ts", "await Bun.sleep(10);"],
    [checkTestText, "tests/a.test.ts", "await new Promise((done) => setTimeout(done, 10));"],
    [checkTestText, "tests/a.test.ts", `import { setTimeout } from "node:${"timers"}/promises";`],
    [checkTestText, "tests/a.test.ts", "test.only(name, run);"],
    [checkTestText, "tests/a.test.ts", "describe.skip(name, run);"],
    [checkTestText, "tests/a.test.ts", "test.skipIf(true)(name, run);"],
    [checkTestText, "tests/a.test.ts", "test.todo(name);"],
    [checkCommittedText, "package-lock.json", `"https://${"registry"}.example.org/zod.tgz"`],
    [checkCommittedText, ".ci/run", `deb http://${"deb"}.debian.org/debian bookworm main`],
    [checkCommittedText, "a.md", `see ${"/work"}/main/src`],
    [checkCommittedText, "a.md", `see ${"/home"}/me/nway-wx`],
  ])("%p in %s: %p", (rule, path, text) => {
    expect(applyRule(rule, [{ path, text }])).toHaveLength(1);
  });

  test.each([
    [checkFileLength, "src/codecs/g711/decode-table.ts", lines],
    [checkSourceText, "src/a.ts", "// setInterval( is not used here\nexport class StreamRegistry {}"],
    [checkTestText, "tests/peers/wait.ts", "await Bun.sleep(2);"],
    [checkTestText, "tests/a.test.ts", 'const said = "test.only(";'],
    [checkCommittedText, "a.md", "`./work/ is yours; /etc/nway-wx and rtmp://host/home/"],
  ])("no more: %p in %s", (rule, path, text) => {
    expect(applyRule(rule, [{ path, text }])).toEqual([]);
  });
});
