import { Cause } from "./causes.ts";
import { reachClient } from "./client-party.ts";
import type { CalledUser, Destination } from "./destination.ts";
import { ECHO, reachSound } from "./extension-party.ts";
import { applyNumberRules, type NumberRules } from "./number-rules.ts";
import type { ClientDirectory, DialWay, Telephony } from "./ports.ts";
import { reachTelephone } from "./telephone-party.ts";

/** The built-in numbers. */
export type Extensions = { readonly echo: string; readonly tone: string; readonly welcome: string };

/** A number that leads to somebody. */
export type PartyRoute = { readonly to: "party" } & Destination;

/** A number that leads nowhere, or is barred by the number rules: then `rule` is the one, if it is one. */
export type NoRoute =
  | { readonly to: "nowhere"; readonly cause: string }
  | { readonly to: "barred"; readonly rule: string | undefined };

export type Route = PartyRoute | NoRoute;

export type RoutingTable = {
  readonly extensions: Extensions;
  readonly clients: ClientDirectory;
  /** Undefined without a telephone side. */
  readonly telephony: Telephony | undefined;
  readonly numberRules: NumberRules;
  /** Of a call that names no way to FreeSWITCH. */
  readonly usualWay: DialWay;
};

/**
 * Where a number goes, in the order of the protocol: a built-in extension, a user, otherwise the telephone side. The calls of
 * a user who is away go on to where they are forwarded, and no further.
 */
export function route(number: string, user: CalledUser, table: RoutingTable): Route {
  const local = routeLocally(number, table);
  if (local !== undefined) return local;
  if (user === undefined) return routeToTelephone(number, table, table.usualWay);
  if (user.forwardTo === undefined) return { to: "nowhere", cause: Cause.userNotRegistered };
  return routeLocally(user.forwardTo, table) ?? routeToTelephone(user.forwardTo, table, table.usualWay);
}

/** Where a telephone's call goes: never to another telephone, which would let anybody call at our expense. */
export function routeFromTelephone(
  number: string,
  user: CalledUser,
  table: Pick<RoutingTable, "extensions" | "clients">,
): PartyRoute | Extract<NoRoute, { to: "nowhere" }> {
  const cause = user === undefined ? Cause.unallocatedNumber : Cause.userNotRegistered;
  const local = routeLocally(number, table) ?? routeLocally(user?.forwardTo ?? "", table);
  return local ?? { to: "nowhere", cause };
}

/** Whether a number leads to somebody here, whatever a directory says of it. */
export function reachesLocally(number: string, table: Pick<RoutingTable, "extensions" | "clients">): boolean {
  return routeLocally(number, table) !== undefined;
}

function routeLocally(
  number: string,
  { extensions, clients }: Pick<RoutingTable, "extensions" | "clients">,
): PartyRoute | undefined {
  if (number === extensions.echo) return leadTo(ECHO);
  if (number === extensions.tone) return leadTo(reachSound("tone"));
  if (number === extensions.welcome) return leadTo(reachSound("welcome"));
  const link = clients.find(number);
  return link && leadTo(reachClient(link));
}

function leadTo(destination: Destination): PartyRoute {
  return { to: "party", ...destination };
}

/** Where a number goes that is to be dialled in any case. */
export function routeToTelephone(
  number: string,
  { telephony, numberRules }: Pick<RoutingTable, "telephony" | "numberRules">,
  via: DialWay,
): PartyRoute | NoRoute {
  if (telephony === undefined) return { to: "nowhere", cause: Cause.noRoute };
  const dialled = applyNumberRules(number, numberRules, via);
  if (dialled.kind === "dial") {
    const { problem } = telephony;
    if (problem !== undefined) return { to: "nowhere", cause: problem };
    return leadTo(reachTelephone(telephony, dialled.number));
  }
  if (dialled.cause === "OUTGOING_CALL_BARRED") return { to: "barred", rule: dialled.rule };
  return { to: "nowhere", cause: dialled.cause };
}
