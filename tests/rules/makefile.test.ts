import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../config/folder.ts";
import { ROOT } from "./source.ts";

const makefile = readFileSync(join(ROOT, "Makefile"), "utf8");

function runMake(args: readonly string[], cwd: string, path = ""): string {
  const env = { PATH: `${path}:${process.env.PATH}`, LC_ALL: "C" };
  const make = Bun.spawnSync(["make", ...args], { cwd, env });
  if (!make.success) throw new Error(make.stderr.toString());
  return make.stdout.toString();
}

test("make help, which is make's default, tells what each target is for", () => {
  const help = runMake([], ROOT);
  expect(help).toBe(runMake(["help"], ROOT));
  const [, targets = ""] = /^\.PHONY: (.*)$/m.exec(makefile) ?? [];
  expect(targets.split(" ").length).toBeGreaterThan(10);
  const told = [...help.matchAll(/^ {2}make ([a-z-]+) +(\S.*)$/gm)].map(([, target]) => target);
  expect(told.sort()).toEqual(targets.split(" ").sort());
});

/** Stands for npm: packs a file that tells what was asked for, and writes the version into package.json. */
const FAKE_NPM = `#!/bin/sh
echo "$*" >> npm.log
case $1 in
  install) sed -i 's/"bun": ".*"/"bun": "9.8.7"/' package.json ;;
  pack) for word; do case $word in --pack-destination=*) folder=\${word#*=} ;; esac; last=$word; done
    printf %s "$last" > "$folder/packed.tgz" ;;
esac
`;

test("make bump-bun changes the version and each machine's hash, and nothing else", () => {
  using folder = createFolder({
    Makefile: makefile,
    "package.json": '{ "bun": "1.0.0" }\n',
    "bin/npm": FAKE_NPM,
  });
  const read = (name: string) => readFileSync(join(folder.path, name), "utf8");
  chmodSync(join(folder.path, "bin/npm"), 0o755);
  runMake(["bump-bun", "VERSION=9.8.7"], folder.path, join(folder.path, "bin"));
  expect(read("npm.log")).toMatch(/^install --package-lock-only .* bun@9\.8\.7 @types\/bun@9\.8\.7$/m);
  expect(read("package.json")).toBe('{ "bun": "9.8.7" }\n');
  let expected = makefile;
  for (const [machine, packed] of [
    ["linux-x64", "@oven/bun-linux-x64@9.8.7"],
    ["linux-arm64", "@oven/bun-linux-aarch64@9.8.7"],
  ] as const) {
    const hash = createHash("sha512").update(packed).digest("hex");
    expected = expected.replace(new RegExp(`^(SHA512_${machine} *:= )[0-9a-f]{128}$`, "m"), `$1${hash}`);
  }
  expect(read("Makefile")).toBe(expected);
  expect(expected.match(/^SHA512_/gm)).toHaveLength(2);
});

test("make test-freeswitch without an address does not test our own peer in its place", () => {
  using folder = createFolder({ Makefile: makefile, "package.json": "{}" });
  expect(() => runMake(["test-freeswitch"], folder.path)).toThrow("say where your FreeSWITCH is");
});

test("make bump-bun without a version changes nothing", () => {
  using folder = createFolder({ Makefile: makefile, "package.json": '{ "bun": "1.0.0" }\n' });
  expect(() => runMake(["bump-bun"], folder.path)).toThrow("make bump-bun VERSION=x.y.z");
  expect(readFileSync(join(folder.path, "Makefile"), "utf8")).toBe(makefile);
});
