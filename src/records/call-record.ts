import { z } from "zod";

const time = z.iso.datetime();
const count = z.int().nonnegative();

export const RecordedParty = z.object({
  /** An app is known by its streams only: somebody ordered the call for it. */
  kind: z.enum(["client", "app", "extension", "telephone"]),
  /** The user or the number. */
  name: z.string(),
  /** A client's kind (wx and so on). */
  appName: z.string().optional(),
  /** FreeSWITCH's ids of its channels, the one towards us first. */
  legIds: z.array(z.string()).optional(),
});

export const RecordedCodecs = z.object({
  callerAudio: z.string().optional(),
  calleeAudio: z.string().optional(),
  callerVideo: z.string().optional(),
  calleeVideo: z.string().optional(),
  /** Of the RTP, such as PCMA. */
  telephone: z.string().optional(),
});

const towards = (what: string) => ({ description: `On the way to the telephone: ${what}` });

/** What became of the sound; absent where no telephone or no conversion took part. */
export const RecordedMedia = z.object({
  concealedMs: z.number().optional().meta(towards("sound that was missing and was invented.")),
  shortenedMs: z.number().optional().meta(towards("sound that was left out to catch up.")),
  lengthenedMs: z.number().optional().meta(towards("sound that was added to wait for more.")),
  droppedMs: z.number().optional().meta(towards("whole stretches that were thrown away.")),
  lateFrames: count.optional().meta(towards("frames of the app that came too late to be played.")),
  damagedFrames: count.optional().meta(towards("frames of the app that could not be decoded.")),
  driftPpm: z
    .number()
    .optional()
    .meta(towards("how much faster the app's clock is than ours, in millionths; as measured last.")),
  receivedPackets: count.optional().meta({ description: "RTP from the telephone." }),
  lostPackets: z.int().optional().meta({ description: "RTP from the telephone that never came." }),
  latePackets: count.optional().meta({ description: "RTP from the telephone that came too late." }),
  foreignPackets: count.optional().meta({
    description: "RTP and RTCP from elsewhere than the telephone that is heard: not played.",
  }),
  badPackets: count.optional().meta({
    description:
      "Datagrams to the telephone's ports that are no RTP or RTCP, of a payload type that nobody agreed on, or too long.",
  }),
  jitterMs: z.number().optional().meta({ description: "Of the RTP from the telephone." }),
  sentPackets: count.optional().meta({ description: "RTP made for the telephone." }),
  unsentPackets: count.optional().meta({
    description: "What of sentPackets this machine could not send: no room, or no way to the address.",
  }),
  lostPacketsThere: z.int().optional().meta({ description: "RTP that the telephone reports as lost." }),
  roundTripMs: z.number().optional().meta({ description: "By the telephone's reports." }),
});

/** One ended call. This is the line in the file and the row of the console. */
export const CallRecord = z.object({
  callId: z.string().min(1),
  sessionid: z.string(),
  caller: RecordedParty,
  callee: RecordedParty,
  startedAt: time,
  ringingAt: time.optional(),
  earlyMediaAt: time.optional(),
  answeredAt: time.optional(),
  endedAt: time,
  /** From the answer to the end, 0 for a call that was not answered. */
  talkSeconds: z.number().nonnegative(),
  endedBy: z.enum(["caller", "callee", "gateway"]),
  cause: z.string(),
  codecs: RecordedCodecs,
  media: RecordedMedia,
  /** How often a client of this call lost its connection and came back. */
  reconnects: count,
  attempts: z.int().min(2).optional().meta({
    description:
      "How many attempts this record stands for: the user made more in a minute than are recorded one by one. Absent for one.",
  }),
});

/** A call that has not ended, or whose end is not written yet. */
export const OpenCall = CallRecord.partial({ endedAt: true, endedBy: true, cause: true }).omit({
  talkSeconds: true,
});

export type RecordedParty = Readonly<z.infer<typeof RecordedParty>>;
export type RecordedCodecs = Readonly<z.infer<typeof RecordedCodecs>>;
export type RecordedMedia = Readonly<z.infer<typeof RecordedMedia>>;
export type CallRecord = Readonly<z.infer<typeof CallRecord>>;
export type OpenCall = Readonly<z.infer<typeof OpenCall>>;

export type RecordedEnd = {
  readonly endedAt: string;
  readonly endedBy: CallRecord["endedBy"];
  readonly cause: string;
};

/** Of a call that was open when the process died: nobody saw its end. */
export const GATEWAY_RESTART = "GATEWAY_RESTART";

/** The finished record; `unseenEnd` is for a call whose own end is not known. */
export function closeCall(call: OpenCall, unseenEnd: RecordedEnd): CallRecord {
  const { endedAt = unseenEnd.endedAt, endedBy = unseenEnd.endedBy, cause = unseenEnd.cause } = call;
  const talkMs = call.answeredAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(call.answeredAt);
  return { ...call, endedAt, endedBy, cause, talkSeconds: Math.max(0, talkMs) / 1000 };
}

export function encodeRecord(record: CallRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** The records among `lines`; a damaged or foreign line is passed over. */
export function decodeRecords(lines: string): CallRecord[] {
  return lines.split("\n").flatMap((line) => CallRecord.safeParse(readJson(line)).data ?? []);
}

/** Undefined for what is no JSON. */
export function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
