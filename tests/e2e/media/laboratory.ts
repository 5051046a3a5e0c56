import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";

/**
 * A gateway that lets everyone in. Streams end with their publisher, so that recordings do; nothing is dropped for a
 * reader that this machine's other work holds up.
 */
export function startLaboratory(
  media: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Gateway> {
  return startGateway({
    config: { media: { open: true, republish_seconds: 0, slow_reader_ms: 10_000, ...media } },
  });
}

let keyCount = 0;

export function newKey(): string {
  return `stream-${++keyCount}`;
}

/** How often the gateway logged the event for that stream. */
export function countEvents(gateway: Gateway, event: string, key: string): number {
  return [...gateway.log().matchAll(new RegExp(` ${event} .*stream=${key}( |$)`, "gm"))].length;
}

export async function waitForPlayers(gateway: Gateway, key: string, count = 1): Promise<void> {
  await waitFor(`${count} players of ${key}`, () => countEvents(gateway, "stream.played", key) >= count);
}

export async function waitForPublishers(gateway: Gateway, key: string, count = 1): Promise<void> {
  const what = `${count} publishers of ${key}`;
  await waitFor(what, () => countEvents(gateway, "stream.published", key) >= count);
}

type StreamView = {
  readonly key: string;
  readonly bytesIn: number;
  readonly playerCount: number;
  readonly audioCodec?: string;
  readonly videoCodec?: string;
};

/** The stream as the API shows it. */
export async function streamOf(gateway: Gateway, key: string): Promise<StreamView | undefined> {
  const response = await fetch(`${gateway.urls.api}/api/streams`);
  const answer = (await response.json()) as { readonly streams: readonly StreamView[] };
  return answer.streams.find((stream) => stream.key === key);
}

/** Waits until the gateway has taken in so many bytes of tag bodies. */
export async function waitForBytesIn(gateway: Gateway, key: string, byteCount: number): Promise<void> {
  const bytesIn = async () => (await streamOf(gateway, key))?.bytesIn ?? 0;
  await waitFor(`${byteCount} bytes in ${key}`, async () => (await bytesIn()) >= byteCount);
}
