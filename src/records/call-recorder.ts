import { join } from "node:path";
import type { Clock, Timer } from "../clock.ts";
import { AppError, messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { AttemptFold } from "./attempt-fold.ts";
import {
  type CallRecord,
  closeCall,
  decodeRecords,
  encodeRecord,
  GATEWAY_RESTART,
  type OpenCall,
  type RecordedEnd,
} from "./call-record.ts";
import { lockFolder } from "./folder-lock.ts";
import { type ReadJournal, readJournal } from "./journal.ts";
import { JournalFile } from "./journal-file.ts";
import { LineFile } from "./line-file.ts";
import type { RecentPage, RecentQuery } from "./recent-calls.ts";
import { RecentStore } from "./recent-store.ts";
import { type CallOpening, RecordedCall } from "./recorded-call.ts";
import { readNewestLines, rotateFiles } from "./rotation.ts";

export type CallRecorderOptions = {
  readonly folder: string;
  /** A file of records that has grown to this is put aside; so many of these are kept. */
  readonly maxFileBytes: number;
  readonly keptFileCount: number;
  /** Calls in the console's database. */
  readonly recentCount: number;
  /** Unanswered ones of a user that are recorded one by one; more are counted in one record. */
  readonly attemptsAMinute: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** If the process is killed, the recorded end of a call is exact to this time. */
const ALIVE_MS = 10_000;
const MIN_JOURNAL_BYTES = 1024 * 1024;
/** More than the lines of one open call take. */
const JOURNAL_BYTES_A_CALL = 4096;
/** Far more than can be written between a record and the journal's word that it is written. */
const OVERLAP_BYTES = 1024 * 1024;
const REFILL_BYTES = 8 * 1024 * 1024;

/**
 * Writes a record of each ended call into a file and a database, and keeps a journal of the open ones, from which the
 * next start makes records if this process is killed: what happens to a call is in the journal when the call that says
 * so returns, and so before any peer is told. Nothing here makes a call fail.
 */
export class CallRecorder implements AsyncDisposable {
  readonly #options: CallRecorderOptions;
  readonly #recordsPath: string;
  readonly #records: LineFile;
  readonly #journal: JournalFile;
  readonly #recent: RecentStore;
  readonly #open = new Map<string, OpenCall>();
  readonly #attempts: AttemptFold;
  #heartbeat: Timer | undefined;
  #lock: Disposable | undefined;

  constructor(options: CallRecorderOptions) {
    const { folder, clock, log, maxFileBytes, keptFileCount, recentCount } = options;
    this.#options = options;
    this.#attempts = new AttemptFold(options.attemptsAMinute, clock);
    this.#recordsPath = join(folder, "calls.jsonl");
    this.#records = new LineFile({
      path: this.#recordsPath,
      maxBytes: () => maxFileBytes,
      turnOver: (path) => rotateFiles(path, keptFileCount),
      clock,
      log,
    });
    this.#journal = new JournalFile({
      path: join(folder, "open-calls.jsonl"),
      listOpen: () => this.#open.values(),
      maxBytes: () => Math.max(MIN_JOURNAL_BYTES, this.#open.size * JOURNAL_BYTES_A_CALL),
      clock,
      log,
    });
    this.#recent = new RecentStore({
      path: join(folder, "recent-calls.db"),
      keptCount: recentCount,
      readNewest: () => this.#readNewest(REFILL_BYTES),
      clock,
      log,
    });
  }

  /**
   * Records what the process before left behind. Before it is done nothing else may be called. Throws AppError
   * `records.folder-in-use` when another process writes there.
   */
  async start(): Promise<void> {
    const { folder, clock, log } = this.#options;
    try {
      this.#lock = await lockFolder(folder);
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      log.error("records.folder-not-locked", { folder, reason: messageOf(thrown) });
    }
    try {
      this.#recover(
        await readJournal(join(folder, "open-calls.jsonl")),
        await this.#readNewest(OVERLAP_BYTES),
      );
    } catch (thrown) {
      log.error("records.recovery-failed", { reason: messageOf(thrown) });
    }
    await this.#recent.open();
    this.#heartbeat = clock.every(ALIVE_MS, () => {
      for (const record of this.#attempts.take(false)) this.#keep(record);
      if (this.#open.size > 0) this.#journal.append({ alive: this.#now() });
    });
  }

  /** What is to be kept of calls cannot be written at present. */
  get isFailing(): boolean {
    return this.#records.isFailing || this.#journal.isFailing;
  }

  /** Calls that are under way, or whose records wait to be written. */
  get unwrittenCount(): number {
    return this.#open.size;
  }

  /** The call's times are counted from its beginning on: a step of the system's clock is no time that was talked. */
  begin(opening: CallOpening): RecordedCall {
    const { clock } = this.#options;
    const wallOffsetMs = clock.wallMs() - clock.nowMs();
    return new RecordedCall(opening, {
      now: () => new Date(clock.nowMs() + wallOffsetMs).toISOString(),
      onChange: (call) => this.#note(call),
      onEnd: (call, end) => this.#finish(closeCall(call, end)),
    });
  }

  list(query: RecentQuery): RecentPage {
    return this.#recent.list(query);
  }

  find(callId: string): CallRecord | undefined {
    return this.#recent.find(callId);
  }

  /** Thousands of the last calls, oldest first. */
  async readNewest(): Promise<CallRecord[]> {
    await this.#records.settle();
    return await this.#readNewest(REFILL_BYTES);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#heartbeat?.cancel();
    for (const record of this.#attempts.take(true)) this.#keep(record);
    await this.#records[Symbol.asyncDispose]();
    this.#journal[Symbol.dispose]();
    await this.#recent[Symbol.asyncDispose]();
    this.#lock?.[Symbol.dispose]();
  }

  #note(call: OpenCall): void {
    this.#open.set(call.callId, call);
    this.#journal.append({ call });
  }

  /** What is counted in another record waits in the journal with that. */
  #finish(record: CallRecord): void {
    const folded = this.#attempts.fold(record);
    if (folded === undefined) {
      this.#keep(record);
      return;
    }
    this.#note(folded);
    if (folded.callId !== record.callId) this.#forget(record.callId);
  }

  /**
   * The journal keeps the end too, so that a record that could not be written yet is not lost; while the disk takes
   * none at all, no more of them are kept here than wait to be written.
   */
  #keep(record: CallRecord): void {
    this.#note(record);
    this.#recent.add(record);
    const isTaken = this.#records.append(encodeRecord(record), () => this.#forget(record.callId));
    if (!isTaken) this.#open.delete(record.callId);
  }

  #forget(callId: string): void {
    this.#open.delete(callId);
    this.#journal.append({ done: callId });
  }

  #recover({ calls, lastAliveAt, damagedCount }: ReadJournal, newest: readonly CallRecord[]): void {
    const written = new Set(newest.map(({ callId }) => callId));
    const lost = calls.filter(({ callId }) => !written.has(callId));
    for (const call of lost) this.#keep(closeCall(call, unseenEnd(call, lastAliveAt)));
    for (const { callId } of calls) if (written.has(callId)) this.#forget(callId);
    if (lost.length > 0 || damagedCount > 0) {
      this.#options.log.warn("records.recovered", { calls: lost.length, damagedLines: damagedCount });
    }
  }

  async #readNewest(maxBytes: number): Promise<CallRecord[]> {
    return decodeRecords(await readNewestLines(this.#recordsPath, maxBytes));
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }
}

/** The last moment at which the call is known to have lived. */
function unseenEnd(call: OpenCall, lastAliveAt: string | undefined): RecordedEnd {
  const known = [call.startedAt, call.ringingAt, call.earlyMediaAt, call.answeredAt, lastAliveAt];
  const [endedAt = call.startedAt] = known
    .filter((at) => at !== undefined)
    .sort()
    .reverse();
  return { endedAt, endedBy: "gateway", cause: GATEWAY_RESTART };
}
