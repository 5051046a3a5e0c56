import { resolve } from "node:path";
import { type RunningProcess, startProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";

/** A network namespace of the test's own, one wire away from the gateway's. Disposing removes every trace of it. */
export interface ClientNetwork extends AsyncDisposable {
  /** The gateway's address as seen from in there. */
  readonly gatewayHost: string;
  /** The clients' address as seen by the gateway. */
  readonly clientHost: string;
  /** Puts a command into it. */
  command(...command: string[]): string[];
  /** Loses every packet in both directions, without a word to the sender, until the result is called. */
  cut(): () => void;
  /** Narrows the way to the client; at most `queueBytes` wait there. */
  narrow(kilobitsPerSecond: number, queueBytes: number): void;
  /** A command there whose output matters. */
  run(...command: string[]): string;
}

/** One way: a delay, up to so much more in each case, and the share of packets that are lost. */
export type Distance = {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly lossShare: number;
  readonly seed: number;
};

const LINK_EMULATOR = resolve(import.meta.dir, "link-emulator.ts");
let count = 0;

/**
 * Needs root, iproute2 and nftables. The addresses are of 10.201.0.0/16 and end at the wire.
 * @param distance without it the wire is a veth pair, as fast as memory
 */
export async function createClientNetwork(distance?: Distance): Promise<ClientNetwork> {
  count += 1;
  const id = `${process.pid.toString(36)}${count}`;
  const name = `nwx${id}`;
  const outside = `nwx${id}o`;
  const net = `10.201.${process.pid % 250}.${(count % 60) * 4}`;
  const gatewayHost = addToAddress(net, 1);
  const clientHost = addToAddress(net, 2);
  const inside = (...command: string[]) => [pathOf("ip"), "netns", "exec", name, ...command];
  let emulator: RunningProcess | undefined;
  const remove = async () => {
    await emulator?.[Symbol.asyncDispose]();
    tryToRun([pathOf("nft"), "delete", "table", "inet", name]);
    tryToRun([pathOf("ip"), "link", "del", outside]);
    tryToRun([pathOf("ip"), "netns", "del", name]);
  };
  try {
    ip("netns", "add", name);
    if (distance === undefined) {
      ip("link", "add", outside, "type", "veth", "peer", "name", "wire", "netns", name);
    } else {
      const { delayMs, jitterMs, lossShare, seed } = distance;
      const numbers = [delayMs, jitterMs, lossShare, seed].map(String);
      emulator = startProcess([process.execPath, LINK_EMULATOR, outside, name, "wire", ...numbers]);
      await emulator.waitForOutput(/ready/);
    }
    ip("addr", "add", `${gatewayHost}/30`, "dev", outside);
    ip("link", "set", outside, "up");
    ip("-n", name, "addr", "add", `${clientHost}/30`, "dev", "wire");
    ip("-n", name, "link", "set", "wire", "up");
    ip("-n", name, "link", "set", "lo", "up");
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return {
    gatewayHost,
    clientHost,
    command: inside,
    cut() {
      nft(
        [],
        `add table inet ${name}; add chain inet ${name} in { type filter hook input priority 0; };
        add rule inet ${name} in iifname "${outside}" drop`,
      );
      nft(
        inside(),
        `add table inet ${name}; add chain inet ${name} in { type filter hook input priority 0; };
        add rule inet ${name} in iifname "wire" drop`,
      );
      return () => {
        nft([], `delete table inet ${name}`);
        nft(inside(), `delete table inet ${name}`);
      };
    },
    narrow(kilobitsPerSecond, queueBytes) {
      const rate = `${kilobitsPerSecond}kbit`;
      run([
        pathOf("tc"),
        "qdisc",
        "add",
        "dev",
        outside,
        "root",
        "tbf",
        "rate",
        rate,
        "burst",
        "1600",
        "limit",
        `${queueBytes}`,
      ]);
    },
    run: (...command) => run(inside(...command)),
    [Symbol.asyncDispose]: remove,
  };
}

function addToAddress(net: string, host: number): string {
  const dot = net.lastIndexOf(".") + 1;
  return `${net.slice(0, dot)}${Number(net.slice(dot)) + host}`;
}

function ip(...args: string[]): void {
  run([pathOf("ip"), ...args]);
}

function nft(prefix: string[], rules: string): void {
  run([...prefix, pathOf("nft"), rules]);
}

function run(command: string[]): string {
  const { success, stdout, stderr } = Bun.spawnSync(command);
  if (!success) throw new Error(`${command.join(" ")}: ${stderr}`);
  return `${stdout}`;
}

function tryToRun(command: string[]): void {
  Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore" });
}
