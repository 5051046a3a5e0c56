/** A sine of ±`amplitude`, `sampleCount` samples long. */
export function makeSine(hz: number, sampleRate: number, sampleCount: number, amplitude = 1): Float32Array {
  const step = (2 * Math.PI * hz) / sampleRate;
  return Float32Array.from({ length: sampleCount }, (_, n) => amplitude * Math.sin(step * n));
}

/** The sine of `hz` that fits samples best (least squares): its amplitude, and all that is not it. */
export function fitSine(
  samples: Float32Array,
  hz: number,
  sampleRate: number,
): { amplitude: number; residue: Float32Array<ArrayBuffer> } {
  const step = (2 * Math.PI * hz) / sampleRate;
  let [cc, cs, ss, xc, xs] = [0, 0, 0, 0, 0];
  for (let n = 0; n < samples.length; n++) {
    const [x, cos, sin] = [samples[n] ?? 0, Math.cos(step * n), Math.sin(step * n)];
    cc += cos * cos;
    cs += cos * sin;
    ss += sin * sin;
    xc += x * cos;
    xs += x * sin;
  }
  const determinant = cc * ss - cs * cs;
  const a = (xc * ss - xs * cs) / determinant;
  const b = (xs * cc - xc * cs) / determinant;
  const residue = Float32Array.from(samples, (x, n) => x - a * Math.cos(step * n) - b * Math.sin(step * n));
  return { amplitude: Math.hypot(a, b), residue };
}

export function measureRms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

export function toDecibels(ratio: number): number {
  return 20 * Math.log10(ratio);
}
