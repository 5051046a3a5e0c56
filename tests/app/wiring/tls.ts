import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { type Ini, RunningApp, resolveIni } from "../running-app.ts";
import { OWN_HOST } from "./listening.ts";
import type { Row } from "./row.ts";

const FOLDER = join(tmpdir(), `nway-wx-tls-${process.pid}`);
const FILES = { cert: join(FOLDER, "tls.crt"), key: join(FOLDER, "tls.key") };
const FIRST_PORT = 20_101;
const FREE: Ini = {
  tls: {
    wss_addr: "127.0.0.1:0",
    rtmps_addr: "127.0.0.1:0",
    https_flv_addr: "127.0.0.1:0",
    https_api_addr: "127.0.0.1:0",
  },
};
const SECURE: Ini = { tls: { ...FREE.tls, ...FILES } };
const ADDRESSES = ["tls.wss_addr", "tls.rtmps_addr", "tls.https_flv_addr", "tls.https_api_addr"] as const;

/** The encrypted listeners, and what clients learn of them. */
export const tlsRows: readonly Row[] = [
  ...(
    [
      ["cert", "key"],
      ["key", "cert"],
    ] as const
  ).map(
    ([name, other]): Row => ({
      setting: `tls.${name}`,
      value: FILES[name],
      beside: { tls: { ...FREE.tls, [other]: FILES[other] } },
      observe: (ini) =>
        withPair(async () => {
          if ("problems" in resolveIni(ini)) return "refused";
          await using app = await RunningApp.start(ini);
          return await shakesHands(app.addr("wss"));
        }),
      sees: true,
    }),
  ),
  ...ADDRESSES.map((setting, index): Row => {
    const addr = `${OWN_HOST}:${FIRST_PORT + index}`;
    return {
      setting,
      value: addr,
      beside: SECURE,
      observe: (ini) =>
        withPair(async () => {
          await using _ = await RunningApp.start(ini);
          return await shakesHands(addr);
        }),
      sees: true,
    };
  }),
  {
    setting: "tls.stream_urls",
    value: "rtmps",
    beside: SECURE,
    observe: (ini) =>
      withPair(async () => {
        await using app = await RunningApp.start(ini);
        await using lihao = await app.register("lihao");
        const { response } = await lihao.invite("9196");
        const { caller_url = "" } = response.data;
        return caller_url.startsWith(`rtmps://${app.addr("rtmps")}/`);
      }),
    sees: true,
  },
];

async function withPair<T>(look: () => Promise<T>): Promise<T> {
  mkdirSync(FOLDER, { recursive: true });
  const { cert, key } = await createSelfSigned(["127.0.0.1"], Date.now());
  writeFileSync(FILES.cert, cert);
  writeFileSync(FILES.key, key);
  try {
    return await look();
  } finally {
    rmSync(FOLDER, { recursive: true });
  }
}

/** @param addr `host:port`; undefined where nothing listens */
async function shakesHands(addr: string | undefined): Promise<boolean> {
  const [host = "", port] = addr?.split(":") ?? [];
  if (addr === undefined) return false;
  const outcome = Promise.withResolvers<boolean>();
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () =>
    outcome.resolve(true),
  );
  socket.on("error", () => outcome.resolve(false));
  const isEncrypted = await outcome.promise;
  socket.destroy();
  return isEncrypted;
}
