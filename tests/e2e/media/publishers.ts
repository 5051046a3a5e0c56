import { join, resolve } from "node:path";
import type { Gateway } from "../../peers/gateway.ts";
import { runProcess } from "../../peers/process.ts";
import type { ProgramName } from "../../peers/programs.ts";
import { waitFor, within } from "../../peers/wait.ts";
import type { FlvFile } from "./flv-file.ts";
import { readFlvFile } from "./flv-file.ts";
import { FFMPEG, type Sample } from "./samples.ts";

export type Publisher = {
  readonly name: string;
  readonly programs: readonly ProgramName[];
  /** Publishes the sample, or something of its own, to its end; gives what it has sent. */
  publish(gateway: Gateway, key: string, sample: Sample): Promise<FlvFile>;
};

export const ffmpeg: Publisher = publisher("ffmpeg", ["ffmpeg"], ({ urls }, key, { path }) => [
  ...copyWithFfmpeg(path),
  urls.rtmp(key),
]);

export const ffmpegOverHttp: Publisher = publisher(
  "ffmpeg by POST",
  ["ffmpeg"],
  ({ urls }, key, { path }) => [...copyWithFfmpeg(path), "-method", "POST", urls.flv(key)],
);

function copyWithFfmpeg(path: string): string[] {
  // A stream has no end that the header could tell.
  const flv = ["-flvflags", "no_duration_filesize", "-f", "flv"];
  return [...FFMPEG, "-copyts", "-i", path, "-c", "copy", ...flv];
}

export const curlChunked: Publisher = publisher("curl, chunked", ["curl"], ({ urls }, key, { path }) => [
  "curl",
  "-sSf",
  "-X",
  "POST",
  "-H",
  "Transfer-Encoding: chunked",
  "-T",
  path,
  urls.flv(key),
]);

export const curlCounted: Publisher = publisher("curl, counted", ["curl"], ({ urls }, key, { path }) => [
  "curl",
  "-sSf",
  "-H",
  "Content-Type: video/x-flv",
  "--data-binary",
  `@${path}`,
  urls.flv(key),
]);

export const librtmp: Publisher = {
  name: "librtmp",
  programs: ["gcc", "librtmp"],
  async publish(gateway, key, sample) {
    const executable = join(gateway.folder, "librtmp-publish");
    const source = resolve(import.meta.dir, "../../peers/librtmp-publish.c");
    await runProcess(["gcc", "-o", executable, source, "-lrtmp"]);
    await runProcess([executable, sample.path, gateway.urls.rtmp(key)]);
    return sample;
  },
};

/** GStreamer's encoders and muxer, which also write what they send into a file. */
function gstreamer(sink: "rtmp2sink" | "rtmpsink"): Publisher {
  return {
    name: sink,
    programs: [sink, "x264enc", "avenc_aac"],
    async publish(gateway, key) {
      const file = join(gateway.folder, `${key}.sent.flv`);
      const pipeline = [
        `flvmux name=mux streamable=true ! tee name=sent ! queue ! filesink location=${file}`,
        "audiotestsrc num-buffers=90 ! audio/x-raw,rate=48000,channels=1 ! avenc_aac ! aacparse ! queue ! mux.audio",
        "videotestsrc num-buffers=20 ! video/x-raw,width=64,height=48,framerate=10/1",
        "! x264enc key-int-max=10 bitrate=50 speed-preset=ultrafast ! queue ! mux.video",
        `sent. ! queue ! ${sink} location=${gateway.urls.rtmp(key)}`,
      ];
      await runProcess(["gst-launch-1.0", "-q", ...pipeline.join(" ").split(" ")]);
      return await readFlvFile(file);
    },
  };
}

export const rtmp2sink = gstreamer("rtmp2sink");
export const rtmpsink = gstreamer("rtmpsink");

export const webSocket: Publisher = {
  name: "WebSocket",
  programs: [],
  async publish(gateway, key, sample) {
    const socket = new WebSocket(`${gateway.urls.webSocketFlv(key)}?action=publish`);
    const closed = Promise.withResolvers<void>();
    socket.onclose = () => closed.resolve();
    await waitFor("the WebSocket to open", () => socket.readyState === WebSocket.OPEN);
    const bytes = await Bun.file(sample.path).bytes();
    // A browser hands over what its encoder or file reader gave, without regard to tags.
    for (let at = 0; at < bytes.length; at += 1000) socket.send(bytes.subarray(at, at + 1000));
    socket.close(1000);
    await within("the WebSocket to close", closed.promise);
    return sample;
  },
};

function publisher(
  name: string,
  programs: readonly ProgramName[],
  command: (gateway: Gateway, key: string, sample: Sample) => readonly string[],
): Publisher {
  return {
    name,
    programs,
    async publish(gateway, key, sample) {
      await runProcess(command(gateway, key, sample));
      return sample;
    },
  };
}
