import { closeCall, decodeRecords, encodeRecord, type OpenCall } from "../../src/records/call-record.ts";
import { decodeJournal, encodeJournalLine } from "../../src/records/journal.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder();
const END = { endedAt: "2026-01-01T00:00:09.000Z", endedBy: "gateway", cause: "GATEWAY_RESTART" } as const;
const CALL: OpenCall = {
  callId: "a",
  sessionid: "s",
  caller: { kind: "client", name: "lihao", appName: "wx" },
  callee: { kind: "telephone", name: "110", legIds: ["x", "y"] },
  startedAt: "2026-01-01T00:00:00.000Z",
  answeredAt: "2026-01-01T00:00:05.000Z",
  codecs: { telephone: "PCMA" },
  media: { lostPackets: 1 },
  reconnects: 1,
};

/** What a damaged journal still tells makes records that read back. */
export const target: FuzzTarget = {
  name: "call-journal",
  seeds: [
    encodeJournalLine({ call: CALL }) + encodeJournalLine({ alive: CALL.startedAt }),
    encodeJournalLine({ call: CALL }) + encodeJournalLine({ done: "a" }) + encodeJournalLine({ call: CALL }),
    encodeRecord(closeCall(CALL, END)),
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    const text = decoder.decode(input);
    decodeRecords(text);
    const records = decodeJournal(text).calls.map((call) => closeCall(call, END));
    const readBack = decodeRecords(records.map(encodeRecord).join(""));
    if (!Bun.deepEquals(readBack, records)) throw new Error("a record that does not read back");
  },
};
