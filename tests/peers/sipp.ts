import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCodeOf } from "../../src/errors.ts";
import { startProcess } from "./process.ts";
import { pathOf } from "./programs.ts";
import { isBound } from "./udp-ports.ts";
import { waitFor } from "./wait.ts";

/** Begins each event in sipp's file of errors. */
const TIME_STAMP = /\d{4}-\d\d-\d\d\t[\d:.]+\t[\d.]+: /;
/** A call had ended well when the answer to a repeated request came, which waited for more than 500 ms; sipp was slow. */
const OF_A_BUSY_MACHINE = /^(?:Dead call \S+ \(successful\), received 'SIP\/2\.0 200 |Overload warning: )/;

/** Runs sipp against a user agent; throws unless each of its calls went as the scenario says. */
export async function runSipp(
  port: number,
  xml: string,
  callCount: number,
  ...options: readonly string[]
): Promise<void> {
  const localPort = await findFreePort();
  const rate = ["-r", String(callCount), ...options];
  await using sipp = await startSipp([`127.0.0.1:${port}`, ...rate], xml, localPort, callCount);
  await sipp.finish();
}

/** Runs sipp as the one that is called, by `call` once it listens; throws as runSipp does. */
export async function answerWithSipp(
  xml: string,
  callCount: number,
  call: (port: number) => Promise<void>,
): Promise<void> {
  const localPort = await findFreePort();
  await using sipp = await startSipp([], xml, localPort, callCount);
  await waitFor("sipp to listen", () => isBound(localPort), 15_000);
  await call(localPort);
  await sipp.finish();
}

async function startSipp(own: readonly string[], xml: string, localPort: number, callCount: number) {
  const cwd = await mkdtemp(join(tmpdir(), "nway-wx-sipp-"));
  await Bun.write(join(cwd, "scenario.xml"), xml);
  const place = ["-sf", "scenario.xml", "-i", "127.0.0.1", "-p", String(localPort), "-m", String(callCount)];
  const manner = ["-nostdin", "-trace_err", "-error_file", "errors.log", "-timeout", "15s", "-timeout_error"];
  const sipp = startProcess([pathOf("sipp"), ...own, ...place, ...manner], { cwd });
  return {
    async finish(): Promise<void> {
      const code = await sipp.waitForExit(18_000);
      const errors = Bun.file(join(cwd, "errors.log"));
      const [, ...said] = (await errors.exists()) ? (await errors.text()).split(TIME_STAMP) : [];
      const faults = said.filter((event) => !OF_A_BUSY_MACHINE.test(event));
      if (code !== 0 || faults.length > 0) throw new Error(`sipp ended with ${code}: ${faults.join("\n")}`);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await sipp[Symbol.asyncDispose]();
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

/** Free over UDP and over TCP. Without one sipp takes 5060. */
async function findFreePort(): Promise<number> {
  for (;;) {
    const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const { port } = listener;
    try {
      (await Bun.udpSocket({ hostname: "127.0.0.1", port })).close();
      return port;
    } catch (thrown) {
      if (errorCodeOf(thrown) !== "EADDRINUSE") throw thrown;
    } finally {
      listener.stop(true);
    }
  }
}
