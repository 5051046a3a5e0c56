import { join } from "node:path";
import type { ServerWebSocket } from "bun";
import type { Gateway } from "../../peers/gateway.ts";
import { startProcess } from "../../peers/process.ts";
import { waitFor } from "../../peers/wait.ts";

/** What mpegts.js or flv.js shows in Chromium. */
export type Shown = {
  readonly name: string;
  /** How often the URL was loaded: once, and after each connection that ended. */
  readonly loads: number;
  readonly errors: readonly string[];
  readonly playedMs: number;
  /** From what is played to the end of what came: the distance to the live edge. */
  readonly behindMs: number;
  readonly width: number;
  readonly frameCount: number;
  readonly audioByteCount: number;
};

export interface WebPlayers extends AsyncDisposable {
  /** Plays that URL with both libraries, instead of what was played before. */
  play(url: string): void;
  /** What both showed last. */
  shown(): readonly Shown[];
}

/** One page in headless Chromium. */
export async function openWebPlayers(gateway: Gateway): Promise<WebPlayers> {
  await using opening = new AsyncDisposableStack();
  let page: ServerWebSocket<unknown> | undefined;
  let shown: readonly Shown[] = [];
  const scripts: Readonly<Record<string, string>> = {
    "/mpegts.js": Bun.resolveSync("mpegts.js/dist/mpegts.js", import.meta.dir),
    "/flv.js": Bun.resolveSync("flv.js/dist/flv.js", import.meta.dir),
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, self) {
      if (request.headers.has("upgrade"))
        return self.upgrade(request) ? undefined : new Response("", { status: 400 });
      return new Response(
        Bun.file(scripts[new URL(request.url).pathname] ?? join(import.meta.dir, "web-page.html")),
      );
    },
    websocket: {
      open(socket) {
        page = socket;
      },
      message(_, text) {
        shown = JSON.parse(String(text));
      },
    },
  });
  opening.defer(() => server.stop(true));
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-port=0",
    "--mute-audio",
  ];
  const profile = `--user-data-dir=${join(gateway.folder, "web-players")}`;
  const autoplay = "--autoplay-policy=no-user-gesture-required";
  const chromium = opening.use(startProcess(["chromium", ...options, autoplay, profile, server.url.href]));
  await waitFor(`the page in ${chromium.pid}`, () => page !== undefined, 30_000);
  const opened = opening.move();
  return {
    play(url) {
      shown = [];
      page?.send(url);
    },
    shown: () => shown,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
