import { keyTables, sectionNames } from "./keys.ts";
import { suggest } from "./nearest.ts";
import { type Reading, ReadingBuilder } from "./reading.ts";
import { USER_KEY } from "./users.ts";

export const ENVIRONMENT_PREFIX = "NWAY_WX_";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that sets a key: NWAY_WX_SERVER_ADDR for addr of [server]. */
export function variableName(section: string, key: string): string {
  return `${ENVIRONMENT_PREFIX}${section}_${key}`.toUpperCase();
}

const knownVariables = new Map(
  [...keyTables].flatMap(([section, keys]) =>
    [...keys.keys()].map((key) => [variableName(section, key), { section, key }] as const),
  ),
);

/** What Kubernetes and Docker tell every container about a service that is called nway-wx. */
const SERVICE_LINK = /^NWAY_WX_(?:SERVICE_(?:HOST|PORT)|PORT|NAME|ENV)(?:_|$)/;

/** Reads the variables with our prefix; an unknown one is refused, so that a slip does not go unnoticed. */
export function readEnvironment(environment: Environment): Reading {
  const reading = new ReadingBuilder();
  for (const [name, text = ""] of Object.entries(environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || SERVICE_LINK.test(name)) continue;
    const target = knownVariables.get(name) ?? findUserKey(name);
    if (target !== undefined) reading.add({ ...target, text, origin: name });
    else reading.refuse(name, explain(name));
  }
  return reading;
}

function findUserKey(name: string): { section: string; key: string } | undefined {
  const prefix = `${ENVIRONMENT_PREFIX}USERS_`;
  const key = name.slice(prefix.length).toLowerCase();
  const isUserKey = name.startsWith(prefix) && USER_KEY.test(key) && name === variableName("users", key);
  return isUserKey ? { section: "users", key } : undefined;
}

function explain(name: string): string {
  const sections = sectionNames.map((section) => section.toUpperCase()).join(", ");
  const nearest = suggest(name, knownVariables.keys());
  return `unknown environment variable${nearest}; allowed are ${ENVIRONMENT_PREFIX}<SECTION>_<KEY>, with SECTION one of ${sections}`;
}
