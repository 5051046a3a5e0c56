import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/files/load-config.ts";
import { watchUsers } from "../../../src/config/files/watched-users.ts";
import { createFolder } from "../folder.ts";

function open(text: string) {
  const folder = createFolder({ "a.ini": text });
  const path = join(folder.path, "a.ini");
  const load = () => loadConfig({ configFile: path, cwd: "/", env: {} });
  const problems: string[] = [];
  let nowMs = 0;
  const onRefused = (problem: string) => void problems.push(problem);
  const read = watchUsers({ path, first: load(), load, nowMs: () => nowMs, onRefused });
  const later = (ms: number) => {
    nowMs += ms;
    return [...read().keys()];
  };
  return { ...folder, path, problems, later };
}

const users = (...names: string[]) =>
  `[users]\n${names.map((name, index) => `user${index + 1}=${name}\npassword${index + 1}=x\n`).join("")}`;

test("a changed file is read once a second at most, and again when it changes again", () => {
  using file = open(users("lihao"));
  expect(file.later(5_000)).toEqual(["lihao"]);
  writeFileSync(file.path, users("lihao", "dora"));
  expect(file.later(999)).toEqual(["lihao"]);
  expect(file.later(1)).toEqual(["lihao", "dora"]);
  writeFileSync(file.path, users("dora"));
  expect(file.later(1_000)).toEqual(["dora"]);
});

test("a file that is not valid, or gone, leaves the users as they were, and is told once", () => {
  using file = open(users("lihao"));
  writeFileSync(file.path, `${users("dora")}nonsense\n`);
  expect([file.later(1_000), file.later(1_000)]).toEqual([["lihao"], ["lihao"]]);
  expect(file.problems).toEqual([expect.stringContaining("nonsense")]);
});
