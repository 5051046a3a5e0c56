import { readdirSync } from "node:fs";
import type { ChannelEvent } from "../../src/freeswitch/channel-event.ts";
import { MessageFramer } from "../../src/freeswitch/message-framer.ts";
import { readFixture } from "../protocols/fixtures.ts";

/** One write on a recorded connection; `<` comes from FreeSWITCH. */
export type RecordedWrite = { readonly t: number; readonly dir: "<" | ">"; readonly data: string };

/** Parsed by hand, so that neither `esl` nor our own reading of it is checked against itself. */
export type RecordedMessage = { readonly head: ReadonlyMap<string, string>; readonly body: string };

const FOLDER = new URL("../fixtures/freeswitch/esl/", import.meta.url);

export const RECORDINGS = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => name.replace(".jsonl", ""))
  .sort();

export function readWrites(name: string): RecordedWrite[] {
  const lines = new TextDecoder()
    .decode(readFixture(`freeswitch/esl/${name}.jsonl`))
    .trim()
    .split("\n");
  return lines.map((line): RecordedWrite => JSON.parse(line));
}

/** All that FreeSWITCH sent. */
export function readServerBytes(name: string): Uint8Array {
  const sent = readWrites(name).filter(({ dir }) => dir === "<");
  return new Uint8Array(Buffer.from(sent.map(({ data }) => data).join(""), "latin1"));
}

export function readMessages(bytes: Uint8Array): RecordedMessage[] {
  const messages: RecordedMessage[] = [];
  new MessageFramer().push(bytes, (message) => messages.push(parseMessage(message)));
  return messages;
}

export function parseMessage(bytes: Uint8Array): RecordedMessage {
  const text = Buffer.from(bytes).toString("utf8");
  const headEnd = text.indexOf("\n\n");
  return { head: parseHead(text.slice(0, headEnd)), body: text.slice(headEnd + 2) };
}

/** The events of a recording, whichever format they came in. */
export function readEvents(name: string): ChannelEvent[] {
  return readMessages(readServerBytes(name))
    .map(toEvent)
    .filter((event) => event !== undefined);
}

export function toEvent({ head, body }: RecordedMessage): ChannelEvent | undefined {
  const type = head.get("Content-Type");
  if (type === "text/event-json") return JSON.parse(body);
  if (type !== "text/event-plain") return undefined;
  const headEnd = body.indexOf("\n\n");
  const headers = parseHead(body.slice(0, headEnd));
  const own = body.slice(headEnd + 2);
  return {
    ...Object.fromEntries([...headers].map(([key, value]) => [key, decodeURIComponent(value)])),
    ...(own === "" ? {} : { _body: own }),
  };
}

function parseHead(text: string): Map<string, string> {
  return new Map(
    text.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}
