import type { Attack, Attacks } from "./attack.ts";
import { ACCESS } from "./kinds/access.ts";
import { CONNECTIONS } from "./kinds/connections.ts";
import { ENCRYPTED } from "./kinds/encrypted.ts";
import { INJECTION } from "./kinds/injection.ts";
import { OF_KNOWN } from "./kinds/known.ts";
import { ON_MACHINE, SCARCE } from "./kinds/machine.ts";
import { MEDIA } from "./kinds/media.ts";
import { SIGNALING } from "./kinds/signaling.ts";
import { TELEPHONE } from "./kinds/telephone.ts";
import { OF_USERS, ON_LINKS } from "./kinds/users.ts";

/** What the machine itself does to calls. */
const NOBODY: Attacks = { "nobody attacks": (_, untilMs) => Bun.sleep(untilMs - performance.now()) };

/** Where the attacks of a list find the gateway. */
export type World = {
  readonly attacks: Attacks;
  /** How many descriptors it may have for each call that is listened to, and for itself; undefined: as many as the system gives. */
  readonly descriptors?: { readonly ofCall: number; readonly own: number };
};

export const WORLDS: readonly World[] = [
  {
    attacks: {
      ...NOBODY,
      ...SIGNALING,
      ...MEDIA,
      ...CONNECTIONS,
      ...ENCRYPTED,
      ...ACCESS,
      ...INJECTION,
      ...TELEPHONE,
      ...OF_KNOWN,
      ...OF_USERS,
      ...ON_LINKS,
      ...ON_MACHINE,
    },
  },
  { attacks: SCARCE, descriptors: { ofCall: 14, own: 90 } },
];

/** Left out where there is little time: another of the same kind is tried there. */
const ALIKE = new Set([
  "small option frames",
  "deep small JSON on 60 sockets",
  "garbage after the upgrade",
  "empty fragments",
  "pipelined requests",
  "deep AMF commands",
  "chunk sizes without end",
  "garbage on RTMP",
  "bad requests on FLV",
  "all media places",
  "half-open on every port",
  "TLS hellos begun and left",
  "TLS hellos a byte at a time",
  "plain requests on encrypted ports",
  "wrong tokens over RTMP",
  "SIP INVITEs of 60 KB",
  "junk over SIP's TCP",
  "RTP of strangers on FreeSWITCH's host",
  "pings of players on WebSockets",
  "every descriptor",
]);

/** One of each kind. */
export function namesInShort({ attacks }: World): string[] {
  return Object.keys(attacks).filter((name) => !ALIKE.has(name));
}

/** Whether it makes a network, which needs root and a kernel that permits it. */
export function needsOwnNetwork(name: string): boolean {
  return Object.hasOwn(ON_LINKS, name);
}

export function findAttack(name: string): Attack {
  const found = WORLDS.map(({ attacks }) => attacks[name]).find((attack) => attack !== undefined);
  if (found === undefined) throw new Error(`there is no attack "${name}"`);
  return found;
}
