import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "./source.ts";

/** Code that biome.json must refuse; each row is written to a file of its own and all are linted in one run. */
const REFUSED = [
  ["suspicious/noExplicitAny", "src/any.ts", "export const a: any = 1;"],
  ["style/noNonNullAssertion", "src/bang.ts", "const a: string[] = [];\nexport const b = a[0]!.length;"],
  ["style/noDefaultExport", "src/default.ts", "export default 1;"],
  ["style/useFilenamingConvention", "src/Not_kebab.ts", "export const a = 1;"],
  ["nursery/noFloatingPromises", "src/floating.ts", "async function f(): Promise<void> {}\nf();"],
  [
    "suspicious/noImportCycles",
    "src/cycle-a.ts",
    'import { b } from "./cycle-b.ts";\nexport const a = b + 1;',
  ],
  [
    "suspicious/noImportCycles",
    "src/cycle-b.ts",
    'import { a } from "./cycle-a.ts";\nexport const b = a + 1;',
  ],
  [
    "complexity/noExcessiveLinesPerFunction",
    "src/long.ts",
    `export function f() {\n${"  g();\n".repeat(61)}}`,
  ],
  ["suspicious/noFocusedTests", "tests/only.test.ts", "test.only(a, b);"],
  ["suspicious/noSkippedTests", "tests/skip.test.ts", "test.skip(a, b);"],
] as const;

const Report = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
});

describe("biome.json refuses", () => {
  let folder = "";
  let refusals: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nway-wx-lint-"));
    await cp(join(ROOT, "biome.json"), join(folder, "biome.json"));
    for (const [, path, text] of REFUSED) await Bun.write(join(folder, path), text);
    const biome = Bun.spawnSync(
      [join(ROOT, "node_modules/.bin/biome"), "lint", "--vcs-enabled=false", "--reporter=json", "."],
      { cwd: folder, stderr: "ignore" },
    );
    const report = Report.parse(JSON.parse(biome.stdout.toString()));
    refusals = report.diagnostics.map(({ category, location }) => `${location.path} ${category}`);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(REFUSED)("%s in %s", (rule, path) => {
    expect(refusals).toContain(`${path} lint/${rule}`);
  });
});
