import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

type PackageJson = {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
  readonly dependencies?: Readonly<Record<string, string>>;
};

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:\.(?:md|txt))?$/i;

/** src/commands/licences/packages.json: the gateway and every package that is compiled into it, each with its licence. */
export function renderPackages(root: string): string {
  const own = readPackage(root);
  const found = new Map<string, string>();
  collect(root, own, found);
  const folders = [
    root,
    ...[...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, folder]) => folder),
  ];
  return `${JSON.stringify(folders.map(describe), undefined, 2)}\n`;
}

function collect(root: string, { dependencies = {} }: PackageJson, found: Map<string, string>): void {
  for (const name of Object.keys(dependencies)) {
    if (found.has(name)) continue;
    const folder = join(root, "node_modules", name);
    found.set(name, folder);
    collect(root, readPackage(folder), found);
  }
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
}

function describe(folder: string) {
  const { name, version, license, homepage, repository } = readPackage(folder);
  const source = typeof repository === "string" ? repository : repository?.url;
  const url =
    homepage ??
    source?.replace(/^git(?:\+https)?:|\.git$/g, (part) => (part === ".git" ? "" : "https:")) ??
    null;
  return { name, version, licence: license ?? null, url, text: readLicence(folder) ?? withoutText(license) };
}

function readLicence(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => LICENCE_FILE.test(name));
  return file === undefined ? undefined : readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
}

function withoutText(licence: string | undefined): string {
  if (licence === undefined) return "The package has no text of a licence, and its package.json names none.";
  return `The package has no text of a licence. Its package.json says: ${licence}.`;
}
