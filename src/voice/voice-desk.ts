import type { Clock, Timer } from "../clock.ts";
import { LineWriter } from "../media/sound/crossing/line-writer.ts";
import { SoundReader, SoundWriter } from "../media/sound/crossing/sound-pipe.ts";
import { AllowList } from "../servers/access/allow-list.ts";
import { RtpServer } from "../servers/rtp/rtp-server.ts";
import { RtpSounds } from "../telephone/rtp-sound.ts";
import { LineMedia } from "./line-media.ts";
import { type FromThread, type LineOrder, READ, type ThreadBegin, type ToThread } from "./messages.ts";
import { PacedBell } from "./paced-bell.ts";
import { createThreadLog } from "./thread-log.ts";
import { VoiceLine } from "./voice-line.ts";
import { WarmUp } from "./warm-up.ts";

const COUNT_PERIOD_MS = 20;

/** What a voice thread does: its lines, and what the main thread wants of them. */
export class VoiceDesk {
  readonly #tell: (message: FromThread) => void;
  readonly #clock: Clock;
  readonly #rtp: RtpServer;
  readonly #sounds: RtpSounds;
  readonly #heard: SoundReader;
  readonly #spoken: SoundWriter;
  readonly #late: Float64Array;
  readonly #lines = new Map<number, VoiceLine>();
  readonly #warmUp: WarmUp;
  #counting: Timer | undefined;

  constructor(
    { heard, spoken, late, host, ports, allow }: ThreadBegin,
    clock: Clock,
    tell: (message: FromThread) => void,
  ) {
    const allowed = new AllowList(allow);
    this.#tell = tell;
    this.#late = new Float64Array(late);
    this.#clock = clock;
    const log = createThreadLog(tell);
    this.#rtp = new RtpServer({ host, ports, isAllowed: (address) => allowed.has(address), clock, log });
    this.#sounds = new RtpSounds(this.#rtp, clock);
    this.#heard = new SoundReader(heard, (line, sign, coded) => this.#lines.get(line)?.take(sign, coded));
    const bell = new PacedBell(
      clock,
      () => this.#lines.size,
      () => tell(READ),
    );
    this.#spoken = new SoundWriter(spoken, bell.ring);
    this.#warmUp = new WarmUp(clock);
  }

  async handle(message: Exclude<ToThread, { readonly do: "begin" }>): Promise<void> {
    if (message === READ) this.#heard.readAll();
    else if (message.do === "answer") this.#tell({ did: "answer" });
    else if (message.do === "stop") await this.#stop();
    else if (message.do === "open") await this.#open(message.line, new LineMedia(message.media));
    else await this.#handleOrder(message);
  }

  async #open(line: number, media: LineMedia): Promise<void> {
    this.#warmUp.stop();
    const ports = await this.#sounds.openPorts();
    if (ports !== undefined) {
      const tell = this.#tell;
      const { write } = new LineWriter(this.#spoken, line);
      const log = createThreadLog(tell, line);
      this.#lines.set(line, new VoiceLine({ line, ports, media, clock: this.#clock, log, tell, write }));
      this.#counting ??= this.#clock.every(COUNT_PERIOD_MS, () => this.#count());
    }
    this.#tell({ did: "open", line, rtpPort: ports?.rtpPort });
  }

  async #handleOrder(order: Exclude<LineOrder, { readonly do: "open" }>): Promise<void> {
    await this.#lines.get(order.line)?.handle(order);
    if (order.do !== "finish") return;
    this.#lines.delete(order.line);
    if (this.#lines.size > 0) return;
    this.#counting?.cancel();
    this.#counting = undefined;
    this.#late[0] = 0;
  }

  async #stop(): Promise<void> {
    this.#warmUp.stop();
    this.#counting?.cancel();
    await this.#rtp[Symbol.asyncDispose]();
    this.#tell({ did: "stop" });
  }

  #count(): void {
    this.#late[0] = this.#rtp.lateMs;
    for (const line of this.#lines.values()) line.count();
  }
}
