import { expect, test } from "bun:test";
import {
  CallRecord,
  closeCall,
  decodeRecords,
  encodeRecord,
  type OpenCall,
} from "../../src/records/call-record.ts";
import { decodeJournal, encodeJournalLine } from "../../src/records/journal.ts";
import { RecordedCall } from "../../src/records/recorded-call.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { opening } from "./folder.ts";

const OPEN: OpenCall = {
  ...opening("a"),
  caller: { kind: "client", name: "lihao" },
  callee: { kind: "telephone", name: "110" },
  startedAt: "2026-01-01T00:00:00.000Z",
  answeredAt: "2026-01-01T00:00:05.500Z",
  codecs: {},
  media: {},
  reconnects: 0,
};
const END = { endedAt: "2026-01-01T00:01:00.000Z", endedBy: "callee", cause: "NORMAL_CLEARING" } as const;

test("a closed call is a record; its own end wins over a guess", () => {
  const record = closeCall(OPEN, END);
  expect(record).toMatchObject({ ...END, talkSeconds: 54.5 });
  expect(CallRecord.parse(record)).toEqual(record);
  expect(closeCall(record, { ...END, cause: "OTHER" })).toEqual(record);
  expect(closeCall({ ...OPEN, answeredAt: undefined }, END).talkSeconds).toBe(0);
  expect(closeCall(OPEN, { ...END, endedAt: OPEN.startedAt }).talkSeconds).toBe(0);
});

test("lines read back, and damaged ones are passed over", () => {
  const record = closeCall(OPEN, END);
  const line = encodeRecord(record);
  expect(line.indexOf("\n")).toBe(line.length - 1);
  const text = `${line}{"callId":"b"\n\n\0\0\0\n[]\nnull\n{"callId":"c"}\n${line.slice(20)}${line}`;
  expect(decodeRecords(text)).toEqual([record, record]);
});

test("a line break in a name stays within its line", () => {
  const record = closeCall({ ...OPEN, caller: { kind: "client", name: 'a\nb\r"\u2028\0' } }, END);
  expect(encodeRecord(record).split("\n")).toHaveLength(2);
  expect(decodeRecords(encodeRecord(record))).toEqual([record]);
});

test("the journal leaves the newest state of what is not done", () => {
  const text = [
    encodeJournalLine({ call: OPEN }),
    encodeJournalLine({ call: { ...OPEN, callId: "b" } }),
    '{"call":{"callId":"c"}}\n',
    encodeJournalLine({ alive: "2026-01-01T00:00:10.000Z" }),
    encodeJournalLine({ call: { ...OPEN, callId: "b", reconnects: 2 } }),
    encodeJournalLine({ done: "a" }),
    encodeJournalLine({ done: "unknown" }),
    '{"call":{"callId":"b","star',
  ].join("");
  expect(decodeJournal(text)).toEqual({
    calls: [{ ...OPEN, callId: "b", reconnects: 2 }],
    lastAliveAt: "2026-01-01T00:00:10.000Z",
    damagedCount: 2,
  });
  expect(decodeJournal("")).toEqual({ calls: [], lastAliveAt: undefined, damagedCount: 0 });
});

test("each truncation of a journal gives its whole lines", () => {
  const lines = ["a", "b", "c"].map((callId) => encodeJournalLine({ call: { ...OPEN, callId } }));
  const text = lines.join("");
  for (let length = 0; length <= text.length; length++) {
    const cut = text.slice(0, length);
    const { calls } = decodeJournal(cut);
    const whole = cut.split("\n").length - 1;
    expect([whole, whole + 1]).toContain(calls.length);
  }
});

test("a call's life: moments count once, what is known adds up, and nothing counts after the end", () => {
  const clock = new FakeClock();
  const changes: OpenCall[] = [];
  const records: CallRecord[] = [];
  const call = new RecordedCall(opening("a"), {
    now: () => new Date(clock.wallMs()).toISOString(),
    onChange: (changed) => void changes.push(changed),
    onEnd: (open, end) => void records.push(closeCall(open, end)),
  });
  for (const moment of ["ringing", "earlyMedia", "answered", "ringing"] as const) {
    clock.advance(1000);
    call.mark(moment);
  }
  call.setParty("callee", {
    kind: "telephone",
    name: "9".repeat(1000),
    legIds: Array.from({ length: 20 }, () => "b"),
  });
  call.setCodecs({ callerAudio: "AAC" });
  call.setCodecs({ telephone: "PCMA" });
  call.setMedia({ lostPackets: 1 });
  call.setMedia({ lostPackets: 2, concealedMs: 40 });
  call.countReconnect();
  call.countReconnect();
  const changeCount = changes.length;
  clock.advance(500);
  call.end({ by: "caller", cause: "NORMAL_CLEARING" });
  call.end({ by: "callee", cause: "LATE" });
  call.countReconnect();
  expect(changes).toHaveLength(changeCount);
  expect(records).toEqual([
    {
      ...opening("a"),
      caller: { kind: "client", name: "lihao", appName: "wx" },
      callee: { kind: "telephone", name: "9".repeat(256), legIds: Array.from({ length: 8 }, () => "b") },
      startedAt: "2026-01-01T00:00:00.000Z",
      ringingAt: "2026-01-01T00:00:01.000Z",
      earlyMediaAt: "2026-01-01T00:00:02.000Z",
      answeredAt: "2026-01-01T00:00:03.000Z",
      endedAt: "2026-01-01T00:00:04.500Z",
      talkSeconds: 1.5,
      endedBy: "caller",
      cause: "NORMAL_CLEARING",
      codecs: { callerAudio: "AAC", telephone: "PCMA" },
      media: { lostPackets: 2, concealedMs: 40 },
      reconnects: 2,
    },
  ]);
});
