import { resolve } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/schema.ts";
import type { Logger } from "../log.ts";
import { CallRecorder } from "../records/call-recorder.ts";

const BYTES_A_MEGABYTE = 1024 * 1024;
/** More unanswered attempts than a person makes. */
const ATTEMPTS_A_MINUTE = 10;

/** Undefined where `[records] dir` names no folder. Writes what the process before left behind. */
export async function startRecords(
  { records }: Pick<Config, "records">,
  clock: Clock,
  log: Logger,
): Promise<CallRecorder | undefined> {
  const { dir, file_megabytes, files, recent_calls } = records;
  if (dir === undefined) return undefined;
  const recorder = new CallRecorder({
    folder: resolve(dir),
    maxFileBytes: file_megabytes * BYTES_A_MEGABYTE,
    keptFileCount: files,
    recentCount: recent_calls,
    attemptsAMinute: ATTEMPTS_A_MINUTE,
    clock,
    log,
  });
  await recorder.start();
  return recorder;
}
