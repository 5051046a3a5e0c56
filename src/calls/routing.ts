import { Cause } from "./causes.ts";
import { applyNumberRules, type NumberRules } from "./number-rules.ts";
import type { ClientDirectory, ClientLink, Telephony } from "./ports.ts";

/** The built-in numbers. */
export type Extensions = { readonly echo: string; readonly tone: string; readonly welcome: string };

export type LocalRoute =
  | { readonly to: "client"; readonly link: ClientLink }
  | { readonly to: "echo" }
  | { readonly to: "sound"; readonly extension: "tone" | "welcome" };

export type PhoneRoute = { readonly to: "phone"; readonly telephony: Telephony; readonly number: string };

/** A number that leads nowhere, or is barred by the number rules: then `rule` is the one, if it is one. */
export type NoRoute =
  | { readonly to: "nowhere"; readonly cause: string }
  | { readonly to: "barred"; readonly rule: string | undefined };

export type Route = LocalRoute | PhoneRoute | NoRoute;

export type RoutingTable = {
  readonly extensions: Extensions;
  readonly clients: ClientDirectory;
  /** Undefined without a telephone side. */
  readonly telephony: Telephony | undefined;
  readonly numberRules: NumberRules;
};

/** Where a number goes, in the order of the protocol: a built-in extension, a user, otherwise the telephone side. */
export function route(number: string, isUser: boolean, table: RoutingTable): Route {
  const local = routeLocally(number, table);
  if (local !== undefined) return local;
  if (isUser) return { to: "nowhere", cause: Cause.userNotRegistered };
  return routeToPhone(number, table);
}

/** Where a telephone's call goes: never to another telephone, which would let anybody phone at our expense. */
export function routeFromPhone(
  number: string,
  isUser: boolean,
  table: Pick<RoutingTable, "extensions" | "clients">,
): LocalRoute | Extract<NoRoute, { to: "nowhere" }> {
  const cause = isUser ? Cause.userNotRegistered : Cause.unallocatedNumber;
  return routeLocally(number, table) ?? { to: "nowhere", cause };
}

function routeLocally(
  number: string,
  { extensions, clients }: Pick<RoutingTable, "extensions" | "clients">,
): LocalRoute | undefined {
  if (number === extensions.echo) return { to: "echo" };
  if (number === extensions.tone) return { to: "sound", extension: "tone" };
  if (number === extensions.welcome) return { to: "sound", extension: "welcome" };
  const link = clients.find(number);
  return link && { to: "client", link };
}

/** Where a number goes that is to be dialled in any case. */
export function routeToPhone(
  number: string,
  { telephony, numberRules }: Pick<RoutingTable, "telephony" | "numberRules">,
): PhoneRoute | NoRoute {
  if (telephony === undefined) return { to: "nowhere", cause: Cause.noRoute };
  const dialled = applyNumberRules(number, numberRules);
  if (dialled.kind === "dial") {
    const { problem } = telephony;
    if (problem !== undefined) return { to: "nowhere", cause: problem };
    return { to: "phone", telephony, number: dialled.number };
  }
  if (dialled.cause === "OUTGOING_CALL_BARRED") return { to: "barred", rule: dialled.rule };
  return { to: "nowhere", cause: dialled.cause };
}
