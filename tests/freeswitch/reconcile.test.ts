import { describe, expect, test } from "bun:test";
import { createLegIds } from "../../src/freeswitch/leg-ids.ts";
import { compareChannels, parseChannels } from "../../src/freeswitch/reconcile.ts";
import { errorCodeOf } from "../protocols/error-code.ts";
import { readMessages, readServerBytes } from "./recordings.ts";

let chance = 0;
const countUp = (bytes: Uint8Array) => void bytes.fill(++chance);
const ids = createLegIds("127.0.0.1:25560", countUp);
const others = createLegIds("127.0.0.1:25561", countUp);

describe("ids of our legs", () => {
  test("are UUIDs of version 4, each another", () => {
    const made = Array.from({ length: 20 }, () => ids.create());
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(made).size).toBe(20);
  });

  test("tell our gateway's from another's, and stay ours over a restart", () => {
    const again = createLegIds("127.0.0.1:25560", countUp);
    expect(again.isOurs(ids.create())).toBe(true);
    expect(again.isOurs(others.create())).toBe(false);
    expect(again.isOurs("83fe0f3a-c88b-4145-8db2-8106af19a19e")).toBe(false);
  });
});

describe("the list of channels", () => {
  test("empty, as recorded", () => {
    const lists = readMessages(readServerBytes("esl_show_channels_during_call")).filter(({ body }) =>
      body.startsWith('{"row_count'),
    );
    expect(lists.map(({ body }) => parseChannels(body))).toEqual([[], [], []]);
  });

  test("rows that make no sense are left", () => {
    const rows = [{ uuid: "a", call_uuid: "b", callstate: "ACTIVE" }, { uuid: 1 }, null, [], { uuid: "c" }];
    expect(parseChannels(JSON.stringify({ row_count: 5, rows }))).toEqual([
      { uuid: "a", callId: "b", callState: "ACTIVE" },
      { uuid: "c", callId: "", callState: "" },
    ]);
  });

  test.each(["", "-ERR no reply\n", "null", "7", "{"])("%j is refused", (body) => {
    expect(errorCodeOf(() => parseChannels(body))).toBe("esl.bad-channels");
  });
});

test("what FreeSWITCH has and we have not, the other way round, and how far the rest is", () => {
  const [ours, far, gone, orphan] = [ids.create(), ids.create(), ids.create(), ids.create()];
  const live = { legId: ours, call: { farLegIds: new Set([far]) } };
  const lost = { legId: gone, call: { farLegIds: new Set<string>() } };
  const seat = { legId: ids.create(), call: { farLegIds: new Set<string>() } };
  const rows = [
    { uuid: ours, callId: ours, callState: "ACTIVE" },
    { uuid: far, callId: ours, callState: "RINGING" },
    { uuid: orphan, callId: orphan, callState: "ACTIVE" },
    { uuid: others.create(), callId: "", callState: "ACTIVE" },
    { uuid: seat.legId, callId: seat.legId, callState: "ACTIVE" },
    { uuid: "an-agent", callId: seat.legId, callState: "ACTIVE" },
  ];
  expect(compareChannels(rows, [live, lost, seat], ids.isOurs)).toEqual({
    orphans: [orphan],
    missing: [lost],
    progress: [
      { call: live, callState: "RINGING" },
      { call: seat, callState: "ACTIVE" },
    ],
  });
});
