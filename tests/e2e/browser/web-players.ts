import { expect } from "bun:test";
import { join } from "node:path";
import type { ServerWebSocket } from "bun";
import { startBrowser } from "../../peers/browser.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";

/** What mpegts.js or flv.js shows in Chromium. */
type Shown = {
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

/** Distance to the live edge. */
const MOST_BEHIND_MS = 1_000;

/** Both players hear and see what is sent during `sending`, close to the live edge. */
export async function expectPlaying(
  browser: WebPlayers,
  what: { sound: boolean; picture: boolean },
  sending: Promise<void>,
): Promise<void> {
  const before = browser.shown();
  await sending;
  const after = browser.shown();
  expect(after.map(({ name }) => name)).toEqual(["mpegts.js", "flv.js"]);
  for (const [index, now] of after.entries()) {
    const then = before[index];
    const context = `${now.name}: ${JSON.stringify({ then, now })}`;
    expect([context, isAhead(now, then, ({ audioByteCount }) => audioByteCount)]).toEqual([
      context,
      what.sound,
    ]);
    expect([context, isAhead(now, then, ({ frameCount }) => frameCount)]).toEqual([context, what.picture]);
    expect([context, now.behindMs <= MOST_BEHIND_MS]).toEqual([context, true]);
    expect([context, isAhead(now, then, ({ playedMs }) => playedMs)]).toEqual([context, true]);
  }
}

/** What a player counts begins at 0 where it loads again. */
function isAhead(now: Shown, then: Shown | undefined, count: (shown: Shown) => number): boolean {
  const before = then === undefined || then.loads !== now.loads ? 0 : count(then);
  return count(now) > before;
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
  const autoplay = "--autoplay-policy=no-user-gesture-required";
  const chromium = opening.use(startBrowser(server.url.href, gateway.folder, autoplay));
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
