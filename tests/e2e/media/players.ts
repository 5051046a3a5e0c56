import { join } from "node:path";
import type { Gateway } from "../../peers/gateway.ts";
import { type RunningProcess, startProcess } from "../../peers/process.ts";
import type { ProgramName } from "../../peers/programs.ts";
import { within } from "../../peers/wait.ts";
import { type FlvFile, readFlv, readFlvFile } from "./flv-file.ts";
import { FFMPEG } from "./samples.ts";

/** What a player keeps until the stream ends. */
export interface Recording extends AsyncDisposable {
  /** Waits for the end. */
  finish(deadlineMs?: number): Promise<FlvFile>;
  /** What there is so far. */
  read(): Promise<FlvFile>;
  /** What the program said. */
  said(): string;
}

export type Player = {
  readonly name: string;
  readonly programs: readonly ProgramName[];
  /** Frames just before the end that the program may throw away. */
  readonly mayLoseAtEnd?: number;
  record(gateway: Gateway, key: string): Recording;
};

const DEADLINE_MS = 15_000;
/** rtmpdump: the stream ended before the duration in its metadata, or metadata had none. */
const RTMPDUMP_INCOMPLETE = 2;

export const curl: Player = program("curl", ["curl"], (url, file) => ["curl", "-sN", url.flv, "-o", file]);

export const rtmpdump: Player = program(
  "rtmpdump",
  ["rtmpdump"],
  (url, file) => ["rtmpdump", "-q", "--live", "-r", url.rtmp, "-o", file],
  [0, RTMPDUMP_INCOMPLETE],
);

export const ffmpeg: Player = program("ffmpeg", ["ffmpeg"], (url, file) => [
  ...FFMPEG,
  "-copyts",
  "-i",
  url.rtmp,
  "-c",
  "copy",
  "-f",
  "flv",
  file,
]);

export const ffmpegOverHttp: Player = program("ffmpeg over HTTP", ["ffmpeg"], (url, file) => [
  ...FFMPEG,
  "-copyts",
  "-i",
  url.flv,
  "-c",
  "copy",
  "-f",
  "flv",
  file,
]);

/** Its thread for the socket tells the end while the one for the pipeline still holds a frame. */
export const rtmp2src: Player = {
  ...program("rtmp2src", ["rtmp2src"], (url, file) => [
    ...["gst-launch-1.0", "-q", "rtmp2src", `location=${url.rtmp}`],
    ...["!", "filesink", "buffer-mode=unbuffered", `location=${file}`],
  ]),
  mayLoseAtEnd: 1,
};

export const webSocket: Player = { name: "WebSocket", programs: [], record: recordWebSocket };

type Urls = { readonly rtmp: string; readonly flv: string };

function program(
  name: string,
  programs: readonly ProgramName[],
  command: (url: Urls, file: string) => readonly string[],
  goodExitCodes: readonly number[] = [0],
): Player {
  return {
    name,
    programs,
    record(gateway, key) {
      const file = join(gateway.folder, `${key}.${name.replaceAll(" ", "-")}.flv`);
      const url = { rtmp: gateway.urls.rtmp(key), flv: gateway.urls.flv(key) };
      return recordProcess(startProcess(command(url, file)), file, goodExitCodes);
    },
  };
}

function recordProcess(child: RunningProcess, file: string, goodExitCodes: readonly number[]): Recording {
  return {
    async finish(deadlineMs = DEADLINE_MS) {
      const code = await child.waitForExit(deadlineMs);
      if (!goodExitCodes.includes(code)) throw new Error(`the player exited with ${code}: ${child.output()}`);
      return await readFlvFile(file);
    },
    read: async () => ((await Bun.file(file).exists()) ? readFlvFile(file) : readFlv(new Uint8Array())),
    said: () => child.output(),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

function recordWebSocket(gateway: Gateway, key: string): Recording {
  const chunks: Uint8Array[] = [];
  const ended = Promise.withResolvers<void>();
  const socket = new WebSocket(gateway.urls.webSocketFlv(key));
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => chunks.push(new Uint8Array(data as ArrayBuffer));
  socket.onclose = ({ code, reason }) =>
    code === 1000 ? ended.resolve() : ended.reject(new Error(`closed with ${code} ${reason}`));
  ended.promise.catch(() => undefined);
  return {
    async finish(deadlineMs = DEADLINE_MS) {
      await within("the end of the WebSocket", ended.promise, deadlineMs);
      return readFlv(Buffer.concat(chunks));
    },
    read: async () => readFlv(Buffer.concat(chunks)),
    said: () => "",
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}
