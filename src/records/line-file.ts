import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock, Timer } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";

export type LineFileOptions = {
  readonly path: string;
  /** From this size on `turnOver` is called between two writes, with the file closed: it makes the file small again. */
  readonly maxBytes: () => number;
  readonly turnOver: (path: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
};

type Line = { readonly bytes: Uint8Array; readonly onWritten: (() => void) | undefined };

const RETRY_MS = 5000;
const MAX_BATCH_BYTES = 256 * 1024;
/** What waits while the disk is full; later lines are dropped and counted. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** Not for everybody: records tell who spoke with whom. */
export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;
const LINE_FEED = 0x0a;
const encoder = new TextEncoder();

/**
 * Appends lines without making anybody wait: what comes while one write is under way goes into the next. When
 * writing fails that is logged once, and tried again until it works.
 */
export class LineFile implements AsyncDisposable {
  readonly #options: LineFileOptions;
  readonly #waiting: Line[] = [];
  #waitingBytes = 0;
  /** The lines of the write under way, and how much of them is in the file already. */
  #batch: readonly Line[] = [];
  #batchBytes: Uint8Array = new Uint8Array(0);
  #writtenBytes = 0;
  #file: FileHandle | undefined;
  #fileBytes = 0;
  #run: Promise<void> | undefined;
  #retry: Timer | undefined;
  #isFailing = false;
  #cannotTurnOver = false;
  #isDisposed = false;
  #droppedCount = 0;

  constructor(options: LineFileOptions) {
    this.#options = options;
  }

  /** The disk refuses what is to be written. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** `line` ends in a line feed; `onWritten` is called once it is in the file. False when it is dropped. */
  append(line: string, onWritten?: () => void): boolean {
    const bytes = encoder.encode(line);
    if (this.#isDisposed || this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#droppedCount++;
      return false;
    }
    this.#waiting.push({ bytes, onWritten });
    this.#waitingBytes += bytes.length;
    if (this.#retry === undefined) this.#start();
    return true;
  }

  /** Resolves when everything is written, or when writing failed. */
  async settle(): Promise<void> {
    while (this.#run !== undefined) await this.#run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.settle();
    if (this.#retry !== undefined) {
      this.#retry.cancel();
      this.#start();
      await this.settle();
      this.#retry?.cancel();
    }
    await this.#close();
  }

  #start(): void {
    this.#retry = undefined;
    this.#run ??= this.#writeAll().finally(() => {
      this.#run = undefined;
      if (this.#waiting.length > 0 && this.#retry === undefined) this.#start();
    });
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#takeBatch()) await this.#writeBatch();
      if (this.#isFailing) this.#options.log.info("records.write-resumed", { dropped: this.#droppedCount });
      this.#isFailing = false;
    } catch (thrown) {
      await this.#close();
      this.#fail(thrown);
    }
  }

  #takeBatch(): boolean {
    if (this.#batch.length > 0) return true;
    let count = 0;
    let byteCount = 0;
    for (const { bytes } of this.#waiting) {
      if (count > 0 && byteCount + bytes.length > MAX_BATCH_BYTES) break;
      byteCount += bytes.length;
      count++;
    }
    this.#batch = this.#waiting.splice(0, count);
    this.#batchBytes = Buffer.concat(this.#batch.map(({ bytes }) => bytes));
    this.#waitingBytes -= byteCount;
    this.#writtenBytes = 0;
    return count > 0;
  }

  /** A write that failed halfway goes on where it stopped. */
  async #writeBatch(): Promise<void> {
    if (this.#file !== undefined && (await this.#file.stat()).nlink === 0) {
      this.#options.log.warn("records.file-removed", { file: this.#options.path });
      await this.#close();
    }
    this.#file ??= await this.#open();
    while (this.#writtenBytes < this.#batchBytes.length) {
      const { bytesWritten } = await this.#file.write(this.#batchBytes, this.#writtenBytes);
      this.#writtenBytes += bytesWritten;
      this.#fileBytes += bytesWritten;
    }
    const done = this.#batch;
    this.#batch = [];
    for (const { onWritten } of done) onWritten?.();
    if (this.#fileBytes >= this.#options.maxBytes()) await this.#turnOver();
  }

  /** Where that fails the file grows on. */
  async #turnOver(): Promise<void> {
    const { path, turnOver, log } = this.#options;
    await this.#close();
    try {
      await turnOver(path);
      this.#cannotTurnOver = false;
    } catch (thrown) {
      if (!this.#cannotTurnOver)
        log.error("records.turn-over-failed", { file: path, reason: messageOf(thrown) });
      this.#cannotTurnOver = true;
    }
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    const file = await open(path, "a+", FILE_MODE);
    this.#fileBytes = (await file.stat()).size;
    if (this.#writtenBytes === 0) await this.#endTornLine(file);
    return file;
  }

  /** What a killed process left half written must not spoil the next line. */
  async #endTornLine(file: FileHandle): Promise<void> {
    if (this.#fileBytes === 0) return;
    const last = new Uint8Array(1);
    await file.read(last, 0, 1, this.#fileBytes - 1);
    if (last[0] === LINE_FEED) return;
    await file.write("\n");
    this.#fileBytes++;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  #fail(thrown: unknown): void {
    const { clock, log, path } = this.#options;
    if (!this.#isFailing) log.error("records.write-failed", { file: path, reason: messageOf(thrown) });
    this.#isFailing = true;
    this.#retry = clock.after(RETRY_MS, () => this.#start());
  }
}
