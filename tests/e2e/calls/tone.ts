import { systemClock } from "../../../src/clock.ts";
import { parseRtmpUrl, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { FRAME_MS, makeToneBody } from "../../../src/probe/test-sound.ts";

export interface Tone extends Disposable {
  /** Settles when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
}

/** Pushes a tone from now until it is disposed of. */
export async function pushTone(url: string): Promise<Tone> {
  const closed = Promise.withResolvers<void>();
  const publisher = await publishRtmp(parseRtmpUrl(url), () => closed.resolve());
  const body = makeToneBody();
  let timestampMs = 0;
  const say = () => {
    publisher.sendAudio(timestampMs, body);
    timestampMs += FRAME_MS;
  };
  say();
  const timer = systemClock.every(FRAME_MS, say);
  return {
    closed: closed.promise,
    [Symbol.dispose]() {
      timer.cancel();
      publisher.close();
    },
  };
}
