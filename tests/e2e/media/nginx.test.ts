import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import type { Gateway } from "../../peers/gateway.ts";
import { startNginx } from "../../peers/nginx-rtmp.ts";
import { runProcess, startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { describeTrack, type FlvFile, isSequenceHeader, readFlvFile } from "./flv-file.ts";
import { newKey, startLaboratory, waitForPlayers } from "./laboratory.ts";
import { curl } from "./players.ts";
import { FFMPEG, soundAndPicture } from "./samples.ts";

setDefaultTimeout(30_000);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startLaboratory();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const testWithNginx = requirePrograms("nginx-rtmp", "ffmpeg", "curl", "rtmpdump");

/**
 * nginx connects while the publisher sends, and does not let its own players go when it is over: what is missing is
 * missing at the ends only. It sends sequence headers at times of its own.
 */
function expectUnbroken(received: FlvFile, sent: FlvFile): void {
  for (const sort of ["audio", "video"] as const) {
    const run = describeTrack(withoutSequenceHeaders(received), sort);
    const all = describeTrack(withoutSequenceHeaders(sent), sort);
    const start = all.indexOf(run[0] ?? "");
    expect(run.length).toBeGreaterThan(all.length / 4);
    expect(run).toEqual(all.slice(start, start + run.length));
  }
}

function withoutSequenceHeaders({ tags }: FlvFile) {
  return { tags: tags.filter((tag) => !isSequenceHeader(tag)) };
}

async function publishInRealTime(url: string): Promise<FlvFile> {
  const sample = await soundAndPicture();
  await runProcess([...FFMPEG, "-re", "-copyts", "-i", sample.path, "-c", "copy", ...LIVE_FLV, url]);
  return sample;
}
const LIVE_FLV = ["-flvflags", "no_duration_filesize", "-f", "flv"];

testWithNginx("nginx-rtmp pushes a stream to us", async () => {
  const key = newKey();
  const directive = `push rtmp://127.0.0.1:${gateway.ports.rtmp}/live;`;
  await using nginx = await startNginx(join(gateway.folder, "push"), { directive });
  await using recording = curl.record(gateway, key);
  await waitForPlayers(gateway, key);
  const sent = await publishInRealTime(nginx.rtmp(key));
  expectUnbroken(await recording.finish(), sent);
});

testWithNginx("nginx-rtmp pulls a stream from us", async () => {
  const key = newKey();
  const directive = `pull rtmp://127.0.0.1:${gateway.ports.rtmp}/live name=${key} static;`;
  await using nginx = await startNginx(join(gateway.folder, "pull"), { directive });
  await waitForPlayers(gateway, key);
  const file = join(gateway.folder, "pulled.flv");
  await using player = startProcess(["rtmpdump", "-q", "--live", "-r", nginx.rtmp(key), "-o", file]);
  const sent = await publishInRealTime(gateway.urls.rtmp(key));
  player.kill("SIGINT");
  await player.waitForExit();
  expectUnbroken(await readFlvFile(file), sent);
});
