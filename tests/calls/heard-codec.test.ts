import { expect, test } from "bun:test";
import { chooseHeardCodec } from "../../src/calls/heard-codec.ts";

test.each([
  // appname, pushed, declared, audio_codec → heard
  ["wx", undefined, "G711A", "G711A", "AAC"],
  ["wx", "G711A", "G711A", "AAC", "AAC"],
  [" WeChat ", undefined, undefined, "G711U", "AAC"],
  ["dingding", undefined, "PCMU", "AAC", "AAC"],
  ["DouYin", undefined, "L16", "AAC", "AAC"],
  ["", undefined, "G711A", "G711A", "AAC"],
  ["hd-machine", undefined, "G711A", "AAC", "G711A"],
  ["hd-machine", "AAC", "G711A", "G711A", "AAC"],
  ["hd-machine", "G711U", undefined, "AAC", "G711U"],
  ["hd-machine", "L16", "AAC", "AAC", "L16"],
  ["hd-machine", "OPUS", "G711A", "AAC", "G711A"],
  ["hd-machine", "MP3", undefined, "L16", "L16"],
  ["hd-machine", undefined, undefined, "G711A", "G711A"],
  ["hd-machine", undefined, "", "G711U", "G711U"],
  ["hd-machine", undefined, "opus", "MP3", "AAC"],
  ["camera", undefined, "aac-lc", "G711A", "AAC"],
  ["camera", undefined, "G.711 A-law", "AAC", "G711A"],
  ["camera", undefined, "g711", "AAC", "G711A"],
  ["camera", undefined, "pcma", "AAC", "G711A"],
  ["camera", undefined, "PCMU", "AAC", "G711U"],
  ["camera", undefined, "G.711µ", "AAC", "G711U"],
  ["camera", undefined, "mulaw", "AAC", "G711U"],
  ["camera", undefined, "PCM", "AAC", "L16"],
  ["camera", undefined, "constructor", "G711A", "G711A"],
])("%p pushes %p, declares %p, by default %p: hears %s", (appname, pushed, declared, audio, heard) => {
  const found: string = chooseHeardCodec({ appname, pushed, declared }, { appname: "wechat", audio });
  expect(found).toBe(heard);
});

test("who does not say what it is counts as program_name", () => {
  const listener = { appname: "", pushed: undefined, declared: "G711A" };
  expect(chooseHeardCodec(listener, { appname: "hd-machine", audio: "AAC" })).toBe("G711A");
});
