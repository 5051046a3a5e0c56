import { isLoopbackHost, listOwnAddresses } from "../addresses.ts";
import { readDatabaseTarget } from "./database-target.ts";
import { keyTables } from "./keys.ts";
import { type Address, formatAddress, isLoopback } from "./kinds.ts";
import { LISTENERS } from "./listeners.ts";
import { countPairs } from "./port-range.ts";
import { BUILT_IN, type Effective } from "./reading.ts";
import { SAMPLE_PASSWORD } from "./sample.ts";
import type { Config } from "./schema.ts";

/** What is wrong with values that are right each by itself; one line each. */
export function checkTogether(config: Config, effective: Effective, sampleUsers: boolean): string[] {
  const at = (section: string, key: string) =>
    `${effective.get(section)?.get(key)?.origin ?? BUILT_IN}: [${section}] ${key}`;
  const { server, user, users, signaling, calls, api, database, auth } = config;
  const problems: string[] = [];
  if (user.user_number !== undefined && user.user_number !== users.size) {
    problems.push(
      `${at("user", "user_number")}: found ${user.user_number}, but [users] names ${users.size}; correct one of the two`,
    );
  }
  if (server.use_callout && server.callout_gateway === undefined) {
    problems.push(
      `${at("server", "use_callout")}: found true, but callout_gateway is empty; name the gateway`,
    );
  }
  if (signaling.dead_seconds <= signaling.ping_seconds) {
    problems.push(
      `${at("signaling", "dead_seconds")}: found ${signaling.dead_seconds}, allowed: more than ping_seconds, which is ${signaling.ping_seconds}`,
    );
  }
  if (calls.media_timeout_seconds < calls.media_lost_seconds) {
    problems.push(
      `${at("calls", "media_timeout_seconds")}: found ${calls.media_timeout_seconds}, allowed: at least media_lost_seconds, which is ${calls.media_lost_seconds}`,
    );
  }
  if (api.token === undefined && !isLoopback(api.addr)) {
    problems.push(
      `${at("api", "addr")}: found ${formatAddress(api.addr)}, which others can reach; set token too, or keep to 127.0.0.1`,
    );
  }
  const target = readDatabaseTarget(database.db_type, database.db_string);
  if (database.use_db && typeof target === "string") {
    problems.push(`${at("database", "db_string")}: what is there ${target}`);
  }
  if (auth.url !== undefined && auth.secret === undefined) {
    problems.push(`${at("auth", "url")}: secret is empty; set it too, such as openssl rand -hex 24 makes`);
  }
  return [
    ...problems,
    ...checkTls(config, at),
    ...checkExtensions(config, at),
    ...checkListeners(config, at, sampleUsers),
  ];
}

function checkTls({ tls, api }: Config, at: Place): string[] {
  const { cert, key, https_api_addr } = tls;
  if (cert === undefined && key === undefined) return [];
  if (key === undefined)
    return [`${at("tls", "cert")}: key is empty; name the file of its private key there`];
  if (cert === undefined)
    return [`${at("tls", "key")}: cert is empty; name the file of its certificate there`];
  if (api.token !== undefined || isLoopback(https_api_addr)) return [];
  return [
    `${at("tls", "https_api_addr")}: found ${formatAddress(https_api_addr)}, which others can reach; set token of [api] too, or keep to 127.0.0.1`,
  ];
}

type Place = (section: string, key: string) => string;

function checkExtensions({ extensions, users }: Config, at: Place): string[] {
  const owners = new Map<string, string>([...users.keys()].map((name) => [name, `the user ${name}`]));
  const problems: string[] = [];
  for (const [key, number] of Object.entries(extensions)) {
    const owner = owners.get(number);
    if (owner === undefined) owners.set(number, `the extension ${key}`);
    else problems.push(`${at("extensions", key)}: ${number} is ${owner} already`);
  }
  return problems;
}

function checkListeners(config: Config, at: Place, sampleUsers: boolean): string[] {
  const problems: string[] = [];
  const taken: { address: Address; name: string }[] = [];
  for (const { section, key, read } of LISTENERS) {
    const address = read(config);
    if (address === undefined) continue;
    const shown = formatAddress(address);
    const other = taken.find((earlier) => collides(earlier.address, address));
    if (other !== undefined) {
      problems.push(`${at(section, key)}: ${shown} is taken by ${other.name}; give each its own port`);
    }
    taken.push({ address, name: `${key} of [${section}]` });
    if (sampleUsers && !isLoopback(address)) {
      problems.push(
        `${at(section, key)}: ${shown} is reachable from the network, but the sample users' password is public; ` +
          "set NWAY_WX_USERS_USER1 and NWAY_WX_USERS_PASSWORD1, or write your own files with: nway-wx init DIR",
      );
    }
  }
  return problems;
}

const EVERY_HOST = ["0.0.0.0", "::"];

function collides(left: Address, right: Address): boolean {
  if (left.port !== right.port || left.port === 0) return false;
  return left.host === right.host || EVERY_HOST.includes(left.host) || EVERY_HOST.includes(right.host);
}

/** What works but is worth a word at start; one line each. */
export function findWarnings(config: Config, effective: Effective): string[] {
  const { server, users, media, database, auth } = config;
  const warnings: string[] = [];
  const reachable = !isLoopback(server.addr);
  const careless = [...users].filter(([, password]) => password === SAMPLE_PASSWORD).map(([name]) => name);
  if (users.size === 0 && !database.use_db && auth.url === undefined)
    warnings.push("there are no users, so nobody can register; add user1 and password1 to [users]");
  if (reachable && careless.length > 0) {
    warnings.push(
      `users with the manual's sample password, which everybody knows: ${careless.slice(0, 10).join(", ")}; change it`,
    );
  }
  const service = auth.url === undefined ? null : URL.parse(auth.url);
  if (service?.protocol === "http:" && !isLoopbackHost(service.hostname.replace(/^\[|\]$/g, ""))) {
    warnings.push("[auth] url is not https: passwords travel to the login service unencrypted");
  }
  if (media.open && !isLoopback(media.rtmp_addr)) {
    warnings.push("[media] open is on: anybody who reaches this machine may push and play streams");
  }
  const more = [...findBaseUrlWarnings(config), ...findTelephoneWarnings(config)];
  return [...warnings, ...more, ...findWithoutEffect(effective)];
}

/** Streams elsewhere are out of our hands: nothing can be heard of them or put into them here. */
function findBaseUrlWarnings({ server, settings }: Config): string[] {
  if (!settings.push_to_other) return [];
  const own = new Set(listOwnAddresses().map(({ address }) => address));
  return (["base_push_url", "base_pull_url"] as const).flatMap((key) => {
    const host = URL.parse(server[key] ?? "")?.hostname.replace(/^\[|\]$/g, "");
    if (host === undefined || isLoopbackHost(host) || own.has(host)) return [];
    return [
      `[server] ${key} names ${host}: unless that leads to this machine, apps hear each other only, but no telephone, extension or ringing tone; leave it empty to serve streams here`,
    ];
  });
}

function findTelephoneWarnings({ server, sip, rtp, calls }: Config): string[] {
  const warnings: string[] = [];
  const { fs_esl_ip: freeswitch } = server;
  if (freeswitch !== undefined && !isLoopback(freeswitch) && isLoopback(sip.addr)) {
    warnings.push(
      `FreeSWITCH on ${freeswitch.host} can't call [sip] addr ${formatAddress(sip.addr)}; set it to this machine's address`,
    );
  }
  const pairCount = countPairs(rtp.ports);
  if (calls.max_calls !== undefined && pairCount < calls.max_calls) {
    warnings.push(
      `[rtp] ports are enough for ${pairCount} calls with telephones, [calls] max_calls is ${calls.max_calls}`,
    );
  }
  return warnings;
}

function findWithoutEffect(effective: Effective): string[] {
  return [...effective.values()].flatMap((entries) =>
    [...entries.values()].flatMap(({ section, key, text, origin }) => {
      const doc = keyTables.get(section)?.get(key);
      if (!doc?.later || text === doc.fallback) return [];
      return [`${origin}: [${section}] ${key} is without effect in this version`];
    }),
  );
}
