import { readFileSync } from "node:fs";
import { EXECUTABLE } from "../../peers/gateway.ts";
import { type RunningProcess, startProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";

/** TCP_LISTEN in the kernel's include/net/tcp_states.h */
const LISTENING = "0A";

export type Environment = Readonly<Record<string, string>>;
export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The executable in a network namespace of its own, where every port of the defaults is free. */
export function startAlone(args: readonly string[], cwd: string, env: Environment = {}): RunningProcess {
  const script = `${pathOf("ip")} link set lo up && exec "$@"`;
  return startProcess([pathOf("unshare"), "--net", "sh", "-c", script, "sh", EXECUTABLE, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
  });
}

/** The executable in the namespace of another one that runs. */
export async function runBeside(
  { pid }: RunningProcess,
  args: readonly string[],
  cwd: string,
): Promise<Finished> {
  return await finish([pathOf("nsenter"), `--net=/proc/${pid}/ns/net`, EXECUTABLE, ...args], cwd, {});
}

/** The executable by itself, until it ends. */
export async function run(args: readonly string[], cwd: string, env: Environment = {}): Promise<Finished> {
  return await finish([EXECUTABLE, ...args], cwd, env);
}

async function finish(command: readonly string[], cwd: string, env: Environment): Promise<Finished> {
  await using child = startProcess(command, { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env } });
  const code = await child.waitForExit(20_000);
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** `address:port` of everything that listens in the process's namespace, in order of the ports; IPv6 in hexadecimal. */
export function listListeners({ pid }: RunningProcess): string[] {
  const rows = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8").trim().split("\n").slice(1),
  );
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTENING)
    .map(([, local = ""]) => readAddress(local))
    .sort((left, right) => left.port - right.port)
    .map(({ host, port }) => `${host}:${port}`);
}

/** The kernel prints an IPv4 address as a number of the machine, so backwards. */
function readAddress(local: string): { host: string; port: number } {
  const [host = "", port = ""] = local.split(":");
  const bytes = host.match(/../g) ?? [];
  const shown =
    host.length === 8
      ? bytes
          .map((byte) => Number.parseInt(byte, 16))
          .reverse()
          .join(".")
      : host;
  return { host: shown, port: Number.parseInt(port, 16) };
}
