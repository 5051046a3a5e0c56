type Paced = { readonly periodMs: number; nextMs: number; readonly send: () => void };

const TICK_MS = 1;

/** Sends at even intervals for many, each at its own phase, and notes how late it was itself. */
export class Pacing {
  readonly #all: Paced[] = [];
  readonly latenessMs: number[] = [];
  isRecording = false;
  readonly #timer = setInterval(() => this.#tick(), TICK_MS);

  add(periodMs: number, phase: number, send: () => void): void {
    this.#all.push({ periodMs, nextMs: performance.now() + (phase % 1) * periodMs, send });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const paced of this.#all) {
      for (let nowMs = performance.now(); paced.nextMs <= nowMs; paced.nextMs += paced.periodMs) {
        if (this.isRecording) this.latenessMs.push(nowMs - paced.nextMs);
        paced.send();
      }
    }
  }
}
