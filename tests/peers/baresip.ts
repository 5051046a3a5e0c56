import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunningProcess, startProcess } from "./process.ts";
import { pathOf } from "./programs.ts";
import { waitFor } from "./wait.ts";

export type BaresipOptions = {
  /** For its settings and recordings. */
  readonly folder: string;
  readonly codec: "PCMA" | "PCMU";
  /** What it says: 8 kHz, one channel, 16 bits; a tone without it. */
  readonly wav?: string;
  readonly sendsKeysAs?: "rtpevent" | "info";
};

/** baresip with a keyboard: https://github.com/baresip/baresip. Disposing ends it. */
export interface Baresip extends AsyncDisposable {
  dial(uri: string): void;
  /** `0`–`9 * # A`–`D` are sent as keys in a call; x holds, X resumes, b hangs up, a answers. */
  press(keys: string): void;
  /** Presses again, every second, until it says so: a key that comes while a re-INVITE is under way is lost on it. */
  pressUntil(key: string, pattern: RegExp): Promise<void>;
  waitFor(pattern: RegExp): Promise<RegExpMatchArray>;
  output(): string;
  /** Of what it heard, once the call is over. */
  recording(): string | undefined;
}

const MODULE_FOLDER = "/usr/lib/baresip/modules";
const REPEAT_MS = 1000;
const MODULES = ["stdio", "g711", "aufile", "ausine", "aubridge", "sndfile"];

export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const { folder, codec, wav, sendsKeysAs = "rtpevent" } = options;
  const settings = join(folder, "baresip");
  await mkdir(settings, { recursive: true });
  const lines = [
    `module_path ${MODULE_FOLDER}`,
    "sip_listen 127.0.0.1:0",
    "net_interface 127.0.0.1",
    `audio_source ${wav === undefined ? "ausine,440" : `aufile,${wav}`}`,
    "audio_player aubridge,nil",
    "audio_alert aubridge,nil",
    `snd_path ${settings}`,
    ...MODULES.map((name) => `module ${name}.so`),
    "module_tmp uuid.so",
    "module_tmp account.so",
    "module_app menu.so",
  ];
  await writeFile(join(settings, "config"), `${lines.join("\n")}\n`);
  await writeFile(
    join(settings, "accounts"),
    `<sip:phone@127.0.0.1>;regint=0;audio_codecs=${codec}/8000/1;dtmfmode=${sendsKeysAs}\n`,
  );
  await writeFile(join(settings, "contacts"), "");
  const child = startProcess([pathOf("baresip"), "-f", settings], { stdin: "open" });
  try {
    await child.waitForOutput(/baresip is ready/);
  } catch (thrown) {
    await child[Symbol.asyncDispose]();
    throw thrown;
  }
  return describeBaresip(child, settings);
}

function describeBaresip(child: RunningProcess, settings: string): Baresip {
  return {
    dial: (uri) => child.type(`/dial ${uri}\n`),
    press: (keys) => child.type(keys),
    async pressUntil(key, pattern) {
      let pressedMs = Number.NEGATIVE_INFINITY;
      await waitFor(`${pattern} after ${key}`, () => {
        if (pattern.test(child.output())) return true;
        if (performance.now() - pressedMs < REPEAT_MS) return false;
        pressedMs = performance.now();
        child.type(key);
        return false;
      });
    },
    waitFor: (pattern) => child.waitForOutput(pattern),
    output: () => child.output(),
    recording() {
      const name = readdirSync(settings).find((file) => file.endsWith("-dec.wav"));
      return name === undefined ? undefined : join(settings, name);
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
