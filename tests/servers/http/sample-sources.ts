import type { ApiSources } from "../../../src/servers/http/operations.ts";

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
  users: () => [
    { name: "lihao", address: "127.0.0.1", registeredAt: "2026-01-02T03:00:00.000Z", appName: "wx" },
    { name: "nway", address: "127.0.0.1", registeredAt: "2026-01-02T03:00:01.000Z" },
  ],
};
