/** A law of ITU-T G.711: the sample of each of 256 codes, and the code of each of 2^n equal steps from -1 to 1. */
type Companding = { readonly samples: Float32Array; readonly codes: Uint8Array };

/** `decode` gives 16-bit samples; `encode` takes `bits`-bit samples, of which G.711 needs no finer. */
export function tabulate(
  decode: (code: number) => number,
  encode: (sample: number) => number,
  bits: number,
): Companding {
  const half = 1 << (bits - 1);
  return {
    samples: Float32Array.from({ length: 256 }, (_, code) => decode(code) / 0x8000),
    codes: Uint8Array.from({ length: 2 * half }, (_, step) => encode(step - half)),
  };
}

export function expand({ samples }: Companding, bytes: Uint8Array, out: Float32Array): void {
  for (let i = 0; i < bytes.length; i++) out[i] = samples[bytes[i] ?? 0] ?? 0;
}

/** Steps are taken by rounding down, as ITU-T G.191 does: a sample on a decision value goes to the upper interval. */
export function compress({ codes }: Companding, samples: Float32Array, out: Uint8Array): void {
  const half = codes.length / 2;
  const last = codes.length - 1;
  for (let i = 0; i < samples.length; i++) {
    const step = (samples[i] ?? 0) * half + half;
    out[i] = codes[step < 0 ? 0 : step > last ? last : step | 0] ?? 0;
  }
}
