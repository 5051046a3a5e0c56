import { expect, test } from "bun:test";
import { findUnexplainedFixtures } from "./fixtures.ts";
import { ROOT, readSources } from "./source.ts";

test("each fixture says how it was made", async () => {
  const paths = [...new Bun.Glob("tests/fixtures/**/*").scanSync({ cwd: ROOT })];
  const readmes = await readSources("tests/fixtures/**/README.md");
  expect(findUnexplainedFixtures(paths, readmes)).toEqual([]);
});

test("a fixture that no README names is caught", () => {
  const paths = [
    "tests/fixtures/ffmpeg/a.bin",
    "tests/fixtures/ffmpeg/b.bin",
    "tests/fixtures/ffmpeg/README.md",
  ];
  const readmes = [
    { path: "tests/fixtures/ffmpeg/README.md", text: "a.bin: recorded with …" },
    { path: "tests/fixtures/other/README.md", text: "b.bin: recorded with …" },
  ];
  expect(findUnexplainedFixtures(paths, readmes)).toEqual(["tests/fixtures/ffmpeg/b.bin"]);
});
