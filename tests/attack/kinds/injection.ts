import { type Attacks, demand, type Target } from "../attack.ts";
import {
  frame,
  http,
  option,
  registration,
  rtmpCommand,
  rtmpHandshake,
  rtmpLogin,
  sipRequest,
  upgrade,
} from "../messages.ts";
import { ask } from "../sockets.ts";

/** What a line of the log looks like, and a header. */
const LINE = "2026-01-01T00:00:00.000Z error forged from=1";
const BREAKS = ["\n", "\r\n", "\r", "\u2028", "\u0085", "\u001b[2K\u001b[1G", '" ', "\\n"];
const HEADER = /^forged:/im;

/** Words of peers that may come to the log or into an answer. */
async function forge(target: Target, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    await Promise.all(BREAKS.map((mark) => forgeWith(target, mark)));
  }
}

async function forgeWith({ ports }: Target, mark: string): Promise<void> {
  const word = `a${mark}${LINE}`;
  const frames = [registration(word, word), option(1).replace('"s"', JSON.stringify(word)), word];
  const command = rtmpCommand(word, { app: word, tcUrl: word, flashVer: word });
  const request = new TextDecoder().decode(sipRequest("OPTIONS", "a", 5060)).replace("flood@", `${word}@`);
  await Promise.all([
    ...[ports.flv, ports.api, ports.signaling].flatMap((port) => forgeHeaders(port, mark)),
    ask(ports.signaling, Buffer.concat([upgrade(), ...frames.map(frame)])),
    ask(ports.rtmp, rtmpLogin("publish", `${word}?token=${word}`)),
    ask(ports.rtmp, Buffer.concat([rtmpHandshake(), command])),
    ask(ports.sip, Buffer.from(request)),
  ]);
}

function forgeHeaders(port: number, mark: string): Promise<void>[] {
  const escaped = encodeURIComponent(`a${mark}forged: 1`);
  const value = `a${mark}${LINE}`.replaceAll(/[\r\n]/g, "");
  const headers = ["Origin", "X-Forwarded-For", "User-Agent"].map((name) => `${name}: ${value}`);
  const paths = [`/live/${escaped}.flv`, `/live/a.flv?token=${escaped}`, `/api/calls/${escaped}`];
  return paths.map(async (path) => {
    const [head = ""] = (await ask(port, http(`GET ${path} HTTP/1.1`, ...headers))).split("\r\n\r\n");
    demand(!HEADER.test(head), `${path} gave ${head}`);
  });
}

export const INJECTION: Attacks = { "forged lines and headers": forge };
