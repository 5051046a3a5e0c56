import type { CallMedia, CallStream } from "../../calls/ports.ts";
import type { Stream } from "../../media/stream.ts";
import type { StreamRegistry } from "../../media/stream-registry.ts";

/** The embedded media server as calls see it: their streams live as long as they do. */
export function createCallMedia(streams: StreamRegistry): CallMedia {
  const sources = new WeakMap<CallStream, Stream>();
  return {
    open(key) {
      if (streams.get(key) !== undefined) return undefined;
      const stream = streams.open(key);
      stream.retain();
      const callStream: CallStream = {
        key,
        lastFrameAtMs: () => stream.lastPushedAtMs,
        relayFrom(source) {
          const from = sources.get(source);
          if (from !== undefined) relay(from, stream);
        },
        close: () => stream.close(),
      };
      sources.set(callStream, stream);
      return callStream;
    },
  };
}

/** Until either stream is closed. */
function relay(from: Stream, to: Stream): void {
  const publication = to.publish({
    from: from.key,
    protocol: "relay",
    onReplaced: () => subscription?.end(),
  });
  const subscription = from.subscribe({
    onFrame: (frame) => publication.push(frame),
    onEnd: () => publication.end(),
    droppedFrameCount: () => 0,
  });
}
