import { readWrites } from "../../freeswitch/recordings.ts";
import type { EventHeaders } from "./event-text.ts";

/** `ours` is the leg to the gateway, `far` the telephone's. */
export type LegRole = "ours" | "far";

export type RecordedEvent = {
  readonly leg: LegRole;
  readonly name: string;
  readonly headers: EventHeaders;
  /** Whether it came with the next tick of FreeSWITCH's state machine, about 20 ms after the one before. */
  readonly isLater: boolean;
};

export type RecordedCall = {
  readonly ids: Readonly<Record<LegRole, string>>;
  readonly events: readonly RecordedEvent[];
};

const LATER_SECONDS = 0.01;
const recordings = new Map<string, RecordedCall>();

/** The channels' events of a recorded call, each with all its headers. */
export function readRecordedCall(name: string): RecordedCall {
  const known = recordings.get(name);
  if (known !== undefined) return known;
  const timed = readTimedEvents(name);
  const ids = readLegIds(name, timed);
  const events = timed.flatMap(({ t, headers }, n): RecordedEvent[] => {
    const leg = headers["Unique-ID"] === ids.ours ? "ours" : "far";
    if (headers["Unique-ID"] === undefined) return [];
    const isLater = t - (timed[n - 1]?.t ?? t) > LATER_SECONDS;
    return [{ leg, name: headers["Event-Name"] ?? "", headers, isLater }];
  });
  const call = { ids, events };
  recordings.set(name, call);
  return call;
}

type TimedEvent = { readonly t: number; readonly headers: Record<string, string> };

function readTimedEvents(name: string): TimedEvent[] {
  const events: TimedEvent[] = [];
  let text = "";
  for (const { t, dir, data } of readWrites(name)) {
    if (dir === ">") continue;
    text += data;
    for (;;) {
      const headEnd = text.indexOf("\n\n") + 2;
      if (headEnd < 2) break;
      const head = text.slice(0, headEnd);
      const end = headEnd + Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? 0);
      if (text.length < end) break;
      if (head.includes("text/event-plain"))
        events.push({ t, headers: parsePlain(text.slice(headEnd, end)) });
      text = text.slice(end);
    }
  }
  return events;
}

function parsePlain(body: string): Record<string, string> {
  const lines = body.slice(0, body.indexOf("\n\n")).split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), decodeURIComponent(line.slice(colon + 2))];
    }),
  );
}

/** Of a call out, as the command names them; of a call in, the caller's is made first and ours is dialled. */
function readLegIds(name: string, events: readonly TimedEvent[]): Record<LegRole, string> {
  const command = readWrites(name).find(({ dir, data }) => dir === ">" && data.includes("originate "));
  const named = [...(command?.data.matchAll(/origination_uuid=([0-9a-f-]{36})/g) ?? [])].map((m) => m[1]);
  const created = events.filter(({ headers }) => headers["Event-Name"] === "CHANNEL_CREATE");
  const [first = "", second = ""] = created.map(({ headers }) => headers["Unique-ID"]);
  if (command === undefined) return { ours: second, far: first };
  return { ours: named[0] ?? first, far: named[1] ?? "" };
}
