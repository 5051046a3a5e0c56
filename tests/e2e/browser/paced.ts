import { TagType } from "../../../src/media/body/tag-frame.ts";
import { parseRtmpUrl, publishRtmp, type RtmpPublisher } from "../../../src/probe/rtmp-client.ts";
import { OUTGOING_CHUNK_SIZE } from "../../../src/probe/rtmp-connection.ts";
import type { Tag } from "../../../src/protocols/flv/tag.ts";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import { waitFor } from "../../peers/wait.ts";

/** A publisher that sends a sample's tags when their time has come, as an encoder does. */
export class PacedPublisher implements Disposable {
  /** What was sent up to now lasts so long, by the sample's time. */
  #sentMs = 0;
  /** Added to the sample's time in what is sent. */
  shiftMs = 0;

  #tags: readonly Tag[];

  private constructor(
    readonly rtmp: RtmpPublisher,
    tags: readonly Tag[],
  ) {
    this.#tags = tags;
  }

  /** @param url of RTMP */
  static async open(url: string, tags: readonly Tag[]): Promise<PacedPublisher> {
    return new PacedPublisher(await publishRtmp(parseRtmpUrl(url)), tags);
  }

  /** Sends what follows, for so long; `wants` leaves some of it out. */
  async send(forMs: number, wants: (tag: Tag) => boolean = () => true): Promise<void> {
    const startedMs = performance.now() - this.#sentMs;
    const untilMs = this.#sentMs + forMs;
    for (const tag of this.#tags) {
      if (tag.timestampMs < this.#sentMs || tag.timestampMs >= untilMs || !wants(tag)) continue;
      await passMs(startedMs + tag.timestampMs - performance.now());
      this.sendNow(tag);
    }
    this.#sentMs = untilMs;
  }

  /** What follows is of another sample, from its start on. */
  goOnWith(tags: readonly Tag[]): void {
    this.#tags = tags;
    this.shiftMs += this.#sentMs;
    this.#sentMs = 0;
  }

  sendNow({ type, timestampMs, body }: Tag): void {
    const atMs = (timestampMs + this.shiftMs) >>> 0;
    if (type === TagType.audio) this.rtmp.sendAudio(atMs, body);
    else if (type === TagType.video) this.rtmp.sendVideo(atMs, body);
    else {
      const about = {
        chunkStreamId: 5,
        typeId: type,
        streamId: this.rtmp.streamId,
        timestampMs: atMs,
        payload: body,
      };
      this.rtmp.sendRaw(encodeChunks(about, OUTGOING_CHUNK_SIZE));
    }
  }

  [Symbol.dispose](): void {
    this.rtmp.close();
  }
}

/** Time itself is what these tests are about. */
export async function passMs(ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  await waitFor("time to pass", () => performance.now() >= untilMs, ms + 15_000);
}
