import type { Config } from "../config/schema.ts";
import { createEntry, type Entry } from "../servers/access/entry.ts";

export type Entries = Readonly<Record<"signaling" | "rtmp" | "flv" | "api", Entry>>;

/** Who may connect where, as `[acl]` says. */
export function createEntries({ acl }: Config): Entries {
  const open = (allow: readonly string[] = acl.allow) =>
    createEntry({
      allow: acl.use_acl ? allow : undefined,
      deny: acl.use_acl ? acl.deny : [],
      trustedProxies: acl.trusted_proxies,
    });
  return {
    signaling: open(acl.allow_signaling),
    rtmp: open(acl.allow_rtmp),
    flv: open(acl.allow_flv),
    api: open(acl.allow_api),
  };
}
