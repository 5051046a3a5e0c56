import type { CallView, StreamView, UserView } from "../../../src/servers/http/views.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";

export async function readCalls(gateway: Gateway): Promise<CallView[]> {
  return (await read<{ calls: CallView[] }>(gateway, "/api/calls")).calls;
}

export async function readStreams(gateway: Gateway): Promise<StreamView[]> {
  return (await read<{ streams: StreamView[] }>(gateway, "/api/streams")).streams;
}

export async function readUsers(gateway: Gateway): Promise<UserView[]> {
  return (await read<{ users: UserView[] }>(gateway, "/api/users")).users;
}

/** Waits until the gateway says so of the stream that `url` names. */
export async function waitForStream(
  gateway: Gateway,
  url: string,
  what: string,
  is: (stream: StreamView) => boolean,
): Promise<StreamView> {
  const key = keyOf(url);
  return await waitFor(`${what} of the stream`, async () =>
    (await readStreams(gateway)).find((stream) => stream.key === key && is(stream)),
  );
}

export function keyOf(url: string): string {
  return /\/live\/([\w-]+)/.exec(url)?.[1] ?? "";
}

export function tokenOf(url: string): string {
  return new URL(url).searchParams.get("token") ?? "";
}

async function read<T>(gateway: Gateway, path: string): Promise<T> {
  // A connection that is kept would count among those that a test left behind
  const response = await fetch(`${gateway.urls.api}${path}`, { keepalive: false });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  // The gateway's own schema says what is in it
  return (await response.json()) as T;
}
