import { beforeEach, describe, expect, test } from "bun:test";
import { silentLogger } from "../../../src/log.ts";
import type { Publication } from "../../../src/media/publication.ts";
import { Stream } from "../../../src/media/stream.ts";
import { FlvDecoder } from "../../../src/protocols/flv/flv-decoder.ts";
import { plainFlvFormat } from "../../../src/servers/flv/from-stream.ts";
import { FlvPlayer } from "../../../src/servers/flv/player.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { audioFrame, audioHeader, metadataFrame, videoHeader, videoKey } from "../../media/frames.ts";
import { FakeSocket } from "../tcp/fake-socket.ts";

let clock: FakeClock;
let stream: Stream;
let publication: Publication;
let socket: FakeSocket;
let endedCount: number;

beforeEach(() => {
  clock = new FakeClock();
  stream = new Stream("key", { clock, log: silentLogger, republishSeconds: 0 }, () => {});
  publication = stream.publish({ from: "a", protocol: "test", onReplaced: () => {} });
  socket = new FakeSocket();
  endedCount = 0;
});

function play(): void {
  const outbound = new Outbound(socket, { clock, queue: { maxAgeMs: 500, maxBytes: 10_000 } });
  stream.subscribe(
    new FlvPlayer({
      ...{ stream, outbound, clock, format: plainFlvFormat },
      sendHeader: (header) => outbound.sendControl(header),
      onEnd: () => {
        endedCount += 1;
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
    expect(received()).toEqual({ flags: 5, tags: ["8@0", "8@0", "9@24"] });
    expect(clock.timerCount).toBe(0);
  });

  test("names the one track that there is when the wait is over, without another frame", () => {
    play();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    clock.advance(25);
    expect(received()).toEqual({ flags: 4, tags: ["8@0", "8@0"] });
  });

  test("does not wait in a stream that has been running with one track", () => {
    publication.push(videoHeader());
    publication.push(videoKey(0));
    clock.advance(100);
    play();
    expect(received()).toEqual({ flags: 1, tags: ["9@0", "9@0"] });
  });

  test("is not sent for metadata alone, however much it promises", () => {
    play();
    publication.push(metadataFrame());
    clock.advance(1000);
    expect(received()).toBeUndefined();
  });
});

describe("the end", () => {
  test("of a stream that was shorter than the wait still brings all of it", () => {
    play();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    publication.end();
    clock.advance(0);
    expect(received()).toEqual({ flags: 4, tags: ["8@0", "8@0"] });
    expect([endedCount, clock.timerCount]).toEqual([1, 0]);
  });

  test("of a stream that never began brings nothing", () => {
    play();
    stream.close();
    expect([received(), endedCount, clock.timerCount]).toEqual([undefined, 1, 0]);
  });
});
