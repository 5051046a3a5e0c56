import { expect, test } from "bun:test";
import { readWelcomeClip } from "../../src/commands/welcome-clip.ts";
import { loadConfig } from "../../src/config/files/load-config.ts";
import { BUILT_IN_CLIP_PATH } from "../../src/media/audio/clips/built-in-clip.ts";
import { createFolder } from "../config/folder.ts";

const INI = "[server]\nwelcome_wav=clip.wav\n";

function read(files: Readonly<Record<string, string | Uint8Array>>) {
  using folder = createFolder({ "conf/nway_wx.ini": INI, ...files });
  return readWelcomeClip(loadConfig({ cwd: folder.path, env: {} }), folder.path);
}

test("a WAV file becomes a clip", async () => {
  const { samples, problems } = read({ "clip.wav": await Bun.file(BUILT_IN_CLIP_PATH).bytes() });
  expect(problems).toEqual([]);
  expect((samples?.length ?? 0) / 16_000).toBeCloseTo(3.6, 1);
});

test("a file that is no WAV is named, and where it is named", () => {
  const { samples, problems } = read({ "clip.wav": "ID3 and so on, an MP3 file" });
  expect(samples).toBeUndefined();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toStartWith(
    "conf/nway_wx.ini:2: [server] welcome_wav: clip.wav can't be played: wav.no-wav",
  );
});

test("a missing file is no second problem, and no file none at all", () => {
  expect(read({})).toEqual({ problems: [] });
  using folder = createFolder();
  expect(readWelcomeClip(loadConfig({ cwd: folder.path, env: {} }), folder.path)).toEqual({ problems: [] });
});
