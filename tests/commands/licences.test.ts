import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
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
  for (const name of ["Bun", "BoringSSL", "TinyCC", "uWebSockets", "ICU", "SQLite"])
    expect(names).toContain(name);
  const referred = new Set(notices.flatMap(({ standard }) => standard ?? []));
  expect(Object.keys(STANDARD_TEXTS).sort()).toEqual([...referred].sort());
  const text = renderNotices(notices, STANDARD_TEXTS);
  expect(text).toContain(`  Bun ${Bun.version}: MIT\n`);
  expect(text).toContain("GNU LIBRARY GENERAL PUBLIC LICENSE");
  expect(text).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
});

describe("the bill of materials", () => {
  const text = renderCyclonedx(notices);
  const bill = JSON.parse(text) as {
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

  test("keeps to the schema, in which a licence's id is one that SPDX knows", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    expect(await validator.validate(text)).toBeNull();
    // So that a schema that was not read is noticed.
    expect(await validator.validate(text.replace('"id": "MIT"', '"id": "MIT or so"'))).not.toBeNull();
  });

  test("has each part once, and each is a dependency", () => {
    const refs = bill.components.map((component) => component["bom-ref"]);
    expect(new Set(refs).size).toBe(notices.length - 1);
    expect(bill.dependencies).toEqual([{ ref: "pkg:generic/nway-wx@0.1.0", dependsOn: refs as string[] }]);
  });

  test("names packages by their URLs and licences by id or expression", () => {
    for (const { purl } of bill.components) {
      expect(purl).toMatch(/^pkg:(?:npm|github|generic)\/[a-z0-9%.+_/-]+(?:@[\w.]+)?$/);
    }
    expect(bill.components).toContainEqual(
      expect.objectContaining({
        name: "@nodable/entities",
        purl: expect.stringMatching(/^pkg:npm\/%40nodable\/entities@\d/),
        licenses: [{ license: { id: "MIT" } }],
      }),
    );
    const purlOf = (part: string) => bill.components.find(({ name }) => name === part)?.purl;
    expect(purlOf("Bun")).toBe(`pkg:npm/bun@${Bun.version}`);
    expect(purlOf("SQLite")).toMatch(/^pkg:generic\/sqlite@3\.\d+\.\d+$/);
    expect(purlOf("Brotli")).toBe("pkg:github/google/brotli");
    expect(purlOf("BoringSSL")).toBe("pkg:generic/boringssl");
    const ofCompiler = bill.components.find(({ name }) => name === "LSQUIC");
    expect(ofCompiler?.licenses).toEqual([{ expression: "MIT AND BSD-3-Clause" }]);
    expect(bill.components.find(({ name }) => name === "esl")).not.toHaveProperty("licenses");
  });
});
