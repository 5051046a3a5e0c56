import { publishRtmp, type RtmpPublisher } from "../../src/probe/rtmp-client.ts";
import { OUTGOING_CHUNK_SIZE } from "../../src/probe/rtmp-connection.ts";
import { encodeChunks } from "../../src/protocols/rtmp/chunk-encoder.ts";
import { MessageType } from "../../src/protocols/rtmp/message.ts";
import { monotonicNs } from "./clock.ts";
import { createFrameBody, FRAME_PERIOD_MS, SEND_TIME_OFFSET, SEQUENCE_HEADER } from "./frames.ts";

/** The chunk stream that `publishRtmp` uses for audio. */
const AUDIO_CHUNK_STREAM = 4;
/** A chunk header of type 0 on a chunk stream below 64, with a plain timestamp in bytes 1 to 3. */
const CHUNK_HEADER_BYTES = 12;
const TIMESTAMP_OFFSET = 1;

/** Publishes `keys` over RTMP, their frames spread evenly over the frame period; the result stops it. */
export async function startPublishers(port: number, keys: readonly string[]): Promise<() => void> {
  const sources: Source[] = [];
  for (const name of keys) {
    const publisher = await publishRtmp({ host: "127.0.0.1", port, app: "live", name });
    publisher.sendAudio(0, SEQUENCE_HEADER);
    sources.push(new Source(publisher));
  }
  const stop = pace(sources);
  return () => {
    stop();
    for (const source of sources) source.close();
  };
}

/** Sends frame n of the round-robin at n × period / sources; what is late goes out at once, in order. */
function pace(sources: readonly Source[]): () => void {
  const startMs = performance.now();
  const stepMs = FRAME_PERIOD_MS / sources.length;
  let frame = 0;
  let timer = setTimeout(tick, stepMs);
  function tick(): void {
    const elapsedMs = performance.now() - startMs;
    for (; frame * stepMs <= elapsedMs; frame++) sources[frame % sources.length]?.send(frame * stepMs);
    timer = setTimeout(tick, frame * stepMs - elapsedMs);
  }
  return () => clearTimeout(timer);
}

/** One published stream, with a chunk that is patched and sent again for each frame. */
class Source {
  readonly #publisher: RtmpPublisher;
  readonly #chunk: Uint8Array;
  readonly #view: DataView;

  constructor(publisher: RtmpPublisher) {
    this.#publisher = publisher;
    this.#chunk = encodeChunks(
      {
        chunkStreamId: AUDIO_CHUNK_STREAM,
        typeId: MessageType.audio,
        streamId: publisher.streamId,
        timestampMs: 0,
        payload: createFrameBody(),
      },
      OUTGOING_CHUNK_SIZE,
    ).slice();
    this.#view = new DataView(this.#chunk.buffer);
  }

  send(timestampMs: number): void {
    const timestamp = Math.floor(timestampMs) & 0xffffff;
    this.#view.setUint16(TIMESTAMP_OFFSET, timestamp >>> 8);
    this.#view.setUint8(TIMESTAMP_OFFSET + 2, timestamp);
    this.#view.setFloat64(CHUNK_HEADER_BYTES + SEND_TIME_OFFSET, monotonicNs());
    this.#publisher.sendRaw(this.#chunk);
  }

  close(): void {
    this.#publisher.close();
  }
}
