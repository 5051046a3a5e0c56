import { RingWriter } from "../../src/bytes/shared-ring.ts";

/** The other thread of shared-ring.test.ts: writes as fast as there is room. */
declare const self: Worker;

self.onmessage = ({
  data: { memory, count },
}: MessageEvent<{ memory: SharedArrayBuffer; count: number }>) => {
  const writer = new RingWriter(memory, () => self.postMessage(0));
  for (let number = 0; number < count; ) {
    const byteCount = 4 + (number % 97);
    const at = writer.reserve(byteCount);
    if (at < 0) continue;
    writer.view.setUint32(at, number);
    writer.bytes.fill(number & 255, at + 4, at + byteCount);
    writer.commit();
    number++;
  }
};
