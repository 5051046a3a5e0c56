import { createSharedRing } from "../bytes/shared-ring.ts";
import type { Clock, Timer } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { LineWriter } from "../media/sound/crossing/line-writer.ts";
import { SoundReader, SoundWriter } from "../media/sound/crossing/sound-pipe.ts";
import type { LegSounds, SoundPorts } from "../telephone/leg-sound.ts";
import { DistantSound, type LineWay } from "./distant-sound.ts";
import { LineMedia } from "./line-media.ts";
import { type FromThread, READ, type ThreadBegin, type ToThread } from "./messages.ts";
import { PacedBell } from "./paced-bell.ts";

export type VoiceThreadOptions = {
  readonly setting: Omit<ThreadBegin, "heard" | "spoken" | "late">;
  /** Starts src/voice/worker.ts. */
  readonly startWorker: () => Worker;
  /** All its lines are lost by then. Nothing of it is left. */
  readonly onLost: () => void;
  readonly clock: Clock;
  /** Names the thread. */
  readonly log: Logger;
};

/** Room for half a second of 160 calls, and more. */
const RING_BYTE_COUNT = 1 << 20;
/** A thread that does not answer for so long is given up. */
const ANSWER_PERIOD_MS = 1000;
const MAX_UNANSWERED = 3;
/** Sessions send for 200 ms more when the gateway stops. */
const STOP_MS = 1000;

type Line = { readonly onOpen: (rtpPort: number | undefined) => void; sound: DistantSound | undefined };

/** A thread that makes the sound of telephones' legs, as the main thread sees it. */
export class VoiceThread implements LegSounds, AsyncDisposable {
  readonly #options: VoiceThreadOptions;
  readonly #worker: Worker;
  readonly #heard: SoundWriter;
  readonly #spoken: SoundReader;
  readonly #late: Float64Array;
  readonly #lines = new Map<number, Line>();
  readonly #asking: Timer;
  readonly #stopped = Promise.withResolvers<void>();
  #lastLine = 0;
  #unansweredCount = 0;
  #isSoundLost = false;
  #isOver = false;

  constructor(options: VoiceThreadOptions) {
    const { setting, startWorker, clock } = options;
    this.#options = options;
    const heard = createSharedRing(RING_BYTE_COUNT);
    const spoken = createSharedRing(RING_BYTE_COUNT);
    const late = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
    this.#late = new Float64Array(late);
    const bell = new PacedBell(
      clock,
      () => this.#lines.size,
      () => this.#tell(READ),
    );
    this.#heard = new SoundWriter(heard, bell.ring);
    this.#spoken = new SoundReader(spoken, (line, sign, coded) =>
      this.#lines.get(line)?.sound?.take(sign, coded),
    );
    this.#worker = startWorker();
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>) => this.#hear(data);
    this.#worker.onerror = ({ message }) => this.#lose(message);
    this.#worker.addEventListener("close", () => this.#lose("it ended"));
    this.#tell({ do: "begin", ...setting, heard, spoken, late });
    this.#asking = clock.every(ANSWER_PERIOD_MS, () => this.#ask());
  }

  /** Those that something is left of. */
  get lineCount(): number {
    return this.#lines.size;
  }

  /** How late packets are sent of late, on average. */
  get lateMs(): number {
    return this.#late[0] ?? 0;
  }

  async openPorts(): Promise<SoundPorts | undefined> {
    if (this.#isOver) return undefined;
    const number = ++this.#lastLine;
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const line: Line = { onOpen: resolve, sound: undefined };
    this.#lines.set(number, line);
    const media = new LineMedia();
    this.#tell({ do: "open", line: number, media: media.memory });
    const rtpPort = await promise;
    if (rtpPort === undefined) {
      this.#lines.delete(number);
      return undefined;
    }
    const { write } = new LineWriter(this.#heard, number);
    const way: LineWay = {
      order: (order) => this.#tell({ ...order, line: number }),
      media,
      write: (sign, coded) => this.#noteWritten(write(sign, coded)),
    };
    return {
      rtpPort,
      start: (audio, options) => {
        const sound = new DistantSound(audio, options, way, this.#options.clock);
        line.sound = sound;
        // The thread may have died since the telephone began to ring
        if (this.#isOver) queueMicrotask(() => sound.lose());
        return sound;
      },
      [Symbol.dispose]: () => way.order({ do: "finish" }),
    };
  }

  /** Lets every line have its last 200 ms. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#tell({ do: "stop" });
    const timer = this.#options.clock.after(STOP_MS, () => this.#stopped.resolve());
    await this.#stopped.promise;
    timer.cancel();
    this.#end();
  }

  #tell(message: ToThread): void {
    if (!this.#isOver) this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    try {
      this.#take(message);
    } catch (thrown) {
      this.#options.log.error("bug", { reason: messageOf(thrown) });
    }
  }

  #take(message: FromThread): void {
    if (message === READ) this.#spoken.readAll();
    else if (message.did === "answer") this.#unansweredCount = 0;
    else if (message.did === "stop") this.#stopped.resolve();
    else if (message.did === "log") this.#log(message);
    else {
      const line = this.#lines.get(message.line);
      if (message.did === "finish") this.#lines.delete(message.line);
      if (message.did === "open") line?.onOpen(message.rtpPort);
      else line?.sound?.hear(message);
    }
  }

  #log({ line, level, event, fields }: Extract<FromThread, { readonly did: "log" }>): void {
    const sound = line === undefined ? undefined : this.#lines.get(line)?.sound;
    (sound?.log ?? this.#options.log)[level](event, fields);
  }

  /** Sound has no room where the thread stands still. It is logged once, until there is room again. */
  #noteWritten(isWritten: boolean): void {
    if (!isWritten && !this.#isSoundLost) this.#options.log.warn("voice.sound-lost");
    this.#isSoundLost = !isWritten;
  }

  #ask(): void {
    if (this.#unansweredCount >= MAX_UNANSWERED) this.#lose("it does not answer");
    else if (this.#lines.size > 0 || this.#unansweredCount > 0) {
      this.#unansweredCount++;
      this.#tell({ do: "answer" });
    }
  }

  #lose(reason: string): void {
    if (this.#isOver) return;
    this.#options.log.error("voice.thread-lost", { reason, lines: this.#lines.size });
    this.#end();
    this.#options.onLost();
  }

  /** Nobody waits any longer for what is left of its lines. */
  #end(): void {
    this.#isOver = true;
    this.#asking.cancel();
    this.#stopped.resolve();
    this.#worker.terminate();
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const { onOpen, sound } of lines) {
      onOpen(undefined);
      sound?.lose();
    }
  }
}
