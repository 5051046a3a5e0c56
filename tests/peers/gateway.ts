import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type RunningProcess, startProcess } from "./process.ts";
import { waitFor, within } from "./wait.ts";

/** Another executable, such as an installed one, can be put to the test. */
export const EXECUTABLE = process.env.NWAY_WX_EXECUTABLE ?? resolve(import.meta.dir, "../../dist/nway-wx");
const LISTENERS = [
  "signaling",
  "rtmp",
  "flv",
  "sip",
  "api",
  "wss",
  "rtmps",
  "https-flv",
  "https-api",
] as const;
type Listener = (typeof LISTENERS)[number];

type IniSections = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

export type GatewayOptions = {
  /** Laid over the ones below, key by key. */
  readonly config?: IniSections;
  /** The text of nway_wx.conf.xml beside the INI. */
  readonly moduleConfig?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the executable, such as `prlimit --nofile=100`, which puts another program in its own place. */
  readonly prefix?: readonly string[];
  /** More arguments after `serve --config FILE`. */
  readonly args?: readonly string[];
};

/** Longer takes only one that hangs, that a test has stopped, or whose telephone answers no BYE. */
const IN_ORDER_MS = 3_000;

/** The compiled executable, listening on free loopback ports in a folder of its own. */
export interface Gateway extends AsyncDisposable {
  readonly pid: number;
  /** 0 where the configuration switches one off. */
  readonly ports: Readonly<Record<Listener, number>>;
  readonly urls: {
    readonly signaling: string;
    readonly api: string;
    rtmp(key: string, token?: string): string;
    flv(key: string, token?: string): string;
    webSocketFlv(key: string, token?: string): string;
  };
  readonly folder: string;
  /** Everything it logged so far. */
  log(): string;
  readonly process: RunningProcess;
}

const DEFAULTS: IniSections = {
  server: { addr: "127.0.0.1:0" },
  users: { user1: "lihao", password1: "1234", user2: "nway", password2: "1234" },
  settings: { ip_port: "127.0.0.1:0", use_flv: true },
  media: { rtmp_addr: "127.0.0.1:0" },
  sip: { addr: "127.0.0.1:0" },
  api: { addr: "127.0.0.1:0" },
  // Tests call faster than people do.
  calls: { calls_per_minute: 1_000_000, calls_per_minute_per_user: 1_000_000 },
  dialing: { limits: "*:1000000/min", total_limits: "*:1000000/min" },
};

/** Starts `dist/nway-wx serve` (run `make build` first) and waits until it listens everywhere. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-test-"));
  const configFile = join(folder, "nway_wx.ini");
  await writeFile(configFile, renderIni(mergeSections(DEFAULTS, options.config ?? {})));
  if (options.moduleConfig !== undefined)
    await writeFile(join(folder, "nway_wx.conf.xml"), options.moduleConfig);
  const command = [...(options.prefix ?? []), EXECUTABLE, "serve", "--config", configFile];
  const child = startProcess([...command, ...(options.args ?? [])], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...options.env },
  });
  try {
    const ports = await waitForPorts(child);
    return describeGateway(child, ports, folder);
  } catch (thrown) {
    await child[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

function describeGateway(child: RunningProcess, ports: Record<Listener, number>, folder: string): Gateway {
  const query = (token?: string) => (token === undefined ? "" : `?token=${encodeURIComponent(token)}`);
  return {
    pid: child.pid,
    ports,
    urls: {
      signaling: `ws://127.0.0.1:${ports.signaling}/`,
      api: `http://127.0.0.1:${ports.api}`,
      rtmp: (key, token) => `rtmp://127.0.0.1:${ports.rtmp}/live/${key}${query(token)}`,
      flv: (key, token) => `http://127.0.0.1:${ports.flv}/live/${key}.flv${query(token)}`,
      webSocketFlv: (key, token) => `ws://127.0.0.1:${ports.flv}/live/${key}.flv${query(token)}`,
    },
    folder,
    log: () => child.output(),
    process: child,
    async [Symbol.asyncDispose]() {
      await endInOrder(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** So that it ends its calls: one that is killed leaves their channels in a FreeSWITCH that lives on. */
async function endInOrder(child: RunningProcess): Promise<void> {
  child.kill("SIGTERM");
  await within("its end in order", child.exited, IN_ORDER_MS).catch(() => {});
  await child[Symbol.asyncDispose]();
}

/** Reads the ports from the log: `<time> info listen name=<listener> addr=<host:port>`. */
export function findPorts(log: string): Partial<Record<Listener, number>> {
  const ports: Partial<Record<Listener, number>> = {};
  for (const [, name, port] of log.matchAll(/ info listen name=([\w-]+) addr=\S*:(\d+)/g)) {
    const listener = LISTENERS.find((known) => known === name);
    if (listener !== undefined) ports[listener] = Number(port);
  }
  return ports;
}

/** Those that the configuration can switch off. */
const OFF = { flv: 0, wss: 0, rtmps: 0, "https-flv": 0, "https-api": 0 };

/** The last line of what it tells its user: then it has opened all that it will. */
const STARTED = "  stop it ";

async function waitForPorts(child: RunningProcess): Promise<Record<Listener, number>> {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  try {
    return await waitFor("the gateway to listen", () => {
      if (ended) throw new Error("the gateway stopped");
      if (!child.stdout().includes(STARTED)) return undefined;
      const ports = findPorts(child.output());
      const { signaling, rtmp, sip, api } = ports;
      if (signaling === undefined || rtmp === undefined || sip === undefined || api === undefined)
        return undefined;
      return { ...OFF, ...ports, signaling, rtmp, sip, api };
    });
  } catch (thrown) {
    throw new Error(`${String(thrown)}; it said:\n${child.output()}`);
  }
}

function mergeSections(base: IniSections, over: IniSections): IniSections {
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, { ...base[name], ...over[name] }]));
}

function renderIni(sections: IniSections): string {
  return Object.entries(sections)
    .map(([name, keys]) => `[${name}]\n${Object.entries(keys).map(renderKey).join("")}`)
    .join("\n");
}

function renderKey([key, value]: [string, string | number | boolean]): string {
  return `${key}=${typeof value === "string" && /[;#]/.test(value) ? JSON.stringify(value) : value}\n`;
}
