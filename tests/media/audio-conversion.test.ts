import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../src/log.ts";
import type { AudioConversion } from "../../src/media/conversion.ts";
import type { AudioCodec, AudioFrame, Frame } from "../../src/media/frame.ts";
import { Stream } from "../../src/media/stream.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { audioFrame, audioHeader, isMedia, metadataFrame, videoKey } from "./frames.ts";

function openStream() {
  const clock = new FakeClock();
  const stream = new Stream("key", { clock, log: silentLogger, republishSeconds: 15 }, () => {});
  const frames: Frame[] = [];
  const pushedCodecs: AudioCodec[] = [];
  stream.watchPushedCodec((codec) => pushedCodecs.push(codec));
  stream.subscribe({
    onFrame: (frame) => isMedia(frame) && frames.push(frame),
    onEnd: () => {},
    droppedFrameCount: () => 0,
  });
  const publish = (name = "phone") => stream.publish({ from: name, protocol: "test", onReplaced: () => {} });
  const seen = () => frames.map(({ codec, role, timestampMs }) => `${codec} ${role} ${timestampMs}`);
  return { clock, stream, frames, pushedCodecs, publish, seen };
}

/** Sound becomes `codec` at once, for AAC with a header before the first frame; `log` tells what converters were given. */
function convertTo(codec: AudioCodec, log: string[] = []): AudioConversion {
  return {
    codec,
    start(metadata) {
      log.push(`start${metadata ? " with metadata" : ""}`);
      let isFirst = true;
      return {
        push(frame, emit) {
          log.push(`${frame.codec} ${frame.role}`);
          if (frame.kind === "data") return emit(frame);
          if (frame.role === "config") return;
          if (isFirst && codec === "AAC") emit({ ...audioHeader(), timestampMs: frame.timestampMs });
          isFirst = false;
          emit({ ...frame, codec });
        },
      };
    },
  };
}

function g711Frame(timestampMs: number): AudioFrame {
  return { ...audioFrame(timestampMs), codec: "G711A" };
}

describe("sound in the codec that players want", () => {
  test("passes untouched, the very same object, and no converter is made", () => {
    const { stream, frames, publish } = openStream();
    const log: string[] = [];
    stream.convertAudio(convertTo("AAC", log));
    const sent = [audioHeader(), audioFrame(0), audioFrame(21)];
    const publication = publish();
    for (const frame of sent) publication.push(frame);
    expect(frames.map((frame, index) => frame === sent[index])).toEqual([true, true, true]);
    expect(log).toEqual([]);
  });
});

describe("sound in another codec", () => {
  test("goes through a converter, with metadata; picture and other data pass it by", () => {
    const { stream, pushedCodecs, publish, seen } = openStream();
    const log: string[] = [];
    stream.convertAudio(convertTo("AAC", log));
    const publication = publish();
    publication.push(metadataFrame());
    publication.push(g711Frame(0));
    publication.push(videoKey(10));
    publication.push({ ...metadataFrame(15), role: "key" });
    publication.push(metadataFrame(16));
    publication.push(g711Frame(20));
    expect(seen()).toEqual(["AAC config 0", "AAC key 0", "H264 key 10", "AMF key 15", "AAC key 20"]);
    expect(log).toEqual(["start with metadata", "G711A key", "AMF metadata", "G711A key"]);
    expect(pushedCodecs).toEqual(["G711A"]);
    expect(stream.audioCodec).toBe("AAC");
  });

  test("of the next publisher gets a converter of its own", () => {
    const { clock, stream, publish, seen } = openStream();
    const log: string[] = [];
    stream.convertAudio(convertTo("AAC", log));
    publish("one").push(g711Frame(500));
    clock.advance(100);
    publish("two").push(g711Frame(0));
    expect(log.filter((line) => line === "start")).toHaveLength(2);
    expect(seen()).toEqual(["AAC config 500", "AAC key 500", "AAC key 600"]);
  });

  test("has a stand-in heard until the converter gives the first frame", () => {
    const { stream, publish, seen } = openStream();
    stream.convertAudio(convertTo("AAC"));
    stream.standIn(() => {})?.push(audioFrame(0));
    publish().push(g711Frame(0));
    expect(seen()).toEqual(["AAC key 0", "AAC config 1", "AAC key 1"]);
  });
});

describe("when the wish changes while somebody pushes", () => {
  test("the converter gets the header that players had", () => {
    const { stream, publish, seen } = openStream();
    const log: string[] = [];
    const publication = publish();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    stream.convertAudio(convertTo("G711A", log));
    publication.push(audioFrame(21));
    expect(log).toEqual(["start", "AAC config", "AAC key"]);
    expect(seen()).toEqual(["AAC config 0", "AAC key 0", "G711A key 21"]);
    const joined: string[] = [];
    stream.subscribe({
      onFrame: (frame) => isMedia(frame) && joined.push(frame.codec),
      onEnd: () => {},
      droppedFrameCount: () => 0,
    });
    expect(joined).toEqual([]);
  });

  test("players get the header that the converter had", () => {
    const { stream, publish, seen } = openStream();
    stream.convertAudio(convertTo("G711A"));
    const publication = publish();
    publication.push(audioHeader());
    publication.push(audioFrame(0));
    stream.convertAudio(convertTo("AAC"));
    publication.push(audioFrame(21));
    publication.push(audioFrame(42));
    expect(seen()).toEqual(["G711A key 0", "AAC config 21", "AAC key 21", "AAC key 42"]);
  });
});

test("a publisher that changes its codec in mid-stream is converted from then on, and told of again", () => {
  const { stream, pushedCodecs, publish, seen } = openStream();
  stream.convertAudio(convertTo("AAC"));
  const publication = publish();
  publication.push(audioHeader());
  publication.push(audioFrame(0));
  publication.push(g711Frame(21));
  publication.push(audioHeader());
  publication.push(audioFrame(41));
  expect(seen()).toEqual(["AAC config 0", "AAC key 0", "AAC key 21", "AAC key 41"]);
  expect(pushedCodecs).toEqual(["AAC", "G711A", "AAC"]);
});
