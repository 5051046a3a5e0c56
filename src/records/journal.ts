import { readFile } from "node:fs/promises";
import { z } from "zod";
import { errorCodeOf } from "../errors.ts";
import { OpenCall, readJson } from "./call-record.ts";

/**
 * What a killed process would forget. Each line is the newest state of an open call, ends a call's stay here once its
 * record is written, or says that the process lived at this time.
 */
const JournalLine = z.union([
  z.object({ call: OpenCall }),
  z.object({ done: z.string() }),
  z.object({ alive: z.iso.datetime() }),
]);

export type JournalLine = z.infer<typeof JournalLine>;

export type ReadJournal = {
  readonly calls: readonly OpenCall[];
  /** ISO 8601; undefined in a journal that doesn't say. */
  readonly lastAliveAt: string | undefined;
  readonly damagedCount: number;
};

export function encodeJournalLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** The calls that were open at its end, in the order in which they began. Damaged lines are counted and left out. */
export function decodeJournal(text: string): ReadJournal {
  const calls = new Map<string, OpenCall>();
  let lastAliveAt: string | undefined;
  let damagedCount = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { data } = JournalLine.safeParse(readJson(line));
    if (data === undefined) damagedCount++;
    else if ("alive" in data) lastAliveAt = data.alive;
    else if ("call" in data) calls.set(data.call.callId, data.call);
    else calls.delete(data.done);
  }
  return { calls: [...calls.values()], lastAliveAt, damagedCount };
}

/** Empty when there is none yet. */
export async function readJournal(path: string): Promise<ReadJournal> {
  const text = await readFile(path, "utf8").catch((thrown: unknown) => {
    if (isMissing(thrown)) return "";
    throw thrown;
  });
  return decodeJournal(text);
}

function isMissing(thrown: unknown): boolean {
  return errorCodeOf(thrown) === "ENOENT";
}
