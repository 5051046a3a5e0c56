import { expect, setDefaultTimeout } from "bun:test";
import { openPage } from "../../peers/browser.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { describeMedia, describePlayed, readFlv } from "./flv-file.ts";
import { newKey, startLaboratory } from "./laboratory.ts";
import { soundAndPicture } from "./samples.ts";

setDefaultTimeout(40_000);

/**
 * Plays over a WebSocket and over fetch from another origin, publishes over a WebSocket once both play, and brings
 * back what it has played.
 */
function writeScript(url: { readonly webSocket: string; readonly http: string }): string {
  return `
    const sample = await (await fetch("/sample")).arrayBuffer();

    const player = new WebSocket("${url.webSocket}");
    player.binaryType = "arraybuffer";
    const received = [];
    player.onmessage = ({ data }) => received.push(data);
    player.onclose = ({ code }) => report(code === 1000 ? "webSocket" : "failure", new Blob(received));
    await new Promise((resolve) => { player.onopen = resolve; });

    const response = await fetch("${url.http}");
    const body = response.arrayBuffer();
    body.then((bytes) => report("http", bytes), (error) => report("failure", String(error)));

    const publisher = new WebSocket("${url.webSocket}?action=publish");
    publisher.onopen = () => {
      for (let at = 0; at < sample.byteLength; at += 1000) publisher.send(sample.slice(at, at + 1000));
      publisher.close(1000);
    };`;
}

requirePrograms("chromium", "ffmpeg")("a browser plays by WebSocket and fetch, and publishes", async () => {
  const sample = await soundAndPicture();
  await using gateway = await startLaboratory();
  const key = newKey();
  const url = { webSocket: gateway.urls.webSocketFlv(key), http: gateway.urls.flv(key) };
  await using page = openPage({
    script: writeScript(url),
    samplePath: sample.path,
    folder: gateway.folder,
  });
  const reports = await page.waitForReports("webSocket", "http");
  for (const name of ["webSocket", "http"]) {
    const played = readFlv(reports.get(name) ?? new Uint8Array());
    expect([name, played.flags]).toEqual([name, 5]);
    expect(describeMedia(played)).toEqual(describePlayed(sample));
  }
});
