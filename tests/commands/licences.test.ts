import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { renderCyclonedx } from "../../src/commands/licences/cyclonedx.ts";
import { listNotices, STANDARD_TEXTS } from "../../src/commands/licences/notices.ts";
import { renderNotices } from "../../src/commands/licences/render-notices.ts";
import { ROOT } from "../rules/source.ts";

const notices = listNotices();
const names = notices.map(({ name }) => name);

/** Of the files that the compiler really puts into the executable. */
async function findBundledPackages(): Promise<string[]> {
  const built = await Bun.build({
    entrypoints: [join(ROOT, "src/main.ts")],
    target: "bun",
    metafile: true,
  });
  const files = Object.keys(built.metafile?.inputs ?? {});
  const packages = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  return [...new Set(packages)].sort();
}

test("every package in the executable is named, with its licence", async () => {
  const bundled = await findBundledPackages();
  expect(bundled).toContain("hono");
  expect(bundled.filter((name) => !names.includes(name))).toEqual([]);
  expect(names[0]).toBe("nway-wx");
  for (const { name, text } of notices) expect([name, text.length > 20]).toEqual([name, true]);
  const undeclared = notices.filter(({ licence }) => licence === undefined).map(({ name }) => name);
  expect(undeclared).toEqual(["esl"]);
});

test("Bun and what it links is named, and whatever a text refers to is there whole", () => {
  for (const name of ["Bun", "BoringSSL", "TinyCC", "uWebSockets", "ICU"]) expect(names).toContain(name);
  const referred = new Set(notices.flatMap(({ standard }) => standard ?? []));
  expect(Object.keys(STANDARD_TEXTS).sort()).toEqual([...referred].sort());
  const text = renderNotices(notices, STANDARD_TEXTS);
  expect(text).toContain(`  Bun ${Bun.version}: MIT\n`);
  expect(text).toContain("GNU LIBRARY GENERAL PUBLIC LICENSE");
  expect(text).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
});

describe("the bill of materials", () => {
  const bill = JSON.parse(renderCyclonedx(notices)) as {
    readonly components: readonly Record<string, unknown>[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  };

  test("is CycloneDX 1.5, about the gateway", () => {
    expect(bill).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      version: 1,
      metadata: { component: { type: "application", name: "nway-wx", purl: "pkg:generic/nway-wx@0.1.0" } },
    });
  });

  test("has each part once, and each is a dependency", () => {
    const refs = bill.components.map((component) => component["bom-ref"]);
    expect(new Set(refs).size).toBe(notices.length - 1);
    expect(bill.dependencies).toEqual([{ ref: "pkg:generic/nway-wx@0.1.0", dependsOn: refs as string[] }]);
  });

  test("names packages by their URLs and licences by id or expression", () => {
    expect(bill.components).toContainEqual(
      expect.objectContaining({
        name: "@nodable/entities",
        purl: expect.stringMatching(/^pkg:npm\/%40nodable\/entities@\d/),
        licenses: [{ license: { id: "MIT" } }],
      }),
    );
    const ofCompiler = bill.components.find(({ name }) => name === "LSQUIC");
    expect(ofCompiler?.licenses).toEqual([{ expression: "MIT AND BSD-3-Clause" }]);
    expect(bill.components.find(({ name }) => name === "esl")).not.toHaveProperty("licenses");
  });
});
