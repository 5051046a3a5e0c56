import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, type Logger } from "../../src/log.ts";
import { type CallRecord, decodeRecords } from "../../src/records/call-record.ts";
import { CallRecorder } from "../../src/records/call-recorder.ts";
import type { CallOpening } from "../../src/records/recorded-call.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

export type Folder = AsyncDisposable & { readonly path: string; at(name: string): string };

export async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "nway-wx-records-"));
  return {
    path,
    at: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A log that keeps the names of its events. */
export function listenToLog(): { readonly log: Logger; readonly events: string[] } {
  const events: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void events.push(line.split(" ")[2] ?? "") });
  return { log, events };
}

export type Limits = {
  readonly maxFileBytes?: number;
  readonly keptFileCount?: number;
  readonly recentCount?: number;
  readonly attemptsAMinute?: number;
};

/** A started recorder with a clock that stands still, and the names of what it logged. */
export async function startRecorder(folder: string, limits: Limits = {}) {
  const clock = new FakeClock();
  const { log, events } = listenToLog();
  const { maxFileBytes = 10_000_000, keptFileCount = 5, recentCount = 1000, attemptsAMinute = 1e6 } = limits;
  const recorder = new CallRecorder({
    folder,
    maxFileBytes,
    keptFileCount,
    recentCount,
    attemptsAMinute,
    clock,
    log,
  });
  await recorder.start();
  return { recorder, clock, events };
}

export async function readRecords(path: string): Promise<CallRecord[]> {
  const file = Bun.file(path);
  return (await file.exists()) ? decodeRecords(await file.text()) : [];
}

export function opening(callId: string): CallOpening {
  return {
    callId,
    sessionid: `s-${callId}`,
    caller: { kind: "client", name: "lihao", appName: "wx" },
    callee: { kind: "telephone", name: "13800138000" },
  };
}
