import { expect, test } from "bun:test";
import { findUnnamedFolders } from "./readme.ts";
import { readSources } from "./source.ts";

test("README.md names each folder of src", async () => {
  const paths = (await readSources("src/**/*.ts")).map(({ path }) => path);
  const [readme = { path: "README.md", text: "" }] = await readSources("README.md");
  expect(findUnnamedFolders(paths, readme)).toEqual([]);
});

test("a folder that the architecture section leaves out is caught, wherever else it is named", () => {
  const text = "# nway-wx\nsrc/shed/ is new\n## Architecture\n`src/media/`\n## Licence\n";
  const paths = ["src/media/stream.ts", "src/app.ts", "src/shed/tool.ts"];
  expect(findUnnamedFolders(paths, { path: "README.md", text })).toEqual(["src/shed/"]);
});
