/** The way that a key came: in RTP or in INFO. */
export type KeyPath = "rtp" | "info";

/** Some telephones send each key both ways. Then both come within this time. */
const TWIN_MS = 1000;
const MAX_WAITING = 32;

type Press = { readonly key: string; readonly path: KeyPath; readonly atMs: number };

/** Tells keys from their doubles. A key that came one way is expected to come the other way, once. */
export class KeyPresses {
  #waiting: Press[] = [];

  /** Whether it is a key of its own. */
  take(key: string, path: KeyPath, nowMs: number): boolean {
    this.#waiting = this.#waiting.filter(({ atMs }) => nowMs - atMs < TWIN_MS);
    const twin = this.#waiting.findIndex((press) => press.key === key && press.path !== path);
    if (twin !== -1) {
      this.#waiting.splice(twin, 1);
      return false;
    }
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ key, path, atMs: nowMs });
    return true;
  }
}
