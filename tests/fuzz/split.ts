import { AppError } from "../../src/errors.ts";

/** What a framer gave out, value by value. */
type Note = (...values: readonly unknown[]) => void;

/**
 * Gives `input` to one framer whole and to another in two pieces, cut at a place that the input itself decides.
 * Both must give out the same or fail with the same AppError; anything else is thrown as what is wrong.
 */
export function compareSplit(input: Uint8Array, start: (note: Note) => (bytes: Uint8Array) => void): void {
  const cut = input.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0) % (input.length + 1);
  const whole = record([input], start);
  const split = record([input.subarray(0, cut), input.subarray(cut)], start);
  if (whole !== split) throw new Error(`cut at ${cut}: ${split} instead of ${whole}`);
}

function record(pieces: readonly Uint8Array[], start: (note: Note) => (bytes: Uint8Array) => void): string {
  let notes = "";
  const push = start((...values) => {
    notes += `${values.join()};`;
  });
  try {
    for (const piece of pieces) push(piece);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return notes + thrown.code;
  }
  return notes;
}
