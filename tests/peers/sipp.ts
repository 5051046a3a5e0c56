import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "./process.ts";
import { pathOf } from "./programs.ts";

/** Runs sipp against a user agent; throws unless each of its calls went as the scenario says. */
export async function runSipp(
  port: number,
  xml: string,
  callCount: number,
  ...options: readonly string[]
): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), "nway-wx-sipp-"));
  const localPort = await findFreePort();
  try {
    await Bun.write(join(cwd, "scenario.xml"), xml);
    await using sipp = startProcess(
      [
        pathOf("sipp"),
        `127.0.0.1:${port}`,
        ...[
          "-sf",
          "scenario.xml",
          "-i",
          "127.0.0.1",
          "-p",
          String(localPort),
          "-m",
          String(callCount),
          "-r",
          String(callCount),
        ],
        ...[
          "-nostdin",
          "-trace_err",
          "-error_file",
          "errors.log",
          "-timeout",
          "15s",
          "-timeout_error",
          ...options,
        ],
      ],
      { cwd },
    );
    const code = await sipp.waitForExit(18_000);
    const errors = Bun.file(join(cwd, "errors.log"));
    const said = (await errors.exists()) ? await errors.text() : "";
    if (code !== 0 || said !== "") throw new Error(`sipp ended with ${code}: ${said}`);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Without one sipp takes 5060. */
async function findFreePort(): Promise<number> {
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const { port } = socket;
  socket.close();
  return port;
}
