import { connect } from "node:net";
import { type Ini, RunningApp } from "../running-app.ts";
import type { Row } from "./row.ts";

const ON: Ini = { acl: { use_acl: "yes", trusted_proxies: "192.0.2.1" } };
const ELSEWHERE = "192.0.2.0/24";
const LISTENERS = ["signaling", "rtmp", "flv", "api"] as const;

/** Which of them answer this machine, and what it says. */
async function look(ini: Ini): Promise<string> {
  await using app = await RunningApp.start(ini);
  const open = await Promise.all(
    LISTENERS.map(async (name) => ((await answers(app.addr(name) ?? "", name)) ? name : undefined)),
  );
  return open.filter((name) => name !== undefined).join(" ");
}

/** Who may connect. */
export const entryRows: readonly Row[] = [
  { setting: "acl.use_acl", value: "yes", beside: { acl: { allow: ELSEWHERE } }, observe: look, sees: "" },
  { setting: "acl.allow", value: ELSEWHERE, beside: ON, observe: look, sees: "" },
  { setting: "acl.deny", value: "127.0.0.1", beside: ON, observe: look, sees: "" },
  { setting: "acl.allow_signaling", value: ELSEWHERE, beside: ON, observe: look, sees: "rtmp flv api" },
  { setting: "acl.allow_rtmp", value: ELSEWHERE, beside: ON, observe: look, sees: "signaling flv api" },
  { setting: "acl.allow_flv", value: ELSEWHERE, beside: ON, observe: look, sees: "signaling rtmp api" },
  { setting: "acl.allow_api", value: ELSEWHERE, beside: ON, observe: look, sees: "signaling rtmp flv" },
  {
    setting: "acl.trusted_proxies",
    value: "127.0.0.2",
    beside: { acl: { use_acl: "yes", deny: ELSEWHERE } },
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      const headers = { "X-Forwarded-For": "192.0.2.7" };
      return (await app.ask("/healthz", { headers })).status;
    },
    sees: 200,
  },
];

/** RTMP: one byte of version and a packet of a handshake; the others: a request. */
async function answers(addr: string, name: (typeof LISTENERS)[number]): Promise<boolean> {
  const [host = "", port] = addr.split(":");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(Number(port), host);
  socket.on("data", (bytes) => resolve(!bytes.toString("latin1").includes(" 403 ")));
  socket.on("error", () => resolve(false));
  socket.on("close", () => resolve(false));
  const handshake = Buffer.alloc(1537);
  handshake[0] = 3;
  socket.write(name === "rtmp" ? handshake : "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const isOpen = await promise;
  socket.destroy();
  return isOpen;
}
