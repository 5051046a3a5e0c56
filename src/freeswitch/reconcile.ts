import { AppError } from "../errors.ts";

/** One channel of `show channels as json`, as far as it is of use. */
export type ChannelRow = {
  readonly uuid: string;
  /** The same for the channels of one call: the id of the first of them. */
  readonly callId: string;
  readonly callState: string;
};

/** Throws AppError `esl.bad-channels`. */
export function parseChannels(body: string): ChannelRow[] {
  const list = parseJson(body);
  if (!isRecord(list)) throw new AppError("peer", "esl.bad-channels", { length: body.length });
  // FreeSWITCH leaves `rows` out when there are none.
  const rows: unknown[] = Array.isArray(list.rows) ? list.rows : [];
  return rows.flatMap((row) => {
    if (!isRecord(row) || typeof row.uuid !== "string") return [];
    return [{ uuid: row.uuid, callId: textOf(row.call_uuid), callState: textOf(row.callstate) }];
  });
}

/** A call as the gateway knows it. */
export type KnownCall = {
  /** The channel that it stands and falls with. */
  readonly legId: string;
  readonly call: { readonly farLegIds: ReadonlySet<string> };
};

export type Differences<Call> = {
  /** Channels of ours that belong to no call. */
  readonly orphans: readonly string[];
  /** Calls that are not on the list; it lags a little behind, so ask for each before giving it up. */
  readonly missing: readonly Call[];
  /** How far the telephone of each other call has got. */
  readonly progress: readonly { readonly call: Call; readonly callState: string }[];
};

export function compareChannels<Call extends KnownCall>(
  rows: readonly ChannelRow[],
  calls: readonly Call[],
  isOurs: (uuid: string) => boolean,
): Differences<Call> {
  const listed = new Set(rows.map(({ uuid }) => uuid));
  const known = new Set(calls.flatMap(({ legId, call }) => [legId, ...call.farLegIds]));
  const present = calls.filter(({ legId }) => listed.has(legId));
  return {
    orphans: rows.map(({ uuid }) => uuid).filter((uuid) => isOurs(uuid) && !known.has(uuid)),
    missing: calls.filter(({ legId }) => !listed.has(legId)),
    progress: present.flatMap((call) =>
      rows.filter((row) => isFarLeg(row, call)).map(({ callState }) => ({ call, callState })),
    ),
  };
}

function isFarLeg({ uuid, callId }: ChannelRow, { legId, call }: KnownCall): boolean {
  return call.farLegIds.has(uuid) || (callId === legId && uuid !== legId);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("peer", "esl.bad-channels", { length: text.length }, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
