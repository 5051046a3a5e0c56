import { resolve } from "node:path";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import { pathOf } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import type { ClientNetwork } from "./client-network.ts";
import { readStamp, type Stamp } from "./stamped-frames.ts";

/** `ageMs`: from the publisher's sending to the player's output. */
export type Arrival = Stamp & { readonly atMs: number; readonly ageMs: number };

export type TimedTag = Tag & { readonly atMs: number };

/** A player's program in a network of its own; what it writes is timed as it comes. */
export interface DistantPlayer extends AsyncDisposable {
  readonly name: string;
  /** All that it wrote, as FLV tags. */
  readonly tags: readonly TimedTag[];
  /** The stamped frames among them. */
  readonly arrivals: readonly Arrival[];
  /** SIGSTOP: the program reads no more, its kernel still acknowledges. */
  stop(): void;
  resume(): void;
}

const OWN_PLAYER = resolve(import.meta.dir, "play-to-flv.ts");

/** Programs that play a URL and write FLV to standard output without waiting for more of it. */
const PLAYERS = {
  own: (url: string) => [process.execPath, OWN_PLAYER, url],
  curl: (url: string) => [pathOf("curl"), "--silent", "--no-buffer", url],
  /** Its output is the C library's, which fills 4 kB first. */
  rtmpdump: (url: string) => [
    pathOf("stdbuf"),
    "-o0",
    pathOf("rtmpdump"),
    "-q",
    "--live",
    "-r",
    url,
    "-o",
    "-",
  ],
  ffmpeg: (url: string) => [
    ...[pathOf("ffmpeg"), "-v", "error", "-fflags", "nobuffer", "-probesize", "32", "-analyzeduration", "0"],
    ...["-i", url, "-c", "copy", "-flush_packets", "1", "-f", "flv", "pipe:1"],
  ],
} satisfies Record<string, (url: string) => string[]>;

export type PlayerProgram = keyof typeof PLAYERS;

/** Started, and it has written something. */
export async function startDistantPlayer(
  network: ClientNetwork,
  program: PlayerProgram,
  url: string,
): Promise<DistantPlayer> {
  const name = `${program} ${new URL(url).protocol.slice(0, -1)}`;
  const child = Bun.spawn(network.command(...PLAYERS[program](url)), {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const tags: TimedTag[] = [];
  const arrivals: Arrival[] = [];
  const decoder = new FlvDecoder();
  const reading = (async () => {
    for await (const bytes of child.stdout) {
      const atMs = performance.now();
      decoder.push(bytes, (tag) => {
        tags.push({ ...tag, atMs });
        const stamp = readStamp(tag.body);
        if (stamp !== undefined) arrivals.push({ ...stamp, atMs, ageMs: atMs - stamp.sentMs });
      });
    }
  })();
  const player: DistantPlayer = {
    name,
    tags,
    arrivals,
    stop: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      await reading.catch(() => undefined);
    },
  };
  try {
    await waitFor(`the first frame of ${name}`, () => tags.length > 0, 10_000);
  } catch (thrown) {
    await player[Symbol.asyncDispose]();
    throw thrown;
  }
  return player;
}
