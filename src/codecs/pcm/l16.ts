/** 16-bit PCM, two bytes a sample: big-endian in RTP (RFC 3551, 4.5.11), little-endian in FLV and WAV. */

/** A sample of ±1.0 for each two bytes, an odd byte at the end is left; `samples` must be half as long as `bytes`. */
export function decodeL16(bytes: Uint8Array, samples: Float32Array, littleEndian: boolean): void {
  const high = littleEndian ? 1 : 0;
  for (let i = 0, at = 0; at + 1 < bytes.length; i++, at += 2) {
    const sample = ((bytes[at + high] ?? 0) << 8) | (bytes[at + 1 - high] ?? 0);
    samples[i] = ((sample << 16) >> 16) / 0x8000;
  }
}

/** Two bytes for each sample, rounded to the nearest and clipped to ±1.0; `bytes` must be twice as long as `samples`. */
export function encodeL16(samples: Float32Array, bytes: Uint8Array, littleEndian: boolean): void {
  const high = littleEndian ? 1 : 0;
  for (let i = 0, at = 0; i < samples.length; i++, at += 2) {
    // Above 0 while it is rounded, so that cutting off the fraction rounds down.
    const level = (samples[i] ?? 0) * 0x8000 + 0x8000 + 0.5;
    const sample = (level < 0 ? 0 : level > 0xffff ? 0xffff : level | 0) - 0x8000;
    bytes[at + high] = sample >> 8;
    bytes[at + 1 - high] = sample;
  }
}
