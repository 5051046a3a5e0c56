import { expect, test } from "bun:test";
import { IGNORED_SIGNALS } from "../../../src/commands/signals.ts";
import { createFolder } from "../../config/folder.ts";
import { EXECUTABLE, startGateway } from "../../peers/gateway.ts";
import { startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { within } from "../../peers/wait.ts";
import { register, startCall } from "../calls/two-people.ts";

const FREE_PORTS = {
  NWAY_WX_SERVER_ADDR: "127.0.0.1:0",
  NWAY_WX_SETTINGS_IP_PORT: "127.0.0.1:0",
  NWAY_WX_MEDIA_RTMP_ADDR: "127.0.0.1:0",
  NWAY_WX_SIP_ADDR: "127.0.0.1:0",
  NWAY_WX_API_ADDR: "127.0.0.1:0",
};
const SOON_MS = 15_000;
const TEST_MS = 30_000;
const IS_IGNORED = 'ignored="settings cannot be reloaded yet; restart the gateway';

test(
  "a call outlives every signal that is not for ending, and each leaves a line",
  async () => {
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    for (const signal of IGNORED_SIGNALS) {
      gateway.process.kill(signal);
      await gateway.process.waitForOutput(new RegExp(` warn signal signal=${signal} ${IS_IGNORED}`), SOON_MS);
    }
    await call.caller.client.bye(call.sessionid);
    expect((await call.callee.client.nextRequest("bye")).data).toMatchObject({ code: "200ok" });
    gateway.process.kill("SIGTERM");
    expect(await gateway.process.waitForExit()).toBe(0);
  },
  TEST_MS,
);

requirePrograms("script")(
  "closing the terminal that it logs to ends it in order",
  async () => {
    using folder = createFolder();
    await using terminal = startProcess(["script", "-qfc", `exec ${EXECUTABLE} serve`, "/dev/null"], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, SHELL: "/bin/sh", ...FREE_PORTS },
    });
    const [, signaling = ""] = await terminal.waitForOutput(/signaling +(ws:\/\/[\d.:]+\/)/, SOON_MS);
    await terminal.waitForOutput(/stop it/, SOON_MS);
    const client = await register({ urls: { signaling } }, "lihao");
    terminal.kill("SIGKILL");
    expect(await within("the socket to close", client.closed)).toEqual({ code: 1001, reason: "shutdown" });
  },
  TEST_MS,
);
