import { connect } from "node:net";
import { type Ini, RunningApp, resolveIni } from "../running-app.ts";
import type { Row } from "./row.ts";

/** Of this process alone, so that no other takes its ports. */
const { pid } = process;
export const OWN_HOST = `127.${1 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${pid & 255}`;
const FIRST_PORT = 20_001;
const TOKEN = "0123456789abcdef0123456789abcdef";

const ADDRESSES = ["server.addr", "settings.ip_port", "media.rtmp_addr", "sip.addr", "api.addr"] as const;

/** Everything that listens, and who may come in there. */
export const listeningRows: readonly Row[] = [
  ...ADDRESSES.map((setting, index): Row => {
    const port = FIRST_PORT + index;
    return {
      setting,
      value: `${OWN_HOST}:${port}`,
      async observe(ini) {
        await using _ = await RunningApp.start(ini);
        return await accepts(port);
      },
      sees: true,
    };
  }),
  {
    setting: "settings.use_flv",
    value: "false",
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      return app.addr("flv") !== undefined;
    },
    sees: false,
  },
  {
    setting: "api.token",
    value: TOKEN,
    async observe(ini) {
      await using app = await RunningApp.start(ini);
      const headers = { authorization: `Bearer ${TOKEN}` };
      return (await app.ask("/api/calls/none", { method: "DELETE", headers })).status;
    },
    sees: 404,
  },
  {
    setting: "user.user_number",
    value: "3",
    observe: (ini: Ini) => Promise.resolve("problems" in resolveIni(ini)),
    sees: true,
  },
];

async function accepts(port: number): Promise<boolean> {
  const outcome = Promise.withResolvers<boolean>();
  const socket = connect(port, OWN_HOST, () => outcome.resolve(true));
  socket.on("error", () => outcome.resolve(false));
  const isOpen = await outcome.promise;
  socket.destroy();
  return isOpen;
}
