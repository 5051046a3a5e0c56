import type { Listening } from "../app.ts";
import type { LoadedConfig } from "../config/files/load-config.ts";
import { VERSION } from "../version.ts";
import type { Arguments } from "./command.ts";

const URLS: Readonly<Record<string, (addr: string) => string>> = {
  signaling: (addr) => `ws://${addr}/`,
  rtmp: (addr) => `rtmp://${addr}/live/<key>`,
  flv: (addr) => `http://${addr}/live/<key>.flv`,
  api: (addr) => `http://${addr}/healthz`,
  wss: (addr) => `wss://${addr}/`,
  rtmps: (addr) => `rtmps://${addr}/live/<key>`,
  "https-flv": (addr) => `https://${addr}/live/<key>.flv`,
  "https-api": (addr) => `https://${addr}/healthz`,
};

/** A few lines for the person who started the gateway: what listens where, and how to try it. */
export function describeStart(
  listening: readonly Listening[],
  loaded: LoadedConfig,
  { options }: Arguments,
): string {
  const { config, embedded, sources } = loaded;
  const settings = embedded
    ? "no settings file, so for this machine only; sample users lihao and nway"
    : `settings from ${sources.slice(0, MAX_SOURCES).join(", ")}`;
  const rtmp = listening.find(({ name }) => name === "rtmp");
  const stream =
    config.media.open && rtmp ? `rtmp://${rtmp.addr}/live/<key>` : "<callee_url of the invite's response>";
  const sameFiles = [...options].map(([name, value]) => ` --${name} ${value}`).join("");
  return [
    `nway-wx ${VERSION}: ${settings}\n`,
    ...listening.map(({ name, addr }) => line(name, URLS[name]?.(addr) ?? addr)),
    line("try it", `nway-wx probe${sameFiles}`),
    line("listen in", `ffplay -fflags nobuffer ${stream}`),
    line("stop it", "Ctrl-C or SIGTERM once, which ends calls in order; twice ends at once"),
  ].join("");
}

const MAX_SOURCES = 3;
const NAME_COLUMN = 10;

function line(name: string, text: string): string {
  return `  ${name.padEnd(NAME_COLUMN)} ${text}\n`;
}
