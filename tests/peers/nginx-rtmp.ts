import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startProcess } from "./process.ts";
import { pathOf } from "./programs.ts";
import { waitFor } from "./wait.ts";

export interface Nginx extends AsyncDisposable {
  readonly port: number;
  rtmp(key: string): string;
}

export type NginxOptions = {
  /** One more line of its application. */
  readonly directive?: string;
  readonly chunkSize?: number | undefined;
};

/** Debian's nginx with its RTMP module, application `live`, in a folder of its own. */
export async function startNginx(
  folder: string,
  { directive = "", chunkSize = 4096 }: NginxOptions = {},
): Promise<Nginx> {
  const port = freePort();
  const config = join(folder, "nginx.conf");
  await mkdir(folder, { recursive: true });
  await Bun.write(
    config,
    `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
    daemon off; master_process off; pid ${folder}/pid; error_log stderr info; events {}
    rtmp { server { listen 127.0.0.1:${port}; chunk_size ${chunkSize}; application live { live on; ${directive} } } }`,
  );
  const child = startProcess([pathOf("nginx"), "-p", folder, "-e", "stderr", "-c", config]);
  await waitFor("nginx to listen", () => canConnect(port));
  return {
    port,
    rtmp: (key) => `rtmp://127.0.0.1:${port}/live/${key}`,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function canConnect(port: number): Promise<boolean> {
  try {
    (await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } })).end();
    return true;
  } catch {
    return false;
  }
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}
