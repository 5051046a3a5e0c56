import { publishRtmp, type RtmpPublisher } from "../../../src/probe/rtmp-client.ts";

/** G.711 A-law at 8 kHz: 170 samples last 21.25 ms, so 47 frames a second. Players pass it through uncoded. */
const G711_A = 0x72;
const FRAME_BYTES = 170;
export const FRAME_PERIOD_MS = FRAME_BYTES / 8;
const MARK = 0x4e57_5753;

export type Stamp = { readonly sequence: number; readonly sentMs: number };

/** An FLV audio tag body that carries its number and the `performance.now()` of its sending. */
function stampFrame({ sequence, sentMs }: Stamp): Uint8Array {
  const body = new Uint8Array(1 + FRAME_BYTES).fill(0xd5);
  body[0] = G711_A;
  const view = new DataView(body.buffer);
  view.setUint32(1, MARK);
  view.setUint32(5, sequence);
  view.setFloat64(9, sentMs);
  return body;
}

/** Undefined for what is no frame of ours. */
export function readStamp(body: Uint8Array): Stamp | undefined {
  if (body.length !== 1 + FRAME_BYTES) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (view.getUint32(1) !== MARK) return undefined;
  return { sequence: view.getUint32(5), sentMs: view.getFloat64(9) };
}

export type StampedPublisher = AsyncDisposable & { readonly sentFrameCount: number };

/** Publishes over loopback at an even 47 frames a second. */
export async function publishStamped(port: number, key: string): Promise<StampedPublisher> {
  const publisher: RtmpPublisher = await publishRtmp({ host: "127.0.0.1", port, app: "live", name: key });
  const startedMs = performance.now();
  let sequence = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tick = (): void => {
    const nowMs = performance.now();
    while (startedMs + sequence * FRAME_PERIOD_MS <= nowMs) {
      publisher.sendAudio(Math.round(sequence * FRAME_PERIOD_MS), stampFrame({ sequence, sentMs: nowMs }));
      sequence += 1;
    }
    timer = setTimeout(tick, Math.max(0, startedMs + sequence * FRAME_PERIOD_MS - performance.now()));
  };
  tick();
  return {
    get sentFrameCount() {
      return sequence;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      publisher.close();
    },
  };
}
