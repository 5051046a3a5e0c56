import { type App, startApp } from "../../src/app.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Config } from "../../src/config/schema.ts";
import { createLogger } from "../../src/log.ts";
import { SignalingClient, type SignalingClientOptions } from "../../src/probe/signaling-client.ts";

/** Sections and keys as the files hold them. */
export type Ini = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const PASSWORD = "1234";
const USERS = ["lihao", "nway", "third", "fourth"] as const;

/** Free ports of this machine, and the users. */
export const BASE: Ini = {
  server: { addr: "127.0.0.1:0" },
  settings: { ip_port: "127.0.0.1:0" },
  media: { rtmp_addr: "127.0.0.1:0" },
  sip: { addr: "127.0.0.1:0" },
  api: { addr: "127.0.0.1:0" },
  users: Object.fromEntries(
    USERS.flatMap((name, index) => [
      [`user${index + 1}`, name],
      [`password${index + 1}`, PASSWORD],
    ]),
  ),
};

/** The later one wins, key by key. */
export function mergeInis(...inis: readonly Ini[]): Ini {
  const merged: Record<string, Record<string, string>> = {};
  for (const ini of inis) {
    for (const [section, keys] of Object.entries(ini)) merged[section] = { ...merged[section], ...keys };
  }
  return merged;
}

/** What the settings are, on free loopback ports where they name none, or one line for each thing wrong with them. */
export function resolveIni(ini: Ini): Config | { readonly problems: readonly string[] } {
  const entries = Object.entries(mergeInis(BASE, ini)).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, text]) => ({ section, key, text, origin: "test" })),
  );
  const resolved = resolveConfig([{ entries, problems: [] }], false);
  return "config" in resolved ? resolved.config : resolved;
}

/** The whole gateway in this process, with its log. */
export class RunningApp implements AsyncDisposable {
  private constructor(
    readonly app: App,
    /** `level event name=value …` each. */
    readonly lines: readonly string[],
  ) {}

  static async start(ini: Ini, clock: Clock = systemClock): Promise<RunningApp> {
    const config = resolveIni(ini);
    if ("problems" in config) throw new Error(config.problems.join("\n"));
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line.replace(/^\S+ /, "").trim());
    const app = await startApp(config, createLogger({ level: "debug", write, clock }), clock);
    return new RunningApp(app, lines);
  }

  /** `host:port`; undefined where it does not listen. */
  addr(listener: string): string | undefined {
    return this.app.listening.find(({ name }) => name === listener)?.addr;
  }

  /** At the HTTP API; a connection of its own, so that none outlives the app. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    return await fetch(`http://${this.addr("api")}${path}`, { ...init, keepalive: false });
  }

  /** How many there are of what `/api/<what>` lists. */
  async count(what: "calls" | "users" | "records"): Promise<number> {
    // The API's own tests keep its shape.
    const list = (await (await this.ask(`/api/${what}`)).json()) as Record<string, unknown[]>;
    return list[what]?.length ?? 0;
  }

  connect(user: string, options: Partial<SignalingClientOptions> = {}): Promise<SignalingClient> {
    return SignalingClient.connect({ url: `ws://${this.addr("signaling")}/`, user, ...options });
  }

  async register(user: string, options: Partial<SignalingClientOptions> = {}): Promise<SignalingClient> {
    const client = await this.connect(user, options);
    const { data } = await client.register(PASSWORD);
    if (data.code !== "200ok") throw new Error(`register ${user}: ${data.code} ${data.msg}`);
    return client;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.app[Symbol.asyncDispose]());
  }
}
