import type { Address } from "./kinds.ts";
import type { Config } from "./schema.ts";

/** Whether the encrypted listeners are open. */
function usesTls({ tls }: Pick<Config, "tls">): boolean {
  return tls.cert !== undefined && tls.key !== undefined;
}

export type Listener = {
  readonly section: string;
  readonly key: string;
  /** Undefined when it is switched off. */
  readonly read: (config: Config) => Address | undefined;
};

/** Every address that the gateway listens on. */
export const LISTENERS: readonly Listener[] = [
  { section: "server", key: "addr", read: (config) => config.server.addr },
  {
    section: "settings",
    key: "ip_port",
    read: ({ settings }) => (settings.use_flv ? settings.ip_port : undefined),
  },
  { section: "media", key: "rtmp_addr", read: (config) => config.media.rtmp_addr },
  { section: "sip", key: "addr", read: (config) => config.sip.addr },
  { section: "api", key: "addr", read: (config) => config.api.addr },
  { section: "tls", key: "wss_addr", read: (config) => (usesTls(config) ? config.tls.wss_addr : undefined) },
  {
    section: "tls",
    key: "rtmps_addr",
    read: (config) => (usesTls(config) ? config.tls.rtmps_addr : undefined),
  },
  {
    section: "tls",
    key: "https_flv_addr",
    read: (config) => (usesTls(config) && config.settings.use_flv ? config.tls.https_flv_addr : undefined),
  },
  {
    section: "tls",
    key: "https_api_addr",
    read: (config) => (usesTls(config) ? config.tls.https_api_addr : undefined),
  },
];
