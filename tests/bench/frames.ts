/** One AAC frame at 48 kHz holds 1024 samples: what a telephone leg sends, 46.9 times a second. */
export const FRAME_PERIOD_MS = 1024 / 48;
export const FRAMES_PER_SECOND = 1000 / FRAME_PERIOD_MS;
const FRAME_BYTES = 170;

/** FLV AAC sequence header with AudioSpecificConfig for AAC-LC, 48 kHz, mono. */
export const SEQUENCE_HEADER = Uint8Array.of(0xaf, 0x00, 0x11, 0x88);

const RAW_AAC = 0x01;
/** Where the frame's send time stands in the FLV tag body, after the mark. */
export const SEND_TIME_OFFSET = 6;
const MARK = 0x4e574231;

/** An FLV audio tag body that looks like AAC and carries a mark; the send time is written later. */
export function createFrameBody(): Uint8Array {
  const body = new Uint8Array(FRAME_BYTES).fill(0x5a);
  body.set([0xaf, RAW_AAC]);
  new DataView(body.buffer).setUint32(2, MARK);
  return body;
}

/** When the frame was sent, in nanoseconds of `monotonicNs`; undefined for what is no frame of ours. */
export function readSendTimeNs(body: Uint8Array): number | undefined {
  if (body.length !== FRAME_BYTES) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return view.getUint32(2) === MARK ? view.getFloat64(SEND_TIME_OFFSET) : undefined;
}
