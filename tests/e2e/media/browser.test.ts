import { expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { describeMedia, describePlayed, readFlv } from "./flv-file.ts";
import { newKey, startLaboratory } from "./laboratory.ts";
import { soundAndPicture } from "./samples.ts";

setDefaultTimeout(40_000);

/**
 * Plays over a WebSocket and over fetch from another origin, publishes over a WebSocket once both play, and brings
 * back what it has played.
 */
function renderPage(url: { readonly webSocket: string; readonly http: string }): string {
  return `<!doctype html><script type="module">
    const report = (name, body) => fetch("/" + name, { method: "POST", body });
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
    };
  </script>`;
}

requirePrograms("chromium", "ffmpeg")("a browser plays by WebSocket and fetch, and publishes", async () => {
  const sample = await soundAndPicture();
  await using gateway = await startLaboratory();
  const key = newKey();
  const reports = new Map<string, Uint8Array>();
  await using disposals = new AsyncDisposableStack();
  const pages = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const name = new URL(request.url).pathname.slice(1);
      if (request.method === "POST") {
        reports.set(name, await request.bytes());
        return new Response();
      }
      if (name === "sample") return new Response(Bun.file(sample.path));
      const url = { webSocket: gateway.urls.webSocketFlv(key), http: gateway.urls.flv(key) };
      return new Response(renderPage(url), { headers: { "Content-Type": "text/html" } });
    },
  });
  disposals.defer(() => pages.stop(true));
  const options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"];
  const profile = `--user-data-dir=${join(gateway.folder, "chromium")}`;
  const chromium = disposals.use(startProcess(["chromium", ...options, profile, pages.url.href]));
  await waitFor(
    "what the browser played",
    () => {
      const failure = reports.get("failure");
      if (failure !== undefined) throw new Error(`${new TextDecoder().decode(failure)} ${chromium.output()}`);
      return reports.has("webSocket") && reports.has("http");
    },
    30_000,
  );
  for (const name of ["webSocket", "http"]) {
    const played = readFlv(reports.get(name) ?? new Uint8Array());
    expect([name, played.flags]).toEqual([name, 5]);
    expect(describeMedia(played)).toEqual(describePlayed(sample));
  }
});
