import type { CallDesk } from "../../../src/servers/http/call-order.ts";
import type { ApiSources } from "../../../src/servers/http/operation.ts";

/** A gateway with one call in progress. */
export const SAMPLE_SOURCES: ApiSources = {
  calls: () => [
    {
      callId: "c1",
      state: "talking",
      caller: "lihao",
      callee: "nway",
      mediaAttribute: "sendrecv",
      startedAt: "2026-01-02T03:04:05.678Z",
      answeredAt: "2026-01-02T03:04:07.000Z",
      streams: ["up", "down"],
    },
  ],
  streams: () => [
    {
      key: "up",
      audioCodec: "AAC",
      publisher: { address: "127.0.0.1", protocol: "rtmp" },
      playerCount: 1,
      bytesIn: 8000,
      bytesOut: 7830,
      droppedFrames: 0,
      ageSeconds: 2.5,
      lastFrameAgeSeconds: 0.02,
    },
    { key: "down", playerCount: 0, bytesIn: 0, bytesOut: 0, droppedFrames: 0, ageSeconds: 2.5 },
  ],
  records: () => ({
    records: [
      {
        callId: "c0",
        sessionid: "s0",
        caller: { kind: "client", name: "lihao", appName: "wx" },
        callee: { kind: "telephone", name: "13800000000", legIds: ["leg-1"] },
        startedAt: "2026-01-02T03:00:00.000Z",
        endedAt: "2026-01-02T03:00:09.000Z",
        talkSeconds: 0,
        endedBy: "callee",
        cause: "USER_BUSY",
        codecs: {},
        media: {},
        reconnects: 0,
      },
    ],
    next: 7,
  }),
  rtpPorts: () => ({ taken: 1, all: 5000 }),
  problems: () => [],
  load: () => ({ refusesCalls: false, loopLateMs: 0.25, voiceLateMs: 1.5 }),
  maxCalls: () => 500,
  voiceThreads: () => 3,
  freeswitch: () => ({ link: "waiting", problem: "esl.unreachable", calls: 0 }),
  users: () => [
    { name: "lihao", address: "127.0.0.1", registeredAt: "2026-01-02T03:00:00.000Z", appName: "wx" },
    { name: "nway", address: "127.0.0.1", registeredAt: "2026-01-02T03:00:01.000Z" },
  ],
};

/** Takes no calls. */
export const IDLE_DESK: CallDesk = {
  place: async () => ({ reason: "unavailable", cause: "NO_ROUTE", message: "there is no telephone" }),
  end: () => false,
};
