import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startNginx } from "./nginx-rtmp.ts";
import { type RunningProcess, runProcess, startProcess } from "./process.ts";
import { startRecordingProxy } from "./recording-proxy.ts";
import { waitFor } from "./wait.ts";

// Records the RTMP byte streams of tests/fixtures anew: `bun tests/peers/record-rtmp-fixtures.ts [NAME…]`.
// Each peer talks to nginx-rtmp through a proxy that keeps both directions, as NAME.client.bin and NAME.server.bin.

const FIXTURES = resolve(import.meta.dir, "../fixtures");
const FFMPEG = "ffmpeg -hide_banner -loglevel error -nostdin";
const AUDIO = "-f lavfi -i sine=f=440:r=16000 -c:a aac -b:a 16k";
const AUDIO_VIDEO =
  "-f lavfi -i testsrc2=s=64x48:r=5 -f lavfi -i sine=f=440:r=16000 " +
  "-c:a aac -b:a 16k -c:v libx264 -b:v 20k -g 5 -bf 0 -pix_fmt yuv420p";
/** Two seconds before timestamps need their extended field, and beyond it. */
const BEFORE_EXTENDED = "-output_ts_offset 16775.2";
const EXTENDED = "-output_ts_offset 16777.3";

type Context = {
  readonly proxyPort: number;
  readonly nginxPort: number;
  /** For the scenario's files; removed afterwards. */
  readonly folder: string;
  readonly recordedByteCount: () => number;
};

type Scenario = { readonly serverChunkSize?: number; readonly run: (context: Context) => Promise<void> };

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "ffmpeg/rtmp-publish-aac": publish(`${AUDIO} -t 1.5`),
  "ffmpeg/rtmp-publish-aac-h264": publish(`${AUDIO_VIDEO} -t 1.5`),
  "ffmpeg/rtmp-publish-extended": publish(`${AUDIO} -t 1 ${EXTENDED}`),
  "ffmpeg/rtmp-play-aac-h264": play(AUDIO_VIDEO, 4096, playWithFfmpeg),
  // Small chunks, so that type 3 chunks come with the extended timestamp.
  "ffmpeg/rtmp-play-extended": play(`${AUDIO_VIDEO} ${BEFORE_EXTENDED}`, 128, playWithFfmpeg),
  "librtmp/rtmp-play-aac": play(AUDIO, 4096, playWithRtmpdump),
  "librtmp/rtmp-publish-aac-h264": { run: (context) => publishWithLibrtmp(context, "") },
  "librtmp/rtmp-publish-extended": { run: (context) => publishWithLibrtmp(context, EXTENDED) },
  "gstreamer/rtmpsink-publish-aac": publishWithGStreamer("rtmpsink"),
  "gstreamer/rtmp2sink-publish-aac": publishWithGStreamer("rtmp2sink"),
  "gstreamer/rtmp2src-play-aac": play(AUDIO, 4096, (url) =>
    run(`gst-launch-1.0 -q rtmp2src location=${url} num-buffers=24 ! fakesink`),
  ),
  "nginx-rtmp/rtmp-push": relay((port) => ({
    into: "second",
    directive: `push rtmp://127.0.0.1:${port}/live;`,
  })),
  "nginx-rtmp/rtmp-pull": relay((port) => ({
    into: "first",
    directive: `pull rtmp://127.0.0.1:${port}/live name=test static;`,
  })),
};

function publish(options: string): Scenario {
  return { run: ({ proxyPort }) => run(`${FFMPEG} ${options} -f flv ${urlOf(proxyPort)}`) };
}

function publishWithGStreamer(sink: string): Scenario {
  const source = "audiotestsrc num-buffers=16 ! audio/x-raw,rate=16000,channels=1 ! voaacenc bitrate=16000";
  return {
    run: ({ proxyPort }) =>
      run(`gst-launch-1.0 -q ${source} ! flvmux streamable=true ! ${sink} location=${urlOf(proxyPort)}`),
  };
}

async function publishWithLibrtmp({ proxyPort, folder }: Context, options: string): Promise<void> {
  await run(`gcc -o ${folder}/publish ${join(import.meta.dir, "librtmp-publish.c")} -lrtmp`);
  await run(`${FFMPEG} ${AUDIO_VIDEO} -t 1.5 ${options} -f flv ${folder}/test.flv`);
  await run(`${folder}/publish ${folder}/test.flv ${urlOf(proxyPort)}`);
}

/** A player that joins a stream late. */
function play(
  options: string,
  serverChunkSize: number,
  player: (url: string, context: Context) => Promise<void>,
): Scenario {
  return {
    serverChunkSize,
    run: async (context) => {
      await using _publisher = await startPublisher(context.nginxPort, options);
      await player(urlOf(context.proxyPort), context);
    },
  };
}

async function playWithRtmpdump(url: string, { folder, recordedByteCount }: Context): Promise<void> {
  const command = `rtmpdump --quiet --live -r ${url} -o ${folder}/played.flv`;
  await using _player = startProcess(command.split(" "));
  await waitFor("enough recorded", () => recordedByteCount() > 12_000);
}

function playWithFfmpeg(url: string): Promise<void> {
  return run(`${FFMPEG} -rtmp_live live -analyzeduration 1000000 -i ${url} -t 1.5 -c copy -f null -`);
}

/** A second nginx pushes its publisher's stream to the first, or pulls the first one's. */
function relay(plan: (proxyPort: number) => { into: "first" | "second"; directive: string }): Scenario {
  return {
    run: async ({ proxyPort, nginxPort, folder, recordedByteCount }) => {
      const { into, directive } = plan(proxyPort);
      await using second = await startNginx(join(folder, "second"), { directive });
      await using _publisher = await startPublisher(into === "first" ? nginxPort : second.port, AUDIO);
      await waitFor("enough recorded", () => recordedByteCount() > 12_000, 15_000);
    },
  };
}

/** Publishes in real time until disposed; returns once a second of it is under way. */
async function startPublisher(port: number, options: string): Promise<RunningProcess> {
  const command = `${FFMPEG} -progress pipe:1 -stats_period 0.1 -re ${options} -f flv ${urlOf(port)}`;
  const publisher = startProcess(command.split(" "));
  await publisher.waitForOutput(/out_time_us=\d{7}/);
  return publisher;
}

function urlOf(port: number): string {
  return `rtmp://127.0.0.1:${port}/live/test`;
}

async function run(command: string): Promise<void> {
  await runProcess(command.split(/ +/));
}

async function record(name: string, { serverChunkSize, run }: Scenario): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-record-"));
  try {
    await using nginx = await startNginx(join(folder, "first"), { chunkSize: serverChunkSize });
    await using proxy = startRecordingProxy(nginx.port);
    const recorded = () => proxy.recordings.at(-1) ?? { client: [], server: [] };
    const recordedByteCount = () =>
      Buffer.concat(recorded().client).length + Buffer.concat(recorded().server).length;
    await run({ proxyPort: proxy.port, nginxPort: nginx.port, folder, recordedByteCount });
    for (const side of ["client", "server"] as const) {
      const bytes = Buffer.concat(recorded()[side]);
      await Bun.write(join(FIXTURES, `${name}.${side}.bin`), bytes);
      console.log(`${name}.${side}.bin ${bytes.length} bytes`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const wanted = Bun.argv.slice(2);
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (wanted.length === 0 || wanted.includes(name)) await record(name, scenario);
}
