import { expect } from "bun:test";
import { runProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { describePlayed } from "./flv-file.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { curl, ffmpeg, rtmpdump, webSocket } from "./players.ts";
import { encode, FFMPEG, soundAndPicture } from "./samples.ts";

/** 24 bits of milliseconds run out five minutes in. */
const START_SECONDS = 16_777.215 - 300;
const DURATION_SECONDS = 600;
/** Times real time: thirty seconds for ten minutes. */
const READ_RATE = 20;

requirePrograms("ffmpeg", "curl", "rtmpdump")(
  "ten minutes arrive whole, and timestamps go on from 24 bits to 32",
  async () => {
    const { path } = await soundAndPicture();
    const repeated = `-stream_loop -1 -i ${path} -t ${DURATION_SECONDS} -c copy`;
    const sample = await encode(`${repeated} -output_ts_offset ${START_SECONDS}`);
    await using gateway = await startLaboratory();
    const key = newKey();
    await using disposals = new AsyncDisposableStack();
    const recordings = [curl, rtmpdump, ffmpeg, webSocket].map((player) =>
      disposals.use(player.record(gateway, key)),
    );
    await waitForPlayers(gateway, key, recordings.length);

    const pace = ["-readrate", String(READ_RATE), "-copyts", "-i", sample.path, "-c", "copy"];
    const output = ["-flvflags", "no_duration_filesize", "-f", "flv", gateway.urls.rtmp(key)];
    await runProcess([...FFMPEG, ...pace, ...output], { deadlineMs: 60_000 });

    const sent = describePlayed(sample);
    expect(sent.length).toBeGreaterThan(DURATION_SECONDS * 50);
    for (const recording of recordings) expect(describePlayed(await recording.finish())).toEqual(sent);
  },
  90_000,
);
