import { mkdir, rename, rm } from "node:fs/promises";
import { IGNORED_SIGNALS } from "../../../src/commands/signals.ts";
import type { Attacks } from "../attack.ts";
import { upgrade } from "../messages.ts";
import { connectAll } from "./connections.ts";

const PAUSE_MS = 50;

/** What happens on the machine itself. */
export const ON_MACHINE: Attacks = {
  "signals that end a process": async ({ pid }, untilMs) => {
    while (performance.now() < untilMs) {
      for (const signal of IGNORED_SIGNALS) process.kill(pid, signal);
      await Bun.sleep(PAUSE_MS);
    }
  },
  "the folder of records taken away": async ({ recordsFolder }, untilMs) => {
    const aside = `${recordsFolder}-aside`;
    while (performance.now() < untilMs) {
      await rename(recordsFolder, aside);
      await Bun.sleep(PAUSE_MS);
      await rm(recordsFolder, { recursive: true, force: true });
      await rename(aside, recordsFolder);
      await Bun.sleep(PAUSE_MS);
    }
    await mkdir(recordsFolder, { recursive: true });
  },
};

/** Where the process may have few descriptors. */
export const SCARCE: Attacks = {
  "every descriptor": ({ ports: { signaling, rtmp, flv, wss } }, untilMs) =>
    connectAll([signaling, rtmp, flv, wss], 4_000, untilMs),
  "every descriptor, after the upgrade": ({ ports }, untilMs) =>
    connectAll([ports.signaling], 4_000, untilMs, () => upgrade()),
};
