import { Cause } from "./causes.ts";
import type { ClientDirectory, ClientLink } from "./ports.ts";

/** The built-in numbers. */
export type Extensions = { readonly echo: string; readonly tone: string; readonly welcome: string };

export type Route =
  | { readonly to: "client"; readonly link: ClientLink }
  | { readonly to: "echo" }
  | { readonly to: "sound"; readonly extension: "tone" | "welcome" }
  | { readonly to: "nowhere"; readonly cause: string };

export type RoutingTable = {
  readonly extensions: Extensions;
  readonly clients: ClientDirectory;
};

/** Where a number goes, in the order of the protocol: a built-in extension, a user, otherwise nowhere yet. */
export function route(number: string, isUser: boolean, { extensions, clients }: RoutingTable): Route {
  if (number === extensions.echo) return { to: "echo" };
  if (number === extensions.tone) return { to: "sound", extension: "tone" };
  if (number === extensions.welcome) return { to: "sound", extension: "welcome" };
  const link = clients.find(number);
  if (link !== undefined) return { to: "client", link };
  return { to: "nowhere", cause: isUser ? Cause.userNotRegistered : Cause.noRoute };
}
