import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../peers/gateway.ts";

export type SecureGateway = Gateway & {
  /** PEM files. */
  readonly cert: string;
  readonly key: string;
  readonly urls: Gateway["urls"] & { readonly plainApi: string };
};

/** The compiled executable with a certificate for 127.0.0.1; its URLs are the encrypted ones. */
export async function startSecureGateway(config: GatewayOptions["config"] = {}): Promise<SecureGateway> {
  const folder = await mkdtemp(join(tmpdir(), "nway-wx-tls-"));
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  await writePair(files);
  const free = "127.0.0.1:0";
  const addresses = { wss_addr: free, rtmps_addr: free, https_flv_addr: free, https_api_addr: free };
  const gateway = await startGateway({ config: { ...config, tls: { ...addresses, ...files } } });
  const { ports } = gateway;
  return {
    ...gateway,
    ...files,
    urls: {
      signaling: `wss://127.0.0.1:${ports.wss}/`,
      api: `https://127.0.0.1:${ports["https-api"]}`,
      plainApi: gateway.urls.api,
      rtmp: (key) => `rtmps://127.0.0.1:${ports.rtmps}/live/${key}`,
      flv: (key) => `https://127.0.0.1:${ports["https-flv"]}/live/${key}.flv`,
      webSocketFlv: (key) => `wss://127.0.0.1:${ports["https-flv"]}/live/${key}.flv`,
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts a new certificate in place of the one that lies there. */
export async function writePair(files: { readonly cert: string; readonly key: string }): Promise<void> {
  const { cert, key } = await createSelfSigned(["127.0.0.1", "localhost"], Date.now());
  await writeFile(files.cert, cert);
  await writeFile(files.key, key);
}
