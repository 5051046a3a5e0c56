import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";

export interface Nginx extends AsyncDisposable {
  rtmp(key: string): string;
}

/** Debian's nginx with its RTMP module, application `live`; `directive` is one more line of it. */
export async function startNginx(parentFolder: string, directive: string): Promise<Nginx> {
  const folder = join(parentFolder, "nginx");
  const port = freePort();
  const config = join(folder, "nginx.conf");
  await mkdir(folder, { recursive: true });
  await Bun.write(
    config,
    `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
    daemon off; master_process off; pid ${folder}/pid; error_log stderr info; events {}
    rtmp { server { listen 127.0.0.1:${port}; application live { live on; ${directive} } } }`,
  );
  const child = startProcess([pathOf("nginx"), "-p", folder, "-e", "stderr", "-c", config]);
  await waitFor("nginx to listen", () => canConnect(port));
  return {
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
