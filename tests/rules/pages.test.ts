import { describe, expect, test } from "bun:test";
import { Cause } from "../../src/calls/causes.ts";
import { decodeFrame, encodeRequest, encodeResponse } from "../../src/protocols/signaling/codec.ts";
import { CloseCode, Code } from "../../src/protocols/signaling/codes.ts";
import { EVENTS, METHODS } from "../../src/protocols/signaling/message.ts";
import { CallRecord, RecordedMedia } from "../../src/records/call-record.ts";
import { CallView, StreamView } from "../../src/servers/http/views.ts";
import { checkChinesePunctuation, checkLinks, listHeadings, outline, renderContents } from "./pages.ts";
import { applyRule, readCommittedSources, readSources, type Source } from "./source.ts";

const sources = await readCommittedSources();
const pages = sources.filter(({ path }) => path.endsWith(".md"));
const find = (path: string) => pages.find((page) => page.path === path);

/** Each English page with its Chinese one. */
const pairs = pages.flatMap((page): (readonly [english: Source, chinese: string])[] => {
  const { path } = page;
  if (path.startsWith("docs/en/")) return [[page, path.replace("docs/en/", "docs/zh/")]];
  return /^(?:README|\.github\/CONTRIBUTING)\.md$/.test(path)
    ? [[page, path.replace(/md$/, "zh-CN.md")]]
    : [];
});

describe("the papers", () => {
  test.each(["README.md", "README.zh-CN.md"])("%s has at most 200 lines", (path) => {
    expect(find(path)?.text.split("\n").length).toBeLessThanOrEqual(201);
  });

  test("are the same pages with the same chapters and examples in both languages", () => {
    expect(pairs.length).toBeGreaterThan(12);
    const chinese = pages.filter(({ path }) => path.startsWith("docs/zh/") || path.endsWith(".zh-CN.md"));
    expect(pairs.map(([, path]) => path).sort()).toEqual(chinese.map(({ path }) => path).sort());
    for (const [english, path] of pairs) {
      const other = find(path) ?? { path, text: "" };
      expect(outline(other), path).toEqual(outline(english));
    }
  });

  test("have no link that leads nowhere", () => {
    const files = new Set(sources.flatMap(({ path }) => [path, path.slice(0, path.lastIndexOf("/"))]));
    const broken = applyRule((page) => checkLinks(page, pages, files), pages);
    expect(broken).toEqual([]);
  });

  test("are written with full-width punctuation in Chinese", () => {
    const chinese = pages.filter(({ path }) => /^docs\/zh\/|\.zh-CN\.md$/.test(path));
    expect(applyRule(checkChinesePunctuation, chinese)).toEqual([]);
  });

  test("name log events that the sources write", async () => {
    const code = (await readSources("src/**/*.ts")).map(({ text }) => text).join("\n");
    const events = find("docs/en/troubleshooting.md")?.text.split("## Log events")[1] ?? "";
    const names = [...events.matchAll(/`([a-z]+\.[A-Za-z_-]+)`/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(30);
    // What all listeners log begins with the name of each.
    const isWritten = (name: string) =>
      code.includes(`"${name}"`) ||
      code.includes(`.name}.${name.split(".")[1]}\``) ||
      (name.startsWith("call.") && code.includes(`"${name.slice(5)}"`));
    expect(names.filter((name) => !isWritten(name))).toEqual([]);
  });

  test.each(["docs/en", "docs/zh"])("%s names every warning and error that is logged", async (folder) => {
    const code = (await readSources("src/**/*.ts")).map(({ text }) => text).join("\n");
    const logged = [...code.matchAll(/\blog\.(?:warn|error)\(\s*"([a-z]+\.[a-z-]+)"/g)].map(
      ([, name = ""]) => name,
    );
    expect(logged.length).toBeGreaterThan(30);
    const text = find(`${folder}/troubleshooting.md`)?.text ?? "";
    expect(logged.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  test.each(["docs/en", "docs/zh"])(
    "%s/client.md names every method, event, code, cause and close code",
    (folder) => {
      const text = find(`${folder}/client.md`)?.text ?? "";
      const names = [...METHODS, ...EVENTS, ...Object.values(Code), ...Object.values(Cause)];
      expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
      expect(Object.values(CloseCode).filter((code) => !text.includes(`\n| ${code} `))).toEqual([]);
    },
  );

  test.each(["docs/en", "docs/zh"])(
    "%s names every member of a record and of what the API shows",
    (folder) => {
      const records = find(`${folder}/records.md`)?.text ?? "";
      const api = find(`${folder}/api.md`)?.text ?? "";
      const members = Object.keys({ ...CallRecord.shape, ...RecordedMedia.shape });
      expect(members.filter((name) => !records.includes(`\`${name}\``))).toEqual([]);
      const shown = Object.keys({ ...CallView.shape, ...StreamView.shape });
      expect(shown.filter((name) => !new RegExp(`\\b${name}\\b`).test(api))).toEqual([]);
    },
  );

  test("show messages as the gateway reads and writes them", () => {
    const examples = [...(find("docs/en/client.md")?.text.matchAll(/^\{"type".*\}$/gm) ?? [])].map(
      ([line]) => line,
    );
    expect(examples.length).toBeGreaterThan(20);
    for (const line of examples) {
      const frame = decodeFrame(line);
      if (frame === undefined || frame.type === "misfit") throw new Error(`not a message: ${line}`);
      if (!line.includes('"appname":"fs"')) continue;
      const again =
        frame.type === "request"
          ? encodeRequest(frame)
          : encodeResponse({ echo: frame, data: { callee_audio: "", ...frame.data } });
      expect(JSON.parse(again)).toEqual(JSON.parse(line));
    }
  });
});

test("a page's contents link to its chapters", () => {
  const page =
    "# Page\n\n<!-- contents -->\n\nold\n\n## Who pushes?\n\n```sh\n## no\n```\n\n## [server]\n\n### Not this\n";
  const expected = page.replace("old", "On this page: [Who pushes?](#who-pushes) · [\\[server\\]](#server)");
  expect(renderContents(page, "en")).toBe(expected);
  expect(listHeadings(page).map(({ level }) => level)).toEqual([1, 2, 2, 3]);
});

test.each(["[x](no.md)", "[x](b.md#nothing)", "[x](#nothing)"])("%s leads nowhere", (text) => {
  const all = [
    { path: "docs/a.md", text },
    { path: "docs/b.md", text: "# B\n" },
  ];
  const files = new Set(all.map(({ path }) => path));
  expect(applyRule((page) => checkLinks(page, all, files), all)).toHaveLength(1);
});

test.each(["网关,电话", "网关(电话)", "网关:电话", "端口:1935", "网关.\n"])("%s is half-width", (text) => {
  expect(applyRule(checkChinesePunctuation, [{ path: "a.zh-CN.md", text }])).not.toEqual([]);
});

test.each(["网关，电话", "1,004 Hz", "`主机:端口`", "见[电话](b.md#电话)。", "网关 127.0.0.1:80"])(
  "%s is well",
  (text) => {
    expect(applyRule(checkChinesePunctuation, [{ path: "a.zh-CN.md", text }])).toEqual([]);
  },
);
