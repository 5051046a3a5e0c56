import { describe, expect, test } from "bun:test";
import { decodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import { amf0Bytes, decodeCommand, encodeCommand } from "../../../src/protocols/rtmp/command.ts";
import { type Message, MessageType } from "../../../src/protocols/rtmp/message.ts";
import { decodeParts, RECORDINGS, readChunks } from "./recorded.ts";

/** What a recording holds; count, first and last timestamp in ms. */
type Content = { readonly names: string; readonly audio?: Span; readonly video?: Span };
type Span = readonly [count: number, firstMs: number, lastMs: number];

const PUBLISH = "connect releaseStream FCPublish createStream publish @setDataFrame FCUnpublish deleteStream";
const PUBLISH_REPLIES = "_result _result onStatus";
const PLAY = "connect createStream FCSubscribe play";
const PLAYED = "_result _result onStatus |RtmpSampleAccess onMetaData";

/** Read off the recordings, and compared with what the peers were told to send. */
const CONTENTS: Readonly<Record<string, Content>> = {
  "ffmpeg/rtmp-play-aac-h264.client.bin": { names: `${PLAY} deleteStream` },
  "ffmpeg/rtmp-play-aac-h264.server.bin": { names: PLAYED, audio: [26, 1216, 2816], video: [6, 1864, 2864] },
  "ffmpeg/rtmp-play-extended.client.bin": { names: `${PLAY} deleteStream` },
  "ffmpeg/rtmp-play-extended.server.bin": {
    names: PLAYED,
    audio: [26, 16_776_352, 16_777_952],
    video: [6, 16_777_000, 16_778_000],
  },
  "ffmpeg/rtmp-publish-aac-h264.client.bin": { names: PUBLISH, audio: [26, 0, 1536], video: [10, 0, 1464] },
  "ffmpeg/rtmp-publish-aac-h264.server.bin": { names: PUBLISH_REPLIES },
  "ffmpeg/rtmp-publish-aac.client.bin": { names: PUBLISH, audio: [26, 0, 1536] },
  "ffmpeg/rtmp-publish-aac.server.bin": { names: PUBLISH_REPLIES },
  "ffmpeg/rtmp-publish-extended.client.bin": { names: PUBLISH, audio: [18, 0, 16_777_960] },
  "ffmpeg/rtmp-publish-extended.server.bin": { names: PUBLISH_REPLIES },
  "gstreamer/rtmp2sink-publish-aac.client.bin": { names: PUBLISH, audio: [17, 0, 960] },
  "gstreamer/rtmp2sink-publish-aac.server.bin": { names: `${PUBLISH_REPLIES} onStatus` },
  "gstreamer/rtmp2src-play-aac.client.bin": { names: "connect createStream play" },
  "gstreamer/rtmp2src-play-aac.server.bin": { names: PLAYED, audio: [22, 1152, 2496] },
  "gstreamer/rtmpsink-publish-aac.client.bin": { names: PUBLISH, audio: [17, 0, 960] },
  "gstreamer/rtmpsink-publish-aac.server.bin": { names: PUBLISH_REPLIES },
  "librtmp/rtmp-play-aac.client.bin": { names: PLAY },
  "librtmp/rtmp-play-aac.server.bin": { names: PLAYED, audio: [35, 1088, 3264] },
  "librtmp/rtmp-publish-aac-h264.client.bin": { names: PUBLISH, audio: [26, 0, 1536], video: [10, 0, 1464] },
  "librtmp/rtmp-publish-aac-h264.server.bin": { names: PUBLISH_REPLIES },
  "librtmp/rtmp-publish-extended.client.bin": {
    names: PUBLISH,
    audio: [26, 0, 16_778_772],
    video: [10, 0, 16_778_700],
  },
  "librtmp/rtmp-publish-extended.server.bin": { names: PUBLISH_REPLIES },
  "nginx-rtmp/rtmp-pull.client.bin": { names: "connect createStream play" },
  "nginx-rtmp/rtmp-pull.server.bin": { names: PLAYED, audio: [34, 0, 2048] },
  "nginx-rtmp/rtmp-push.client.bin": {
    names: "connect createStream publish onMetaData",
    audio: [35, 0, 2176],
  },
  "nginx-rtmp/rtmp-push.server.bin": { names: PUBLISH_REPLIES },
};

test("every recording is in the table", () => {
  expect(RECORDINGS).toEqual(Object.keys(CONTENTS));
});

describe.each(Object.entries(CONTENTS))("%s", (name, content) => {
  const chunks = readChunks(name);
  const { messages, ends } = decodeWithEnds(chunks);

  test("decodes", () => {
    expect(summarize(messages)).toEqual(content);
  });

  test("every split in two gives the same messages", () => {
    for (let at = 0; at <= chunks.length; at++) {
      expectSame(decodeParts([chunks.subarray(0, at), chunks.subarray(at)]), messages);
    }
  });

  test("every truncation gives the messages that are whole", () => {
    for (let length = 0; length < chunks.length; length++) {
      const count = ends.filter((end) => end <= length).length;
      expectSame(decodeParts([chunks.subarray(0, length)]), messages.slice(0, count));
    }
  });

  test("whole messages encode to the very bytes, where the peer used a full header", () => {
    const { checked, unequal } = compareEncoding(chunks, messages, ends);
    expect(unequal).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(2);
  });

  test("commands encode to the very bytes", () => {
    const commands = messages.filter(({ typeId }) => typeId === MessageType.commandAmf0);
    expect(commands.map((message) => encodeCommand(decodeCommand(message)))).toEqual(
      commands.map(({ payload }) => payload),
    );
  });
});

test("AAC frames of 1024 samples at 16 kHz are 64 ms apart, across the extended timestamp too", () => {
  for (const [name, first] of [
    ["ffmpeg/rtmp-publish-extended.client.bin", 1],
    ["ffmpeg/rtmp-play-extended.server.bin", 1],
    ["librtmp/rtmp-publish-extended.client.bin", 1],
    ["nginx-rtmp/rtmp-push.client.bin", 1],
  ] as const) {
    const audio = decodeParts([readChunks(name)]).filter(({ typeId }) => typeId === MessageType.audio);
    const times = audio.slice(first).map(({ timestampMs }) => timestampMs);
    expect(times).toEqual(times.map((_, i) => (times[0] ?? 0) + 64 * i));
  }
});

/** Byte by byte, which tells where each message ends. */
function decodeWithEnds(chunks: Uint8Array): { messages: Message[]; ends: number[] } {
  let at = 0;
  const ends: number[] = [];
  function* bytes() {
    for (at = 0; at < chunks.length; at++) yield chunks.subarray(at, at + 1);
  }
  const messages = decodeParts(bytes(), () => ends.push(at + 1));
  return { messages, ends };
}

/** Type 0 chunks only: our encoder writes no other. Set Chunk Size, which the decoder swallows, comes before some. */
function compareEncoding(chunks: Uint8Array, messages: readonly Message[], ends: readonly number[]) {
  const SET_CHUNK_SIZE = "02000000000004" + "01" + "00000000";
  let chunkSize = 128;
  let checked = 0;
  const unequal: number[] = [];
  messages.forEach((message, i) => {
    let start = ends[i - 1] ?? 0;
    if (chunks.subarray(start, start + 12).toHex() === SET_CHUNK_SIZE) {
      chunkSize = new DataView(chunks.buffer, chunks.byteOffset).getUint32(start + 12);
      start += 16;
    }
    const original = chunks.subarray(start, ends[i]);
    if ((original[0] ?? 0) >= 0x40) return;
    checked++;
    if (Buffer.compare(encodeChunks(message, chunkSize), original) !== 0) unequal.push(i);
  });
  return { checked, unequal };
}

function expectSame(have: readonly Message[], want: readonly Message[]): void {
  const different = have.findIndex((message, i) => !isSame(message, want[i]));
  if (have.length !== want.length || different !== -1) expect(have).toEqual([...want]);
}

function isSame(a: Message, b: Message | undefined): boolean {
  return (
    b !== undefined &&
    a.chunkStreamId === b.chunkStreamId &&
    a.typeId === b.typeId &&
    a.streamId === b.streamId &&
    a.timestampMs === b.timestampMs &&
    Buffer.compare(a.payload, b.payload) === 0
  );
}

function summarize(messages: readonly Message[]): Content {
  const names = messages.flatMap((message) => {
    if (message.typeId === MessageType.commandAmf0) return [decodeCommand(message).name];
    if (message.typeId === MessageType.dataAmf0) return [String(decodeAmf0(amf0Bytes(message))[0])];
    return [];
  });
  const audio = measure(messages, MessageType.audio);
  const video = measure(messages, MessageType.video);
  return { names: names.join(" "), ...(audio && { audio }), ...(video && { video }) };
}

function measure(messages: readonly Message[], typeId: number): Span | undefined {
  const times = messages.filter((message) => message.typeId === typeId).map(({ timestampMs }) => timestampMs);
  const [firstMs, lastMs] = [times[0], times.at(-1)];
  return firstMs === undefined || lastMs === undefined ? undefined : [times.length, firstMs, lastMs];
}
