import { stat } from "node:fs/promises";
import type { Clock, Timer } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type KeyPair, type KeyPairFiles, readKeyPair } from "./key-pair.ts";

export type CertificateOptions = KeyPairFiles & { readonly clock: Clock; readonly log: Logger };

/** How often the files are looked at: a link that is turned, or a folder that is mounted anew, tells nobody of itself. */
const LOOK_MS = 2_000;
const DAY_MS = 24 * 3600 * 1000;
const WARNED_DAYS = 14;

type Renew = (pair: KeyPair) => void;

/** `[tls] cert` and `key`, read again when the files change. A new pair that is no good is logged, and the old one stays. */
export class Certificate implements Disposable {
  #pair: KeyPair;
  /** What the files looked like when they were read last, and at the last look. */
  #readState = "";
  #lastState = "";
  #isLooking = false;
  readonly #renewals = new Set<Renew>();
  /** Those that have yet to take the newest pair. */
  readonly #due = new Set<Renew>();
  readonly #looks: Timer;
  readonly #reminders: Timer;

  /** Throws `tls.refused` (config) for files that cannot be used. */
  constructor(readonly options: CertificateOptions) {
    const pair = readKeyPair(options);
    if ("problem" in pair) throw new AppError("config", "tls.refused", pair);
    this.#pair = pair;
    this.#warnOfDates();
    const { clock } = options;
    this.#looks = clock.every(LOOK_MS, () => void this.look());
    this.#reminders = clock.every(DAY_MS, () => this.#warnOfDates());
  }

  get pair(): KeyPair {
    return this.#pair;
  }

  /** `renew` gets each pair that follows; where it throws, it gets the same again later. */
  onRenewed(renew: Renew): Disposable {
    this.#renewals.add(renew);
    return {
      [Symbol.dispose]: () => {
        this.#renewals.delete(renew);
        this.#due.delete(renew);
      },
    };
  }

  /** Files that still change are left alone until the next look: two are not written at once. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const state = await this.#describeFiles();
    this.#isLooking = false;
    const isSettled = state === this.#lastState;
    this.#lastState = state;
    if (isSettled && state !== this.#readState) this.#read(state);
    this.#renewDue();
  }

  [Symbol.dispose](): void {
    this.#looks.cancel();
    this.#reminders.cancel();
    this.#renewals.clear();
    this.#due.clear();
  }

  #read(state: string): void {
    this.#readState = state;
    const { log } = this.options;
    const pair = readKeyPair(this.options);
    if ("problem" in pair) {
      log.warn("tls.not-renewed", { file: this.options[pair.file], reason: pair.problem });
      return;
    }
    if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return;
    this.#pair = pair;
    log.info("tls.renewed", { subject: pair.subject, until: new Date(pair.validUntilMs).toISOString() });
    this.#warnOfDates();
    for (const renew of this.#renewals) this.#due.add(renew);
  }

  #renewDue(): void {
    for (const renew of this.#due) {
      try {
        renew(this.#pair);
        this.#due.delete(renew);
      } catch (thrown) {
        this.options.log.error("tls.cannot-listen", { reason: messageOf(thrown) });
      }
    }
  }

  async #describeFiles(): Promise<string> {
    const { cert, key } = this.options;
    const parts = await Promise.all(
      [cert, key].map((path) =>
        stat(path).then(
          ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
          () => "none",
        ),
      ),
    );
    return parts.join(", ");
  }

  #warnOfDates(): void {
    const { clock, log } = this.options;
    const { subject, validFromMs, validUntilMs } = this.#pair;
    const nowMs = clock.wallMs();
    const days = Math.floor((validUntilMs - nowMs) / DAY_MS);
    if (nowMs < validFromMs)
      log.warn("tls.not-yet-valid", { subject, from: new Date(validFromMs).toISOString() });
    else if (days < 0) log.warn("tls.expired", { subject, daysAgo: -days });
    else if (days < WARNED_DAYS) log.warn("tls.expires-soon", { subject, days });
  }
}
