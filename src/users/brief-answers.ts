import { keepNewest } from "../bounded-map.ts";
import type { Clock } from "../clock.ts";

type Answered<T> = { readonly atMs: number; readonly answer: Promise<T> };

const MAX_REMEMBERED = 10_000;

/** Answers that stand for a moment: many ask the same at once. What failed is asked again. */
export class BriefAnswers<T> {
  /** By key, the oldest first. */
  readonly #answered = new Map<string, Answered<T>>();

  constructor(
    readonly freshMs: number,
    readonly clock: Pick<Clock, "nowMs">,
  ) {}

  /** What was answered a moment ago, or is being asked; else what `ask` says. */
  recall(key: string, ask: () => Promise<T>): Promise<T> {
    const nowMs = this.clock.nowMs();
    const known = this.#answered.get(key);
    if (known !== undefined && nowMs - known.atMs < this.freshMs) return known.answer;
    const answer = ask();
    keepNewest(this.#answered, key, { atMs: nowMs, answer }, MAX_REMEMBERED);
    answer.catch(() => {
      if (this.#answered.get(key)?.answer === answer) this.#answered.delete(key);
    });
    return answer;
  }
}
