type Chunk = readonly [name: string, body: Uint8Array];

export type WavFormat = {
  readonly tag?: number;
  readonly channelCount?: number;
  readonly sampleRate?: number;
  readonly bits?: number;
  readonly frameBytes?: number;
};

/** The body of a fmt chunk; 16-bit PCM, mono at 8 kHz where nothing else is said. */
export function makeFormat(format: WavFormat = {}): Uint8Array {
  const { tag = 1, channelCount = 1, sampleRate = 8000, bits = 16 } = format;
  const frameBytes = format.frameBytes ?? (channelCount * bits) / 8;
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, tag, true);
  view.setUint16(2, channelCount, true);
  view.setUint32(4, sampleRate, true);
  view.setUint32(8, sampleRate * frameBytes, true);
  view.setUint16(12, frameBytes, true);
  view.setUint16(14, bits, true);
  return new Uint8Array(view.buffer);
}

/** A RIFF file of these chunks; `sizes` overwrites what its headers say. */
export function makeWav(
  chunks: readonly Chunk[],
  sizes: { readonly riff?: number; readonly data?: number } = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, body] of chunks) {
    const size = name === "data" ? (sizes.data ?? body.length) : body.length;
    parts.push(header(name, size), body, new Uint8Array(body.length % 2));
  }
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  parts.unshift(header("RIFF", sizes.riff ?? length), new TextEncoder().encode("WAVE"));
  return new Uint8Array(Buffer.concat(parts));
}

function header(name: string, size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  new TextEncoder().encodeInto(name, new Uint8Array(view.buffer));
  view.setUint32(4, size, true);
  return new Uint8Array(view.buffer);
}
