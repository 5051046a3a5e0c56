import { openPlayer, type Player, type PlayTarget } from "./player.ts";
import { DelayRecorder, type Delays } from "./statistics.ts";

const JOIN_GAP_MS = 25;
const JOIN_TIMEOUT_MS = 3_000;

/** Many players that only measure. */
export class Audience {
  readonly #recorder = new DelayRecorder();
  #players: Player[] = [];

  /** Opens one player for each of `keys`, all at once. */
  async open(target: PlayTarget, keys: readonly string[]): Promise<void> {
    const opened = await Promise.all(
      keys.map((key) => openPlayer(target, key, (ageMs) => this.#recorder.add(ageMs))),
    );
    this.#players.push(...opened);
  }

  startRecording(): void {
    this.#recorder.start();
  }

  stopRecording(): Delays {
    return this.#recorder.stop();
  }

  close(): void {
    for (const player of this.#players) player.close();
    this.#players = [];
  }
}

/** Milliseconds from before the connect to the first frame, `count` times, at any phase of the publisher's frames. */
export async function measureJoins(target: PlayTarget, key: string, count: number): Promise<number[]> {
  const joinsMs: number[] = [];
  for (let join = 0; join < count; join++) {
    await Bun.sleep(JOIN_GAP_MS + Math.random() * JOIN_GAP_MS);
    joinsMs.push(await measureJoin(target, key));
  }
  return joinsMs;
}

async function measureJoin(target: PlayTarget, key: string): Promise<number> {
  const first = Promise.withResolvers<number>();
  const startMs = performance.now();
  const player = await openPlayer(target, key, () => first.resolve(performance.now() - startMs));
  const timer = setTimeout(() => first.resolve(Number.POSITIVE_INFINITY), JOIN_TIMEOUT_MS);
  const joinMs = await first.promise;
  clearTimeout(timer);
  player.close();
  return joinMs;
}
