import { z } from "zod";
import { calls, extensions, signaling } from "./sections/calls.ts";
import { media } from "./sections/media.ts";
import { settings } from "./sections/module.ts";
import { api, log, records } from "./sections/operation.ts";
import { acl, auth, database, server, user } from "./sections/server.ts";
import { dialing, freeswitch, rtp, sip } from "./sections/telephone.ts";
import { tls } from "./sections/tls.ts";
import { usersSchema } from "./users.ts";

/** Every section and key but those of [users], whose keys carry numbers. */
export const keyedSections = {
  server,
  user,
  database,
  auth,
  acl,
  settings,
  media,
  signaling,
  calls,
  tls,
  sip,
  rtp,
  freeswitch,
  dialing,
  extensions,
  api,
  records,
  log,
};

/** Takes texts by section and key, as the files hold them. */
export const configSchema = z.object({ ...keyedSections, users: usersSchema });

/** Addresses parsed, `users` name → password, times in the unit that ends a key's name. */
export type Config = z.output<typeof configSchema>;
