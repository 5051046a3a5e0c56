import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import { decodeClip } from "../../media/audio/clips/clip.ts";

export type ClipRead = { readonly clip: Float32Array } | { readonly problem: string };

type Kept = { readonly mtimeMs: number; readonly byteCount: number; readonly read: ClipRead };

/** Two minutes of telephone sound, whose decoding holds up other calls for 50 ms, once. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_KEPT = 8;

/** The clips that may be ordered: WAV files in the folder of `[server] welcome_wav`. */
export class ClipFolder {
  readonly #kept = new Map<string, Kept>();

  /** @param folder undefined: there are none */
  constructor(readonly folder: string | undefined) {}

  /** @param name checked to be a name, not a path */
  async read(name: string): Promise<ClipRead> {
    if (this.folder === undefined) return { problem: "welcome_wav of [server] names no folder for clips" };
    const path = join(this.folder, name);
    try {
      const { mtimeMs, size: byteCount } = await stat(path);
      const kept = this.#kept.get(name);
      if (kept?.mtimeMs === mtimeMs && kept.byteCount === byteCount) return kept.read;
      const read = await decodeFile(path, byteCount);
      this.#keep(name, { mtimeMs, byteCount, read });
      return read;
    } catch {
      return { problem: "there is no such clip in the folder of welcome_wav" };
    }
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

async function decodeFile(path: string, byteCount: number): Promise<ClipRead> {
  if (byteCount > MAX_BYTES) return { problem: `the clip is longer than ${MAX_BYTES} bytes` };
  const bytes = await readFile(path);
  try {
    return { clip: decodeClip(bytes) };
  } catch (thrown) {
    return { problem: `the clip can't be played: ${messageOf(thrown)}` };
  }
}
