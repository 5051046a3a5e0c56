import { AppError } from "../../src/errors.ts";

/** What a framer gave out, value by value. */
type Note = (...values: readonly unknown[]) => void;
type StartFramer = (note: Note) => (bytes: Uint8Array) => void;
type Outcome = { readonly notes: string; readonly error: AppError | undefined };

/**
 * Gives `input` to one framer whole and to another in two pieces, cut at a place that the input itself decides.
 * Both must give out the same and, if they refuse it, with the same AppError, which is then thrown.
 */
export function compareSplit(input: Uint8Array, start: StartFramer): void {
  const cut = input.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0) % (input.length + 1);
  const whole = record([input], start);
  const split = record([input.subarray(0, cut), input.subarray(cut)], start);
  if (whole.notes !== split.notes || whole.error?.code !== split.error?.code) {
    throw new Error(`cut at ${cut}: ${describe(split)} instead of ${describe(whole)}`);
  }
  if (whole.error !== undefined) throw whole.error;
}

function record(pieces: readonly Uint8Array[], start: StartFramer): Outcome {
  let notes = "";
  const push = start((...values) => {
    notes += `${values.join()};`;
  });
  try {
    for (const piece of pieces) push(piece);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { notes, error: thrown };
  }
  return { notes, error: undefined };
}

function describe({ notes, error }: Outcome): string {
  return `${notes}${error?.code ?? ""}`;
}
