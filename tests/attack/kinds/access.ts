import { parseRtmpUrl, playRtmp } from "../../../src/probe/rtmp-client.ts";
import { keyOf, tokenOf } from "../../e2e/calls/gateway-state.ts";
import { REFUSED, tryAccess, tryPlaying } from "../../e2e/calls/stream-access.ts";
import { type Attacks, demand, ELSEWHERE, type Target, USERS } from "../attack.ts";
import { frame, http, registration, rtmpLogin, upgrade } from "../messages.ts";
import { ask, flood, nothing } from "../sockets.ts";

function urlsOf({ ports }: Target) {
  const query = (token?: string) => (token === undefined ? "" : `?token=${encodeURIComponent(token)}`);
  return {
    urls: {
      rtmp: (key: string, token?: string) => `rtmp://127.0.0.1:${ports.rtmp}/live/${key}${query(token)}`,
      flv: (key: string, token?: string) => `http://127.0.0.1:${ports.flv}/live/${key}.flv${query(token)}`,
    },
  };
}

/**
 * Tokens of another call, of one that has ended, and none; again and again. With the right one it only plays, by either
 * URL: who publishes with it takes over from its own side, which may be done.
 */
async function tryTokens(target: Target, untilMs: number): Promise<void> {
  const { live, other, ended } = target;
  const tries: readonly [string, string, string | undefined][] = [
    ["another call's token on what its side pushes", keyOf(live.push), tokenOf(other.push)],
    ["another call's token on what its side plays", keyOf(live.pull), tokenOf(other.pull)],
    ["no token", keyOf(live.push), undefined],
    ["a token cut short", keyOf(live.pull), tokenOf(live.pull).slice(0, -1)],
    ["a token of a call that has ended", keyOf(ended.push), tokenOf(ended.push)],
    ["the same on the other stream", keyOf(ended.pull), tokenOf(ended.pull)],
    ["an old token on a live stream", keyOf(live.pull), tokenOf(ended.pull)],
  ];
  while (performance.now() < untilMs) {
    for (const url of [live.push, live.pull]) {
      const got = await tryPlaying(urlsOf(target), keyOf(url), tokenOf(url));
      demand(Bun.deepEquals(got, { rtmpPlay: "yes", httpPlay: 200 }), `a player: ${JSON.stringify(got)}`);
    }
    for (const [what, key, token] of tries) {
      const got = await tryAccess(urlsOf(target), key, token);
      demand(Bun.deepEquals(got, REFUSED), `${what} gave ${JSON.stringify(got)}`);
    }
  }
}

/** Of `[media] max_players`, which counts those of each stream. */
const MOST_PLAYERS = 8;
const PLAYERS = 500;

async function playTogether({ live }: Target, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    const targets = [parseRtmpUrl(live.pull), parseRtmpUrl(live.push)] as const;
    const tries = await Promise.allSettled(
      Array.from({ length: PLAYERS }, (_, n) => playRtmp(targets[n % 2 === 0 ? 0 : 1], { onMedia: nothing })),
    );
    const players = tries.flatMap((tried) => (tried.status === "fulfilled" ? [tried.value] : []));
    for (const player of players) player.close();
    demand(players.length <= MOST_PLAYERS, `${players.length} play one stream`);
  }
}

/** Without a token, from an address that is not the client's. */
async function useNamedStream({ ports, namedKey }: Target, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    const answer = await ask(ports.flv, http(`GET /live/${namedKey}.flv HTTP/1.1`), ELSEWHERE);
    demand(answer.startsWith("HTTP/1.1 403 "), `a stranger was told ${answer.slice(0, 100)}`);
    for (const action of ["publish", "play"] as const) {
      const reply = await ask(ports.rtmp, rtmpLogin(action, namedKey), ELSEWHERE);
      const isRefused = /NetStream\.(?:Publish\.BadName|Play\.Failed)/.test(reply);
      demand(isRefused, `a stranger may ${action}: ${JSON.stringify(reply.slice(-200))}`);
    }
  }
}

const PATHS = [
  "/../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/live/..%2f..%2f..%2fetc%2fpasswd.flv",
  "/live/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd.flv",
  "/live/a.flv/../../../../etc/passwd",
  "/live/../../../../etc/passwd%00.flv",
  "//etc/passwd",
  "/api/../../../../etc/passwd",
  "/api/records/../../../../etc/passwd",
  "/openapi.json/..;/..;/etc/passwd",
  "/api/calls/..%5c..%5cetc%5cpasswd",
  "file:///etc/passwd",
];

async function climbPaths({ ports }: Target, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    for (const path of PATHS) {
      for (const port of [ports.flv, ports.api, ports.signaling]) {
        const answer = await ask(port, http(`GET ${path} HTTP/1.1`, "Connection: close"));
        demand(
          /^HTTP\/1\.1 4\d\d /.test(answer) && !answer.includes("root:"),
          `${path}: ${answer.slice(0, 200)}`,
        );
      }
    }
  }
}

let order = 0;

export const ACCESS: Attacks = {
  "tokens of others, and old ones": tryTokens,
  "500 players on one token": playTogether,
  "strangers at a stream that a client named": useNamedStream,
  "paths that climb": climbPaths,
  "wrong tokens over RTMP": ({ ports }, untilMs) =>
    flood(
      ports.rtmp,
      60,
      untilMs,
      () => rtmpLogin("publish", "a-stream?token=00000000000000000000000000000000"),
      nothing,
    ),
  "wrong passwords of the newcomer, from elsewhere": async ({ ports }, untilMs) => {
    while (performance.now() < untilMs) {
      const guess = registration(USERS.newcomer, `guess ${++order}`);
      const answer = await ask(ports.signaling, Buffer.concat([upgrade(), frame(guess)]), ELSEWHERE);
      demand(!answer.includes("200ok"), "a guess was right");
    }
  },
};
