import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join, resolve } from "node:path";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { runProcess, startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { within } from "../../peers/wait.ts";
import { newKey } from "./laboratory.ts";
import { FFMPEG, soundOnly } from "./samples.ts";

setDefaultTimeout(30_000);

const TOKEN = "guessed-token";
const WRONG_TOKENS = [undefined, TOKEN, ""];

/** RTMP_ConnectStream failed; or SIGPIPE, as librtmp does not know BadName and takes leave of a closed connection. */
const LIBRTMP_REFUSED = [5, 128 + 13];

/** As delivered: only calls open streams. */
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function run(command: readonly string[]) {
  await using child = startProcess(command);
  return { code: await child.waitForExit(), said: child.output() };
}

describe("without a call's key and token nobody may", () => {
  requirePrograms("ffmpeg")("publish by ffmpeg", async () => {
    const { path } = await soundOnly();
    for (const token of WRONG_TOKENS) {
      const url = gateway.urls.rtmp(newKey(), token);
      const { code, said } = await run([...FFMPEG, "-re", "-i", path, "-c", "copy", "-f", "flv", url]);
      expect(code).not.toBe(0);
      expect(said).toContain("No call allows this stream");
    }
  });

  requirePrograms(
    "ffmpeg",
    "gcc",
    "librtmp",
  )("publish by librtmp", async () => {
    const executable = join(gateway.folder, "librtmp-publish");
    const source = resolve(import.meta.dir, "../../peers/librtmp-publish.c");
    await runProcess(["gcc", "-o", executable, source, "-lrtmp"]);
    const key = newKey();
    const { code } = await run([executable, (await soundOnly()).path, gateway.urls.rtmp(key, TOKEN)]);
    expect(LIBRTMP_REFUSED).toContain(code);
    expect(gateway.log()).toMatch(new RegExp(` warn stream.refused .*action=publish stream=${key}\n`));
  });

  requirePrograms("rtmpdump")("play by rtmpdump", async () => {
    const file = join(gateway.folder, "nothing.flv");
    const { code, said } = await run([
      ...["rtmpdump", "--live", "-r", gateway.urls.rtmp(newKey(), TOKEN)],
      ...["-o", file],
    ]);
    expect(code).toBe(1);
    expect(said).toContain("NetStream.Play.Failed");
    expect(await Bun.file(file).bytes()).toHaveLength(0);
  });

  requirePrograms("ffprobe")("play by ffprobe", async () => {
    const { code, said } = await run(["ffprobe", gateway.urls.rtmp(newKey())]);
    expect(code).not.toBe(0);
    expect(said).toContain("No call allows this stream");
  });

  requirePrograms("curl")("play or publish over HTTP", async () => {
    const status = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"];
    for (const token of WRONG_TOKENS) {
      const url = gateway.urls.flv(newKey(), token);
      for (const options of [[], ["--head"], ["--data-binary", "FLV"]]) {
        expect((await run([...status, ...options, url])).said).toBe("403");
      }
    }
  });

  test("play or publish over a WebSocket", async () => {
    for (const query of ["", "?action=publish", `?token=${TOKEN}`]) {
      const { promise: closed, resolve: close } = Promise.withResolvers<boolean>();
      let hasOpened = false;
      const socket = new WebSocket(gateway.urls.webSocketFlv(newKey()) + query);
      socket.onopen = () => {
        hasOpened = true;
      };
      socket.onclose = () => close(hasOpened);
      expect(await within("the refusal", closed)).toBe(false);
    }
  });
});

requirePrograms("curl")("the log says who was refused what, and no token", async () => {
  const key = newKey();
  await run(["curl", "-s", gateway.urls.flv(key, TOKEN)]);
  expect(gateway.log()).toMatch(
    new RegExp(` warn stream.refused .*from=127.0.0.1 action=play stream=${key}\n`),
  );
  expect(gateway.log()).not.toContain(TOKEN);
});
