import { expect, setDefaultTimeout } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EXECUTABLE } from "../../peers/gateway.ts";
import { runProcess, startProcess } from "../../peers/process.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { ROOT } from "../../rules/source.ts";
import { describeMedia, describePlayed, readFlvFile } from "../media/flv-file.ts";
import { newKey, startLaboratory, waitForPlayers } from "../media/laboratory.ts";
import { soundAndPicture } from "../media/samples.ts";
import { writePair } from "./secure-gateway.ts";

setDefaultTimeout(40_000);

/** The example of docs/en/tls.md with the addresses and files of this test. */
async function readExample(places: Readonly<Record<string, string>>): Promise<string> {
  const page = await Bun.file(join(ROOT, "docs/en/tls.md")).text();
  const [, example = ""] = /```nginx\n(.*?)```/s.exec(page) ?? [];
  return Object.entries(places).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ${from}`);
    return text.replaceAll(from, to);
  }, example);
}

requirePrograms(
  "nginx-rtmp",
  "curl",
  "ffmpeg",
)("the example for nginx carries signaling, FLV and API", async () => {
  await using gateway = await startLaboratory();
  const { ports, folder } = gateway;
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  await writePair(files);
  const port = freePort();
  const example = await readExample({
    "443 ssl": `127.0.0.1:${port} ssl`,
    "/etc/nginx/fullchain.pem": files.cert,
    "/etc/nginx/privkey.pem": files.key,
    "10.0.0.0/8": "127.0.0.1",
    "127.0.0.1:18123": `127.0.0.1:${ports.signaling}`,
    "127.0.0.1:25535": `127.0.0.1:${ports.flv}`,
    "127.0.0.1:25580": `127.0.0.1:${ports.api}`,
  });
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
    return `${name}_temp_path ${folder}/nginx;`;
  });
  await mkdir(join(folder, "nginx"));
  const config = join(folder, "nginx.conf");
  await Bun.write(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr; events {}
    http { access_log off; ${paths.join(" ")}\n${example} }`,
  );
  await using nginx = startProcess([pathOf("nginx"), "-p", folder, "-e", "stderr", "-c", config]);
  const curl = ["curl", "-sS", "--cacert", files.cert];
  await waitFor("nginx to answer", async () => {
    const api = startProcess([...curl, `https://localhost:${port}/api/calls`]);
    return (await api.waitForExit()) === 0 && api.stdout() === '{"calls":[]}';
  }).catch((thrown) => {
    throw new Error(`${thrown} ${nginx.output()}`);
  });

  const users = ["--user1", "lihao", "--password1", "1234", "--user2", "nway", "--password2", "1234"];
  const url = `wss://localhost:${port}/ws`;
  const probe = [EXECUTABLE, "probe", "--url", url, "--ca", files.cert, ...users, "--seconds", "1"];
  expect((await runProcess(probe)).stdout).toContain("GREEN");

  const sample = await soundAndPicture();
  const key = newKey();
  const live = `https://localhost:${port}/live/${key}.flv`;
  const received = join(folder, "played.flv");
  await using player = startProcess([...curl, "-N", live, "-o", received]);
  await waitForPlayers(gateway, key);
  await runProcess([
    ...curl,
    "-f",
    "-X",
    "POST",
    "-H",
    "Transfer-Encoding: chunked",
    "-T",
    sample.path,
    live,
  ]);
  expect([await player.waitForExit(), player.output()]).toEqual([0, ""]);
  expect(describeMedia(await readFlvFile(received))).toEqual(describePlayed(sample));
});

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}
