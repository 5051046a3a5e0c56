import { expect, test } from "bun:test";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { BUILT_IN_CLIP_PATH } from "../../../src/media/audio/clips/built-in-clip.ts";
import { ClipFolder } from "../../../src/servers/http/clip-folder.ts";
import { listOwnHosts } from "../../../src/servers/http/own-hosts.ts";
import { createFolder } from "../../config/folder.ts";

const WAV = readFileSync(BUILT_IN_CLIP_PATH);

test("reads a clip, and again only when it changed", async () => {
  using folder = createFolder({ "a.wav": WAV });
  const clips = new ClipFolder(folder.path);
  const first = await clips.read("a.wav");
  expect("clip" in first && first.clip.length).toBeGreaterThan(16_000);
  expect(await clips.read("a.wav")).toBe(first);
  writeFileSync(join(folder.path, "a.wav"), WAV.subarray(0, 20_044));
  expect(await clips.read("a.wav")).not.toBe(first);
});

test("keeps a few, and forgets those that nobody asked for lately", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `${index}.wav`);
  using folder = createFolder(Object.fromEntries(names.map((name) => [name, WAV])));
  const clips = new ClipFolder(folder.path);
  const reads = [];
  for (const name of names) reads.push(await clips.read(name));
  expect(await clips.read("9.wav")).toBe(reads[9] as never);
  expect(await clips.read("0.wav")).not.toBe(reads[0] as never);
});

test("says what is wrong with the others", async () => {
  using folder = createFolder({ "broken.wav": "no sound", "long.wav": WAV });
  truncateSync(join(folder.path, "long.wav"), 3 * 1024 * 1024);
  const clips = new ClipFolder(folder.path);
  const problemOf = async (name: string) => {
    const read = await clips.read(name);
    return "problem" in read ? read.problem : "none";
  };
  expect(await problemOf("none.wav")).toBe("there is no such clip in the folder of welcome_wav");
  expect(await problemOf("broken.wav")).toStartWith("the clip can't be played: wav.");
  expect(await problemOf("long.wav")).toBe("the clip is longer than 2097152 bytes");
  expect(await problemOf(".")).toBe("there is no such clip in the folder of welcome_wav");
  expect(await new ClipFolder(undefined).read("a.wav")).toEqual({
    problem: "welcome_wav of [server] names no folder for clips",
  });
  expect(existsSync(join(folder.path, "none.wav"))).toBe(false);
});

test("this machine's hosts are where the media server listens, the outer ones first", () => {
  expect(listOwnHosts("192.0.2.7").slice(0, 2)).toEqual(["192.0.2.7", "localhost"]);
  expect(listOwnHosts("::1")[0]).toBe("[::1]");
  const everywhere = listOwnHosts("0.0.0.0");
  expect(everywhere).toContain("127.0.0.1");
  expect(everywhere.join(" ")).not.toContain("fe80");
  const outer = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .some(({ internal }) => !internal);
  expect(everywhere.indexOf("127.0.0.1") > 0).toBe(outer);
});
