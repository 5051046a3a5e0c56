import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openPage } from "../../peers/browser.ts";
import { EXECUTABLE } from "../../peers/gateway.ts";
import { runProcess, startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { describeMedia, describePlayed, readFlv, readFlvFile } from "../media/flv-file.ts";
import { newKey, waitForPlayers } from "../media/laboratory.ts";
import { ffmpeg as ffmpegPlayer } from "../media/players.ts";
import { ffmpeg as ffmpegPublisher } from "../media/publishers.ts";
import { soundAndPicture } from "../media/samples.ts";
import { type SecureGateway, startSecureGateway } from "./secure-gateway.ts";

setDefaultTimeout(40_000);

const API_TOKEN = "0123456789abcdef";
const PUSH_URL = "rtmp://127.0.0.1/live/c-1";

let gateway: SecureGateway;
beforeAll(async () => {
  gateway = await startSecureGateway({
    media: { open: true, republish_seconds: 0, slow_reader_ms: 10_000 },
    api: { token: API_TOKEN },
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

requirePrograms("ffmpeg", "curl")(
  "ffmpeg publishes over rtmps; ffmpeg over rtmps and curl over https get every frame, bit by bit",
  async () => {
    const sample = await soundAndPicture();
    const key = newKey();
    const file = join(gateway.folder, "curl.flv");
    const command = ["curl", "-sSN", "--cacert", gateway.cert, gateway.urls.flv(key), "-o", file];
    await using curl = startProcess(command);
    await using recording = ffmpegPlayer.record(gateway, key);
    await waitForPlayers(gateway, key, 2);
    await ffmpegPublisher.publish(gateway, key, sample);
    expect(describeMedia(await recording.finish())).toEqual(describeMedia(sample));
    expect([await curl.waitForExit(), curl.output()]).toEqual([0, ""]);
    expect(describeMedia(await readFlvFile(file))).toEqual(describePlayed(sample));
  },
);

requirePrograms("curl")("curl asks the API over https, and trusts no stranger", async () => {
  const url = `${gateway.urls.api}/healthz`;
  const { stdout } = await runProcess(["curl", "-sSf", "--cacert", gateway.cert, url]);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ok" });
  const untrusted = startProcess(["curl", "-sS", url]);
  // CURLE_PEER_FAILED_VERIFICATION
  expect(await untrusted.waitForExit()).toBe(60);
});

requirePrograms()("the probe calls over wss and rtmps, and says what it does not trust", async () => {
  const probe = (...options: string[]) => {
    const users = ["--user1", "lihao", "--password1", "1234", "--user2", "nway", "--password2", "1234"];
    const command = [EXECUTABLE, "probe", "--url", gateway.urls.signaling, ...users, "--seconds", "1"];
    return startProcess([...command, ...options], { cwd: gateway.folder });
  };
  await using trusting = probe("--ca", gateway.cert);
  expect([await trusting.waitForExit(20_000), trusting.output()]).toEqual([
    0,
    expect.stringContaining("GREEN"),
  ]);
  expect(gateway.log()).toMatch(/ stream\.published protocol=rtmp from=\S+ tls=true /);
  await using insecure = probe("--insecure");
  expect([await insecure.waitForExit(20_000), insecure.output()]).toEqual([
    0,
    expect.stringContaining("GREEN"),
  ]);
  await using strict = probe();
  expect([await strict.waitForExit(20_000), strict.output()]).toEqual([
    1,
    expect.stringMatching(
      /self signed certificate\); if the certificate is your own, name its file with --ca,/,
    ),
  ]);
});

requirePrograms()(
  "nway-wx api gives its order over https, and says what to do about what it does not trust",
  async () => {
    const words = ["c-1", "lihao", "-", "13800000000", "-", "-", PUSH_URL, `${PUSH_URL}-pull`];
    const order = async (...options: string[]) => {
      const command = [EXECUTABLE, "api", ...words, "--api-url", gateway.urls.api, ...options];
      await using api = startProcess(command, { cwd: gateway.folder, env: { NWAY_WX_API_TOKEN: API_TOKEN } });
      return [await api.waitForExit(), api.output()];
    };
    // It has come as far as the order: there is no FreeSWITCH here.
    const refused = [1, "-ERR NO_ROUTE there is no link to FreeSWITCH now\n"];
    expect(await order("--ca", gateway.cert)).toEqual(refused);
    expect(await order("--insecure")).toEqual(refused);
    const advice =
      "if the certificate is your own, name its file with --ca, and connect by a name that stands in it";
    expect(await order()).toEqual([1, `nway-wx: ${gateway.urls.api}: self signed certificate; ${advice}\n`]);
    expect(await order("--ca", gateway.key)).toEqual([
      2,
      `nway-wx: --ca ${gateway.key} holds no certificate in PEM\n`,
    ]);
    expect(await order("--ca", "none.crt")).toEqual([2, "nway-wx: --ca none.crt cannot be read (ENOENT)\n"]);
  },
);

/** Registers over wss, plays over wss and fetch, and publishes over wss, from a page that is encrypted itself. */
function writeScript(): string {
  return `
    const sample = await (await fetch("/sample")).arrayBuffer();
    report("secure", String(isSecureContext && typeof navigator.mediaDevices?.getUserMedia));

    const signaling = new WebSocket("${gateway.urls.signaling}");
    signaling.onmessage = ({ data }) => report("registered", data);
    signaling.onopen = () => signaling.send(JSON.stringify({ type: "request", method: "register", version: "1.1",
      appname: "web", protoname: "rtmp", sessionid: "s", realm: "", order: 1,
      data: { caller_number: "lihao", password: "1234" } }));

    const player = new WebSocket("${gateway.urls.webSocketFlv("browser")}");
    player.binaryType = "arraybuffer";
    const received = [];
    player.onmessage = ({ data }) => received.push(data);
    player.onclose = ({ code }) => report(code === 1000 ? "webSocket" : "failure", new Blob(received));
    await new Promise((resolve) => { player.onopen = resolve; });

    const body = (await fetch("${gateway.urls.flv("browser")}")).arrayBuffer();
    body.then((bytes) => report("http", bytes), (error) => report("failure", String(error)));

    const publisher = new WebSocket("${gateway.urls.webSocketFlv("browser")}?action=publish");
    publisher.onopen = () => {
      for (let at = 0; at < sample.byteLength; at += 1000) publisher.send(sample.slice(at, at + 1000));
      publisher.close(1000);
    };`;
}

requirePrograms("chromium", "ffmpeg")(
  "a browser's encrypted page registers, plays and publishes",
  async () => {
    const sample = await soundAndPicture();
    await using page = openPage({
      script: writeScript(),
      samplePath: sample.path,
      folder: gateway.folder,
      tls: { cert: readFileSync(gateway.cert, "utf8"), key: readFileSync(gateway.key, "utf8") },
    });
    const reports = await page.waitForReports("registered", "webSocket", "http");
    const text = (name: string) => new TextDecoder().decode(reports.get(name));
    expect(text("secure")).toBe("function");
    expect(text("registered")).toContain("200ok");
    for (const name of ["webSocket", "http"]) {
      expect(describeMedia(readFlv(reports.get(name) ?? new Uint8Array()))).toEqual(describePlayed(sample));
    }
  },
);
