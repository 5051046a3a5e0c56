import { describe, expect, test } from "bun:test";
import { findUnnamedFolders } from "./architecture-page.ts";
import { renderLayerRow } from "./layer-row.ts";
import { countRoomChanges } from "./render-ways.ts";
import { readCommittedSources, readSources } from "./source.ts";
import { WAYS } from "./ways.ts";

const sources = await readSources("src/**/*.ts");

describe("the architecture page", () => {
  test.each(["docs/en/architecture.md", "docs/zh/architecture.md"])(
    "%s names each folder of src",
    async (path) => {
      const [page = { path, text: "" }] = await readSources(path);
      const paths = sources.map((source) => source.path);
      expect(findUnnamedFolders(paths, page)).toEqual([]);
    },
  );

  test("names no file that is not there", async () => {
    const pages = await readSources("docs/*/*.md", ".github/*.md");
    const files = (await readCommittedSources()).map(({ path }) => path);
    const isThere = (name: string) => files.some((path) => path === name || path.startsWith(`${name}/`));
    const named = pages.flatMap(({ text }) => [...text.matchAll(/`((?:src|tests)\/[\w./-]*\w)\/?`/g)]);
    expect(named.length).toBeGreaterThan(40);
    expect(named.map(([, name = ""]) => name).filter((name) => !isThere(name))).toEqual([]);
  });

  test.each(WAYS)(
    "$title.en: its files are there, its changes of room are counted",
    ({ steps, maxRoomChanges }) => {
      const paths = new Set(sources.map(({ path }) => path));
      expect(steps.map(([path]) => `src/${path}`).filter((path) => !paths.has(path))).toEqual([]);
      expect(countRoomChanges({ steps })).toBeLessThanOrEqual(maxRoomChanges);
    },
  );
});

test("a folder that the page leaves out is caught", () => {
  const paths = ["src/media/stream.ts", "src/app.ts", "src/shed/tool.ts"];
  expect(findUnnamedFolders(paths, { path: "a.md", text: "| `src/media/` | streams |\n" })).toEqual([
    "src/shed/",
  ]);
});

test("a room stands to the right of what it may import, and a circle is refused", () => {
  const layers = [
    { at: "app", layers: ["errors", "servers"] },
    { at: "servers/rtp", layers: ["errors"] },
    { at: "servers", layers: ["errors", "servers"] },
    { at: "errors", layers: [] },
    { at: "bytes", layers: [] },
  ];
  expect(renderLayerRow(layers)).toBe("`bytes, errors ← servers ← app`\n");
  const circle = [
    { at: "media", layers: ["calls"] },
    { at: "calls", layers: ["media"] },
  ];
  expect(() => renderLayerRow(circle)).toThrow("circle");
});

test("a change of room is a step into another folder, two deep", () => {
  const paths = [
    "servers/rtmp/a.ts",
    "servers/rtmp/b.ts",
    "media/c.ts",
    "media/audio/playout/d.ts",
    "media/audio/e.ts",
  ];
  expect(countRoomChanges({ steps: paths.map((path) => [path, "", ""] as const) })).toBe(2);
});
