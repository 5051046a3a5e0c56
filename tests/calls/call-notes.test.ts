import { expect, test } from "bun:test";
import type { CallBook } from "../../src/calls/call-notes.ts";
import { openDesk } from "./desk.ts";
import { FakeTelephony, MEDIA } from "./fake-telephony.ts";

/** Keeps what it is told, a line each. */
function keepBook() {
  const told: [what: string, ...about: unknown[]][] = [];
  const book: CallBook = {
    begin({ callId: _, ...opening }) {
      told.push(["begin", opening]);
      return {
        mark: (moment) => told.push(["mark", moment]),
        setParty: (side, party) => told.push(["party", side, party.legIds]),
        setCodecs: (codecs) => told.push(["codecs", JSON.parse(JSON.stringify(codecs))]),
        setMedia: (media) => told.push(["media", media]),
        countReconnect: () => told.push(["reconnect"]),
        end: (ending) => told.push(["end", ending]),
      };
    },
    find: () => undefined,
  };
  return { book, told };
}

test("a call between two clients, one of whom loses its connection", () => {
  const { book, told } = keepBook();
  const { reach, ask, clients, caller, callee, media } = openDesk({ book });
  reach("ringing");
  const [up, down] = [...media.streams.values()];
  up?.push("AAC");
  ask(callee, "answer");
  down?.push("G711A");
  clients.watcher?.clientLost("nway");
  clients.watcher?.clientBack("nway");
  ask(caller, "bye");
  expect(told).toEqual([
    [
      "begin",
      {
        sessionid: "s1",
        caller: { kind: "client", name: "lihao", appName: "wx" },
        callee: { kind: "client", name: "nway", appName: "wx" },
      },
    ],
    ["mark", "ringing"],
    ["mark", "answered"],
    ["codecs", { callerAudio: "AAC" }],
    ["codecs", { callerAudio: "AAC", calleeAudio: "G711A" }],
    ["reconnect"],
    ["end", { by: "caller", cause: "NORMAL_CLEARING" }],
  ]);
});

test("a call to a telephone, whose legs, codec and counters come to be known", () => {
  const { book, told } = keepBook();
  const telephony = new FakeTelephony();
  const { ask, caller, clock, media } = openDesk({ book, telephony });
  ask(caller, "invite", { callee_number: "13800000000" }, "s1", false);
  const { leg } = telephony;
  leg.report({ kind: "ringing" });
  leg.ids = ["our-leg", "far-leg"];
  leg.media = MEDIA;
  leg.report({ kind: "early-media" });
  leg.report({ kind: "answered" });
  const [pushed] = media.streams.values();
  clock.advance(29_500);
  if (pushed !== undefined) pushed.frameAtMs = clock.nowMs();
  expect(told.filter(([what]) => what === "media")).toEqual([]);
  clock.advance(500);
  leg.report({ kind: "ended", cause: "NORMAL_CLEARING" });
  const { codec: _, ...counters } = MEDIA;
  expect(told.slice(1)).toEqual([
    ["mark", "ringing"],
    ["party", "callee", ["our-leg"]],
    ["mark", "earlyMedia"],
    ["party", "callee", ["our-leg", "far-leg"]],
    ["codecs", { telephone: "PCMA" }],
    ["mark", "answered"],
    ["media", counters],
    ["media", counters],
    ["end", { by: "callee", cause: "NORMAL_CLEARING" }],
  ]);
});

test("a call to an extension with a picture", () => {
  const { book, told } = keepBook();
  const { ask, caller } = openDesk({ book, codecs: { audio: "AAC", video: "H264" } });
  ask(caller, "invite", { callee_number: "9196", caller_video: "H265" });
  ask(caller, "cancel");
  expect(told[0]).toMatchObject(["begin", { callee: { kind: "extension", name: "9196" } }]);
  expect(told.slice(1)).toEqual([
    ["codecs", { callerVideo: "H265" }],
    ["mark", "answered"],
    ["end", { by: "caller", cause: "NORMAL_CLEARING" }],
  ]);
});
