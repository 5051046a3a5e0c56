import type { Address } from "./kinds.ts";
import type { Config } from "./schema.ts";

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
];
