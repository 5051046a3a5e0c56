import type { Reals } from "./fft.ts";
import { SHORT_WINDOWS } from "./frame-layout.ts";
import { SHORT_LENGTH } from "./window.ts";

/** Neighbouring windows share scale factors unless one is this much louder. */
const MOST_RATIO = 6;

/** scale_factor_grouping for eight short windows, each one's lines from a multiple of 128 on. */
export function groupWindows(spectrum: Reals): number {
  let grouping = 0;
  let last = windowEnergy(spectrum, 0);
  for (let window = 1; window < SHORT_WINDOWS; window++) {
    const energy = windowEnergy(spectrum, window);
    const isAlike = energy < MOST_RATIO * last && last < MOST_RATIO * energy;
    grouping = (grouping << 1) | (isAlike ? 1 : 0);
    last = energy;
  }
  return grouping;
}

/** With what is about the noise of 16-bit rounding in each window added, so that silence is alike. */
function windowEnergy(spectrum: Reals, window: number): number {
  const from = window * SHORT_LENGTH;
  let energy = 1e4;
  for (let line = from; line < from + SHORT_LENGTH; line++) energy += (spectrum[line] as number) ** 2; // within
  return energy;
}
