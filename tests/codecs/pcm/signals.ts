/** White noise, `level` RMS. */
export function makeNoise(sampleRate: number, level: number, seconds: number, seed: number): Float32Array {
  const random = seedRandom(seed);
  const amplitude = level * Math.sqrt(3);
  return Float32Array.from(
    { length: Math.round(sampleRate * seconds) },
    () => amplitude * (2 * random() - 1),
  );
}

/**
 * Speech-like sound: syllables of 150–250 ms with a gliding pitch of 90–220 Hz and harmonics that fall off under two
 * formants, some hissing, and pauses between; silent at both ends.
 */
export function makeVoice(sampleRate: number, seconds: number, seed: number): Float32Array {
  const random = seedRandom(seed);
  const out = new Float32Array(Math.round(sampleRate * seconds));
  let at = 0;
  while (at < out.length) {
    const length = Math.round(sampleRate * (0.15 + 0.1 * random()));
    if (at + length > out.length) break;
    if (random() < 0.2) addHiss(out, at, length, random);
    else addVowel(out, at, length, sampleRate, random);
    at += length + Math.round(sampleRate * (random() < 0.3 ? 0.1 + 0.2 * random() : 0.01));
  }
  return out;
}

/** The sound `count` times in a row. */
export function repeat(sound: Float32Array, count: number): Float32Array {
  const out = new Float32Array(sound.length * count);
  for (let at = 0; at < out.length; at += sound.length) out.set(sound, at);
  return out;
}

function addVowel(
  out: Float32Array,
  from: number,
  length: number,
  sampleRate: number,
  random: () => number,
): void {
  const pitch = 90 + 130 * random();
  const glide = 0.8 + 0.4 * random();
  const formants = [350 + 400 * random(), 1000 + 1200 * random()];
  let phase = 0;
  for (let i = 0; i < length; i++) {
    const share = i / length;
    const frequency = pitch * (1 + (glide - 1) * share);
    phase += (2 * Math.PI * frequency) / sampleRate;
    let sum = 0;
    for (let harmonic = 1; harmonic * frequency < 3400; harmonic++) {
      const gain = formants.reduce(
        (total, formant) => total + 1 / (1 + ((harmonic * frequency - formant) / 150) ** 2),
        0.02,
      );
      sum += gain * Math.sin(harmonic * phase);
    }
    out[from + i] = 0.08 * sum * Math.sin(Math.PI * share) ** 0.5;
  }
}

function addHiss(out: Float32Array, from: number, length: number, random: () => number): void {
  for (let i = 0; i < length; i++) {
    out[from + i] = 0.03 * (2 * random() - 1) * Math.sin((Math.PI * i) / length) ** 0.5;
  }
}

/** Mulberry32: 0 ≤ x < 1. */
export function seedRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The largest |x[n] - x[n-1]|: a click shows as a large one. */
export function largestStep(samples: Float32Array): number {
  let largest = 0;
  for (let at = 1; at < samples.length; at++) {
    largest = Math.max(largest, Math.abs((samples[at] ?? 0) - (samples[at - 1] ?? 0)));
  }
  return largest;
}
