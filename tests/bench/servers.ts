import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGateway } from "../peers/gateway.ts";
import { startProcess } from "../peers/process.ts";
import { waitFor } from "../peers/wait.ts";
import { type PlayTarget, PROTOCOLS } from "./player.ts";

export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly rtmpPort: number;
  readonly targets: readonly PlayTarget[];
}

export type ServerName = "ours" | "nginx" | "nms";

export type ServerKind = {
  readonly name: ServerName;
  readonly title: string;
  readonly settings: string;
  /** Why it can't be measured here, and what to do about it. */
  missing(): string | undefined;
  start(): Promise<RunningServer>;
};

const ROOT = resolve(import.meta.dir, "../..");
const EXECUTABLE = join(ROOT, "dist/nway-wx");
const NGINX_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
const NODE_MEDIA_SERVER = join(ROOT, "node_modules/node-media-server/bin/app.js");
const SEARCH_PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

export const SERVERS: readonly ServerKind[] = [
  {
    name: "ours",
    title: "nway-wx",
    settings: "dist/nway-wx serve, [media] open=true, otherwise defaults",
    missing: () => (existsSync(EXECUTABLE) ? undefined : "dist/nway-wx is not there: make build"),
    start: startOurs,
  },
  {
    name: "nginx",
    title: "nginx-rtmp",
    settings: "Debian's module, worker_processes 1, chunk_size 4096, live on, otherwise defaults",
    missing: () =>
      Bun.which("nginx", { PATH: SEARCH_PATH }) !== null && existsSync(NGINX_MODULE)
        ? undefined
        : "apt-get install -y nginx libnginx-mod-rtmp",
    start: startNginx,
  },
  {
    name: "nms",
    title: "node-media-server",
    settings: "4.4.3 on node, no recording, no API log-in, otherwise defaults",
    missing: () =>
      Bun.which("node") !== null && existsSync(NODE_MEDIA_SERVER)
        ? undefined
        : "node and npm ci give node-media-server",
    start: startNodeMediaServer,
  },
];

async function startOurs(): Promise<RunningServer> {
  const gateway = await startGateway({ config: { media: { rtmp_addr: "127.0.0.1:0", open: true } } });
  return {
    pid: gateway.pid,
    rtmpPort: gateway.ports.rtmp,
    targets: PROTOCOLS.map((protocol) => ({
      protocol,
      port: protocol === "rtmp" ? gateway.ports.rtmp : gateway.ports.flv,
    })),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

async function startNginx(): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-bench-"));
  const port = freePort();
  const configFile = join(folder, "nginx.conf");
  await writeFile(
    configFile,
    `load_module ${NGINX_MODULE};
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live { live on; }
  }
}
`,
  );
  const nginx = Bun.which("nginx", { PATH: SEARCH_PATH }) ?? "nginx";
  const errorLog = join(folder, "error.log");
  const command = [nginx, "-p", folder, "-e", errorLog, "-c", configFile];
  return await startPeer(command, folder, [{ protocol: "rtmp", port }]);
}

async function startNodeMediaServer(): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-bench-"));
  const rtmpPort = freePort();
  const httpPort = freePort();
  const configFile = join(folder, "config.json");
  await writeFile(
    configFile,
    JSON.stringify({
      bind: "127.0.0.1",
      rtmp: { port: rtmpPort },
      http: { port: httpPort },
      store: { path: join(folder, "data") },
      record: { auto: false, path: join(folder, "record") },
    }),
  );
  const targets = PROTOCOLS.map((protocol) => ({
    protocol,
    port: protocol === "rtmp" ? rtmpPort : httpPort,
  }));
  return await startPeer(["node", NODE_MEDIA_SERVER, "-c", configFile], folder, targets);
}

async function startPeer(
  command: readonly string[],
  folder: string,
  targets: readonly PlayTarget[],
): Promise<RunningServer> {
  const child = startProcess(command, { cwd: folder });
  try {
    for (const { port } of targets) await waitFor(`${command[0]} to listen`, () => accepts(port));
  } catch (thrown) {
    await child[Symbol.asyncDispose]();
    throw new Error(`${String(thrown)}; it said:\n${child.output()}`);
  }
  return {
    pid: child.pid,
    rtmpPort: targets.find(({ protocol }) => protocol === "rtmp")?.port ?? 0,
    targets,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.waitForExit(2_000).catch(() => child[Symbol.asyncDispose]());
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

async function accepts(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data() {}, connectError() {} },
    });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
