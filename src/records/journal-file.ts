import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Timer } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { OpenCall } from "./call-record.ts";
import { encodeJournalLine, type JournalLine } from "./journal.ts";
import { FILE_MODE, FOLDER_MODE } from "./line-file.ts";

export type JournalFileOptions = {
  readonly path: string;
  /** What must stand in it now: from this it is written anew when it is long, or when writing failed. */
  readonly listOpen: () => Iterable<OpenCall>;
  /** From this size on it is written anew. */
  readonly maxBytes: () => number;
  readonly clock: Clock;
  readonly log: Logger;
};

const RETRY_MS = 5000;

/**
 * The journal on the disk. A line is with the system when `append` returns, so that no SIGKILL takes it away: what a
 * peer is told afterwards is written. It does not wait for the disk itself, which only a power cut would need.
 */
export class JournalFile implements Disposable {
  readonly #options: JournalFileOptions;
  #descriptor: number | undefined;
  #byteCount = 0;
  /** While writing fails. */
  #retry: Timer | undefined;

  constructor(options: JournalFileOptions) {
    this.#options = options;
  }

  /** The disk refuses what is to be written. */
  get isFailing(): boolean {
    return this.#retry !== undefined;
  }

  /** A failure is logged once; what is open then is written when writing works again. */
  append(line: JournalLine): void {
    if (this.#retry !== undefined) return;
    try {
      if (this.#descriptor !== undefined && fstatSync(this.#descriptor).nlink === 0) {
        this.#options.log.warn("records.file-removed", { file: this.#options.path });
        this.#replace();
      }
      this.#descriptor ??= this.#open();
      this.#write(this.#descriptor, encodeJournalLine(line));
      if (this.#byteCount >= this.#options.maxBytes()) this.#replace();
    } catch (thrown) {
      const { log, path } = this.#options;
      log.error("records.write-failed", { file: path, reason: messageOf(thrown) });
      this.#retryLater();
    }
  }

  [Symbol.dispose](): void {
    if (this.#retry !== undefined) this.#tryAgain();
    this.#retry?.cancel();
    this.#close();
  }

  #open(): number {
    const { path } = this.#options;
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    const descriptor = openSync(path, "a", FILE_MODE);
    this.#byteCount = fstatSync(descriptor).size;
    // What a killed process left half written must not spoil the next line.
    if (this.#byteCount > 0) this.#write(descriptor, "\n");
    return descriptor;
  }

  #write(descriptor: number, text: string): void {
    const bytes = Buffer.from(text);
    let writtenCount = 0;
    while (writtenCount < bytes.length) writtenCount += writeSync(descriptor, bytes, writtenCount);
    this.#byteCount += bytes.length;
  }

  /** A kill in between leaves the old one or the new one. */
  #replace(): void {
    const { path, listOpen } = this.#options;
    this.#close();
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    const lines = Array.from(listOpen(), (call) => encodeJournalLine({ call }));
    writeFileSync(`${path}.new`, lines.join(""), { mode: FILE_MODE });
    renameSync(`${path}.new`, path);
    this.#descriptor = this.#open();
  }

  #tryAgain(): void {
    const { log, path } = this.#options;
    this.#retry?.cancel();
    this.#retry = undefined;
    try {
      this.#replace();
      log.info("records.write-resumed", { file: path });
    } catch {
      this.#retryLater();
    }
  }

  #retryLater(): void {
    this.#close();
    this.#retry = this.#options.clock.after(RETRY_MS, () => this.#tryAgain());
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
