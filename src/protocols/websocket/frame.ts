/** RFC 6455, section 5.2. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type WebSocketFrame = { readonly opcode: number; readonly fin: boolean; readonly payload: Uint8Array };

export function isControlOpcode(opcode: number): boolean {
  return (opcode & 8) !== 0;
}

/** One whole unfragmented frame. A client gives the four bytes of a `mask`, a server none (section 5.3). */
export function encodeFrame(opcode: number, payload: Uint8Array, mask?: Uint8Array): Uint8Array<ArrayBuffer> {
  const maskAt = headerByteCount(payload.length);
  const payloadAt = mask === undefined ? maskAt : maskAt + 4;
  const bytes = new Uint8Array(payloadAt + payload.length);
  writeHeader(bytes, opcode, payload.length);
  bytes.set(payload, payloadAt);
  if (mask !== undefined) {
    bytes[1] = (bytes[1] ?? 0) | 0x80;
    bytes.set(mask, maskAt);
    applyMask(bytes, payloadAt, mask);
  }
  return bytes;
}

/** Masks or unmasks in place everything from `start` on (section 5.3). */
export function applyMask(bytes: Uint8Array, start: number, mask: Uint8Array): void {
  const [a = 0, b = 0, c = 0, d = 0] = mask;
  const end = bytes.length;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    bytes[at] = (bytes[at] ?? 0) ^ a;
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ d;
  }
  for (let i = 0; at < end; at++, i++) bytes[at] = (bytes[at] ?? 0) ^ (mask[i] ?? 0);
}

function headerByteCount(length: number): 2 | 4 | 10 {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(bytes: Uint8Array, opcode: number, length: number): void {
  bytes[0] = 0x80 | opcode;
  if (length < 126) {
    bytes[1] = length;
  } else if (length < 65_536) {
    bytes[1] = 126;
    bytes[2] = length >>> 8;
    bytes[3] = length;
  } else {
    bytes[1] = 127;
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(2, BigInt(length));
  }
}
