import { describe, expect, test } from "bun:test";
import type { Frame } from "../../src/media/frame.ts";
import { isCoded, Splice, TimeLine } from "../../src/media/time-line.ts";
import { audioFrame, audioHeader, metadataFrame, nameFrame, videoDelta, videoHeader } from "./frames.ts";

/** A row: a frame, and the milliseconds that pass before it comes. */
type Row = readonly [frame: Frame, afterMs?: number];

class Players {
  readonly line = new TimeLine();
  readonly seen: string[] = [];
  nowMs = 0;

  /** Where the frames of a new publisher come out. */
  publish(...rows: readonly Row[]): string[] {
    const before = this.seen.length;
    const splice = new Splice(this.line, {
      push: (frame, nowMs) => {
        if (isCoded(frame)) this.line.note(frame, nowMs);
        this.seen.push(nameFrame(frame));
      },
    });
    for (const [frame, afterMs = 0] of rows) {
      this.nowMs += afterMs;
      splice.push(frame, this.nowMs);
    }
    return this.seen.slice(before);
  }
}

function place(...rows: readonly Row[]): string[] {
  return new Players().publish(...rows);
}

describe("a pause", () => {
  test("of one publisher is left out: time goes on by its usual step", () => {
    expect(
      place([audioFrame(0)], [audioFrame(21), 21], [audioFrame(8042), 8021], [audioFrame(8063), 21]),
    ).toEqual(["audio key 0", "audio key 21", "audio key 42", "audio key 63"]);
  });

  test("of both tracks is left out of both by the same, also of a frame from before that comes late", () => {
    expect(
      place(
        ...([[videoDelta(0)], [audioFrame(5)], [videoDelta(40)], [videoDelta(8080)]] as const),
        ...([[audioFrame(26)], [audioFrame(8070)], [videoDelta(8120)], [audioFrame(8091)]] as const),
      ),
    ).toEqual([
      ...["video delta 0", "audio key 5", "video delta 40", "video delta 80"],
      ...["audio key 26", "audio key 70", "video delta 120", "audio key 91"],
    ]);
  });

  test("of one track beside the other is none", () => {
    const sound = Array.from({ length: 200 }, (_, n): Row => [audioFrame(20 * n)]);
    expect(place([videoDelta(0)], ...sound, [videoDelta(4000)]).at(-1)).toBe("video delta 4000");
  });

  test("between two publishers is left out, and a short one is not", () => {
    const players = new Players();
    players.publish([audioFrame(1000)]);
    expect(players.publish([audioFrame(0), 4000], [audioFrame(21), 21])).toEqual([
      "audio key 1040",
      "audio key 1061",
    ]);
    expect(players.publish([audioFrame(0), 300])).toEqual(["audio key 1361"]);
  });

  test("up to half a second is handed on, and of pictures alone one that a slow camera makes", () => {
    expect(place([audioFrame(0)], [audioFrame(500)], [audioFrame(1001)]).at(-1)).toBe("audio key 1000");
    expect(place([videoDelta(0)], [videoDelta(1000)], [videoDelta(2000)])).toEqual([
      ...["video delta 0", "video delta 1000", "video delta 2000"],
    ]);
  });
});

describe("a step of the publisher's clock", () => {
  test.each([
    { name: "back by 10 s", to: 50_000 },
    { name: "back to 0", to: 0 },
    { name: "forth by an hour", to: 3_660_000 },
    { name: "forth over the middle of 32 bits", to: 0x9000_0000 },
  ])("$name is taken out of both tracks", ({ to }) => {
    expect(
      place(
        ...([
          [videoDelta(60_000)],
          [audioFrame(60_000)],
          [videoDelta(60_040)],
          [audioFrame(60_021)],
        ] as const),
        ...([[videoDelta(to)], [audioFrame(to - 20)], [audioFrame(to + 1)], [videoDelta(to + 40)]] as const),
      ).slice(4),
    ).toEqual(["video delta 60080", "audio key 60060", "audio key 60081", "video delta 60120"]);
  });

  test("of one track alone keeps the other where it is", () => {
    const seen = place(
      [videoDelta(0)],
      [audioFrame(0)],
      [audioFrame(90_000)],
      [videoDelta(40)],
      [audioFrame(90_021)],
    );
    expect(seen.slice(2)).toEqual(["audio key 40", "video delta 40", "audio key 61"]);
  });

  test("back by bad rounding is handed on", () => {
    expect(place([audioFrame(1000)], [audioFrame(950)])).toEqual(["audio key 1000", "audio key 950"]);
  });
});

describe("time", () => {
  test("near the middle of 32 bits begins at 0, and low in them as it is", () => {
    expect(place([audioFrame(0x7fff_ec78)], [audioFrame(0x7fff_ec8d)])).toEqual([
      "audio key 0",
      "audio key 21",
    ]);
    expect(place([audioFrame(70_000)])).toEqual(["audio key 70000"]);
  });

  test("passes the end of 32 bits, of the publisher and of the players", () => {
    expect(place([audioFrame(0xffff_fff0)], [audioFrame(5)])).toEqual(["audio key 0", "audio key 21"]);
    const players = new Players();
    players.line.note(audioFrame(0xffff_fff0), 0);
    expect(players.publish([audioFrame(0), 20], [audioFrame(20)])).toEqual(["audio key 4", "audio key 24"]);
  });

  test("of headers and data is that of the frames around them", () => {
    expect(
      place([metadataFrame(0)], [videoDelta(9_000_000)], [audioHeader(0)], [videoHeader(9_000_040)]),
    ).toEqual(["data metadata 0", "video delta 9000000", "audio config 9000000", "video config 9000040"]);
  });
});
