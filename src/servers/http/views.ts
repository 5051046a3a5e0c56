import { z } from "zod";
import { RecordedMedia } from "../../records/call-record.ts";

/** The named schemas of the OpenAPI document. Everything the API answers is described here and nowhere else. */
export const views = z.registry<{ id: string; description: string }>();

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const time = z.iso.datetime();
const streamKey = z
  .string()
  .meta({ description: "The stream's name in URLs, without the token that opens it.", example: "k3v9c2" });

const FreeswitchView = z
  .object({
    link: z.enum(["up", "connecting", "waiting", "stopped"]).meta({ description: "To its event socket." }),
    problem: z.string().optional().meta({
      description: "Why the last attempt or link ended; absent while it is up.",
      example: "esl.wrong-password",
    }),
    calls: count.meta({ description: "Calls that it was told to place and that have not ended." }),
  })
  .register(views, { id: "Freeswitch", description: "The way to telephones." });

const HealthProblem = z
  .object({
    part: z.enum(["freeswitch", "records", "directory", "load"]),
    reason: z.string().meta({
      description: "What is wrong and what follows from it, in a sentence.",
      example: "no link to FreeSWITCH (esl.refused): no telephone can be called",
    }),
  })
  .register(views, { id: "HealthProblem", description: "Something that is set up but does not work." });

export const HealthView = z
  .object({
    status: z.enum(["ok", "degraded"]).meta({
      description: "degraded: it runs and answers, but something that is set up does not work at present.",
    }),
    problems: z
      .array(HealthProblem)
      .meta({ description: "What does not work; empty while the status is ok." }),
    version: z.string().meta({ example: "0.1.0" }),
    uptimeSeconds: seconds,
    counts: z.object({ calls: count, streams: count, users: count, timers: count }),
    rtpPorts: z
      .object({ taken: count, all: count })
      .meta({ description: "Pairs of RTP ports: each telephone takes one." }),
    load: z
      .object({
        refusesCalls: z.boolean().meta({ description: "This machine carries no more calls now." }),
        loopLateMs: z.number().meta({ description: "How late the main thread is of late.", example: 0.12 }),
        voiceLateMs: z
          .number()
          .meta({ description: "How late telephones' packets are sent of late.", example: 0.4 }),
      })
      .meta({
        description:
          "After two seconds of 5 ms of either new calls are refused, until both are below 2 ms; not while others use most of the machine.",
      }),
    maxCalls: count.meta({ description: "The most calls at a time." }),
    voiceThreads: count.meta({
      description: "Threads that make telephones' sound; 0: the main thread does.",
    }),
    freeswitch: FreeswitchView.optional().meta({ description: "Absent without [server] fs_esl_ip." }),
  })
  .register(views, { id: "Health", description: "The gateway runs and answers." });

export const CallView = z
  .object({
    callId: z.string(),
    state: z.string().meta({ description: "Where the call is in its life.", example: "talking" }),
    caller: z.string().meta({ example: "lihao" }),
    callee: z.string().meta({ example: "nway" }),
    mediaAttribute: z.string().meta({ description: "As the caller asked for it.", example: "sendrecv" }),
    startedAt: time.meta({ description: "When the invitation came." }),
    answeredAt: time.optional().meta({ description: "Absent until the callee answered." }),
    streams: z.array(streamKey).meta({ description: "The streams of this call." }),
    media: RecordedMedia.extend({ codec: z.string().meta({ description: "Of the RTP.", example: "PCMA" }) })
      .optional()
      .meta({
        description:
          "What became of the telephone's sound so far; absent without a telephone, or before there is sound.",
      }),
  })
  .register(views, { id: "Call", description: "A call that has not ended." });

export const StreamView = z
  .object({
    key: streamKey,
    audioCodec: z.string().optional().meta({ description: "Absent without sound.", example: "AAC" }),
    videoCodec: z.string().optional().meta({ description: "Absent without picture.", example: "H264" }),
    publisher: z
      .object({
        address: z.string().meta({ example: "127.0.0.1" }),
        protocol: z.string().meta({ example: "rtmp" }),
      })
      .optional()
      .meta({ description: "Absent while nobody publishes." }),
    playerCount: count,
    bytesIn: count.meta({ description: "Bytes of frames received from its publishers." }),
    bytesOut: count.meta({ description: "Bytes of frames handed to its players." }),
    droppedFrames: count.meta({ description: "Frames that players were too slow for." }),
    ageSeconds: seconds,
    lastFrameAgeSeconds: seconds.optional().meta({ description: "Absent before the first frame." }),
  })
  .register(views, { id: "Stream", description: "A stream that is published, played or kept for its call." });

export const UserView = z
  .object({
    name: z.string().meta({ example: "lihao" }),
    address: z
      .string()
      .optional()
      .meta({ description: "Absent while the client is away and may resume.", example: "127.0.0.1:51822" }),
    registeredAt: time,
    appName: z.string().optional().meta({ description: "What the client calls itself." }),
    displayName: z.string().optional().meta({ description: "As the directory of users has it." }),
    openid: z.string().optional().meta({ description: "As the directory of users has it." }),
  })
  .register(views, { id: "User", description: "A user who is registered now." });

export const CallList = z
  .object({ calls: z.array(CallView) })
  .register(views, { id: "CallList", description: "All calls that have not ended." });

export const StreamList = z
  .object({ streams: z.array(StreamView) })
  .register(views, { id: "StreamList", description: "All streams." });

export const UserList = z
  .object({ users: z.array(UserView) })
  .register(views, { id: "UserList", description: "All users who are registered now." });

export const ErrorView = z
  .object({
    error: z.object({
      code: z.string().meta({ description: "Stable; for programs.", example: "http.not-found" }),
      message: z.string().meta({ description: "What to do next; for people." }),
    }),
  })
  .register(views, { id: "Error", description: "Why there is no answer." });

export type FreeswitchView = z.infer<typeof FreeswitchView>;
export type HealthView = z.infer<typeof HealthView>;
export type HealthProblem = z.infer<typeof HealthProblem>;
export type CallView = z.infer<typeof CallView>;
export type StreamView = z.infer<typeof StreamView>;
export type UserView = z.infer<typeof UserView>;
export type ErrorView = z.infer<typeof ErrorView>;
