import { join } from "node:path";
import type { Terminal } from "../../../src/commands/command.ts";
import { runCommand } from "../../../src/commands/run.ts";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { makeFormat, makeWav } from "../../codecs/pcm/wav-file.ts";
import { createFolder } from "../../config/folder.ts";
import { findPorts } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { BASE, type Ini, mergeInis, PASSWORD } from "../running-app.ts";
import { shareOfTone } from "./heard-sound.ts";
import type { Row } from "./row.ts";

const TONE_HZ = 1250;
const SAMPLE_RATE = 8000;

/** What the command `serve` does with the settings before the gateway starts. */
export const serveRows: readonly Row[] = [
  {
    setting: "log.level",
    value: "error",
    observe: (ini) => serve(ini, ({ log }) => Promise.resolve(/ info listen /.test(log()))),
    sees: false,
  },
  {
    setting: "server.welcome_wav",
    value: "tone.wav",
    observe: (ini) =>
      serve(ini, async ({ log }) => {
        const url = `ws://127.0.0.1:${findPorts(log()).signaling}/`;
        await using lihao = await SignalingClient.connect({ url, user: "lihao", appname: "hd-machine" });
        await lihao.register(PASSWORD);
        const { response } = await lihao.invite("9198", { caller_audio: "G711A" });
        return (await shareOfTone(TONE_HZ, response.data.callee_url ?? "")) > 0.9;
      }),
    sees: true,
  },
];

type Served = { readonly log: () => string };

/** Runs `serve` in a folder with a clip in it, looks, and stops it. */
async function serve<T>(ini: Ini, look: (served: Served) => Promise<T>): Promise<T> {
  using folder = createFolder({ "nway_wx.ini": renderIni(mergeInis(BASE, ini)), "tone.wav": makeTone() });
  const stop = Promise.withResolvers<string>();
  const printed: string[] = [];
  const complained: string[] = [];
  const terminal: Terminal = {
    print: (text) => void printed.push(text),
    readInput: () => Promise.resolve(""),
    complain: (text) => void complained.push(text),
    cwd: folder.path,
    env: {},
    catchSignals: () => stop.promise,
    surviveBugs: () => {},
  };
  const served = runCommand(["serve", "--config", join(folder.path, "nway_wx.ini")], terminal);
  try {
    await waitFor("the start", () => printed.length > 0);
    return await look({ log: () => complained.join("") });
  } finally {
    stop.resolve("SIGTERM");
    await served;
  }
}

function renderIni(ini: Ini): string {
  return Object.entries(ini)
    .map(
      ([name, keys]) =>
        `[${name}]\n${Object.entries(keys)
          .map(([key, text]) => `${key}=${text}\n`)
          .join("")}`,
    )
    .join("");
}

/** Two seconds of a tone that nothing else here has. */
function makeTone(): Uint8Array {
  const samples = Int16Array.from({ length: 2 * SAMPLE_RATE }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * TONE_HZ * n) / SAMPLE_RATE)),
  );
  return makeWav([
    ["fmt ", makeFormat({ sampleRate: SAMPLE_RATE })],
    ["data", new Uint8Array(samples.buffer)],
  ]);
}
