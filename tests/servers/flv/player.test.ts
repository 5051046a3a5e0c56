import { beforeEach, describe, expect, test } from "bun:test";
import { encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { silentLogger } from "../../../src/log.ts";
import type { Publication } from "../../../src/media/publication.ts";
import { Stream } from "../../../src/media/stream.ts";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import { plainFlvFormat } from "../../../src/servers/flv/from-stream.ts";
import { type FlvEnd, FlvPlayer } from "../../../src/servers/flv/player.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import {
  audioFrame,
  audioHeader,
  metadataFrame,
  videoDelta,
  videoHeader,
  videoKey,
} from "../../media/frames.ts";
import { FakeSocket } from "../tcp/fake-socket.ts";

let clock: FakeClock;
let stream: Stream;
let publication: Publication;
let socket: FakeSocket;
let ends: FlvEnd[];

beforeEach(() => {
  clock = new FakeClock();
  stream = new Stream("key", { clock, log: silentLogger, republishSeconds: 0 }, () => {});
  publication = stream.publish({ from: "a", protocol: "test", onReplaced: () => {} });
  socket = new FakeSocket();
  ends = [];
});

function play(): void {
  const outbound = new Outbound(socket, { clock, queue: { maxAgeMs: 500, maxBytes: 10_000 } });
  const subscription = stream.subscribe(
    new FlvPlayer({
      ...{ stream, outbound, clock, format: plainFlvFormat },
      sendHeader: (header) => outbound.sendControl(header),
      onEnd: (end) => {
        ends.push(end);
        subscription.end();
      },
    }),
  );
}

/** The header's flags and the tags' types and times; undefined while nothing was sent. */
function received(): { flags: number | undefined; tags: string[] } | undefined {
  if (socket.taken.length === 0) return undefined;
  const bytes = Uint8Array.from(socket.taken);
  const tags: string[] = [];
  new FlvDecoder().push(bytes, ({ type, timestampMs }) => tags.push(`${type}@${timestampMs}`));
  return { flags: bytes[4], tags };
}

describe("the header", () => {
  test("goes out with the first frame when both tracks are known", () => {
    for (const frame of [metadataFrame(), videoHeader(), audioHeader(), videoKey(0), audioFrame(10)]) {
      publication.push(frame);
    }
    play();
    expect(received()).toEqual({ flags: 5, tags: ["18@0", "9@0", "8@0", "9@0"] });
    expect(clock.timerCount).toBe(0);
  });

  test("waits a moment for a second track, and is right when it comes", () => {
    play();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    clock.advance(24);
    expect(received()).toBeUndefined();
    publication.push(videoKey(24));
    expect(received()).toEqual({ flags: 5, tags: ["18@0", "8@0", "8@0", "9@24"] });
    expect(clock.timerCount).toBe(0);
  });

  test("names the one track that there is when the wait is over, without another frame", () => {
    play();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    clock.advance(25);
    expect(received()).toEqual({ flags: 4, tags: ["18@0", "8@0", "8@0"] });
  });

  test("does not wait in a stream that has been running with one track", () => {
    publication.push(videoHeader());
    publication.push(videoKey(0));
    clock.advance(100);
    play();
    expect(received()).toEqual({ flags: 1, tags: ["18@0", "9@0", "9@0"] });
  });

  test("is not sent for metadata alone, however much it promises", () => {
    play();
    publication.push(metadataFrame());
    clock.advance(1000);
    expect(received()).toBeUndefined();
  });
});

describe("where another track was named", () => {
  const named = { ...metadataFrame(), body: encodeAmf0("onMetaData", { videocodecid: 7, width: 320 }) };

  test("the header waits longer for it; sound that grew old meanwhile is left out", () => {
    play();
    for (const frame of [named, audioHeader(), audioFrame(0), audioFrame(21)]) publication.push(frame);
    clock.advance(1_500);
    expect(received()).toBeUndefined();
    publication.push(videoHeader());
    publication.push(videoKey(480));
    publication.push(audioFrame(490));
    expect(received()).toEqual({ flags: 5, tags: ["18@0", "9@0", "8@0", "9@480", "8@490"] });
  });

  test("the picture group since its key frame is there when sound comes late, and no frame twice", () => {
    play();
    publication.push(audioHeader());
    for (const frame of [videoHeader(), videoKey(0), videoDelta(40), videoDelta(80)]) {
      publication.push(frame);
      clock.advance(400);
    }
    publication.push(audioFrame(120));
    publication.push(videoDelta(120));
    expect(received()).toEqual({
      ...{ flags: 5, tags: ["18@0", "9@0", "8@0", "9@0", "9@40", "9@80", "8@120", "9@120"] },
    });
  });

  test("and never comes, the one that there is begins", () => {
    play();
    for (const frame of [named, videoHeader(), audioHeader(), audioFrame(0)]) publication.push(frame);
    clock.advance(1_800);
    publication.push(audioFrame(490));
    expect(received()).toEqual({ flags: 4, tags: ["18@0", "8@0", "8@490"] });
    expect([ends, clock.timerCount]).toEqual([[], 0]);
  });
});

describe("the connection ends, so that the player starts anew,", () => {
  beforeEach(() => {
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    publication.push(videoHeader());
    publication.push(videoKey(0));
  });

  test("when a track comes that the header does not name", () => {
    publication = stream.publish({ from: "b", protocol: "test", onReplaced: () => {} });
    publication.push(audioFrame(0));
    clock.advance(100);
    play();
    publication.push(audioFrame(21));
    publication.push(videoHeader());
    expect(ends).toEqual([]);
    publication.push(videoKey(40));
    expect(ends).toEqual(["changed"]);
    expect(received()?.tags).not.toContain("9@40");
  });

  test("when the picture has another header, as of another size", () => {
    play();
    publication.push(videoHeader(40));
    expect(ends).toEqual([]);
    publication.push({ ...videoHeader(80), body: Uint8Array.of(0x17, 0, 0, 0, 0, 1) });
    expect(ends).toEqual(["changed"]);
  });

  test("when two channels become one, but not when the same is said in other words", () => {
    const aac = (...config: number[]) => ({ ...audioHeader(40), body: Uint8Array.of(0xaf, 0, ...config) });
    publication.push(aac(0x11, 0x90));
    play();
    publication.push(aac(0x11, 0x90, 0x56, 0xe5, 0));
    expect(ends).toEqual([]);
    publication.push(aac(0x14, 0x08));
    expect(ends).toEqual(["changed"]);
  });
});

describe("the end", () => {
  test("of a stream that was shorter than the wait still brings all of it", () => {
    play();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    publication.end();
    clock.advance(0);
    expect(received()).toEqual({ flags: 4, tags: ["18@0", "8@0", "8@0"] });
    expect([ends, clock.timerCount]).toEqual([["ended"], 0]);
  });

  test("of a stream that never began brings nothing", () => {
    play();
    stream.close();
    expect([received(), ends, clock.timerCount]).toEqual([undefined, ["ended"], 0]);
  });
});
