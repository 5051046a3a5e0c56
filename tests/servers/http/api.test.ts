import { describe, expect, test } from "bun:test";
import { createLogger, silentLogger } from "../../../src/log.ts";
import { createApi } from "../../../src/servers/http/api.ts";
import type { ApiSources } from "../../../src/servers/http/operation.ts";
import { RecordsView } from "../../../src/servers/http/record-views.ts";
import { CallList, ErrorView, HealthView, StreamList, UserList } from "../../../src/servers/http/views.ts";
import { IDLE_DESK, SAMPLE_SOURCES } from "./sample-sources.ts";

function apiOf(sources: ApiSources = SAMPLE_SOURCES, log = silentLogger) {
  let nowMs = 5000;
  const parts = {
    sources,
    desk: IDLE_DESK,
    version: "1.2.3",
    clock: { nowMs: () => nowMs, timerCount: 3 },
    startedMs: 5000,
  };
  const api = createApi(parts, { token: undefined, isLocal: true }, log);
  return { api, advance: (ms: number) => (nowMs += ms) };
}

async function errorOf(response: Response) {
  return ErrorView.parse(await response.json()).error;
}

describe("answers", () => {
  test("health with version, uptime and counts", async () => {
    const { api, advance } = apiOf();
    advance(61_500);
    const response = await api.request("/healthz");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(HealthView.parse(await response.json())).toEqual({
      status: "ok",
      problems: [],
      version: "1.2.3",
      uptimeSeconds: 61,
      rtpPorts: { taken: 1, all: 5000 },
      load: { refusesCalls: false, loopLateMs: 0.25, voiceLateMs: 1.5 },
      maxCalls: 500,
      voiceThreads: 3,
      counts: { calls: 1, streams: 2, users: 2, timers: 3 },
      freeswitch: { link: "waiting", problem: "esl.unreachable", calls: 0 },
    });
  });

  test.each([
    ["/api/calls", CallList, { calls: SAMPLE_SOURCES.calls() }],
    ["/api/streams", StreamList, { streams: SAMPLE_SOURCES.streams() }],
    ["/api/users", UserList, { users: SAMPLE_SOURCES.users() }],
    ["/api/records", RecordsView, SAMPLE_SOURCES.records({ limit: 50 })],
  ] as const)("%s as its schema says", async (path, schema, expected) => {
    const response = await apiOf().api.request(path);
    expect(response.status).toBe(200);
    const body: unknown = await response.json();
    expect(schema.parse(body)).toEqual(body as never);
    expect<unknown>(body).toEqual(expected);
  });

  test("nothing from a cache, and HEAD without a body", async () => {
    const response = await apiOf().api.request("/healthz", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("one call, or that there is none", async () => {
    const { api } = apiOf();
    expect(await (await api.request("/api/calls/c1")).json()).toEqual(SAMPLE_SOURCES.calls()[0]);
    const none = await api.request("/api/calls/c2");
    expect([none.status, (await errorOf(none)).code]).toEqual([404, "call.unknown"]);
  });

  test("records as the query asks for them", async () => {
    const asked: unknown[] = [];
    const records: ApiSources["records"] = (query) => {
      asked.push(query);
      return { records: [] };
    };
    const { api } = apiOf({ ...SAMPLE_SOURCES, records });
    for (const query of ["", "?limit=7&before=12&party=lihao"]) await api.request(`/api/records${query}`);
    expect(asked).toEqual([{ limit: 50 }, { limit: 7, before: 12, party: "lihao" }]);
  });

  test("with what is there now", async () => {
    const users: ReturnType<ApiSources["users"]> = [];
    const { api } = apiOf({ ...SAMPLE_SOURCES, users: () => users });
    expect(await (await api.request("/api/users")).json()).toEqual({ users: [] });
    users.push({ name: "late", address: "127.0.0.1:9", registeredAt: "2026-01-01T00:00:00.000Z" });
    expect(await (await api.request("/api/users")).json()).toEqual({ users });
  });
});

describe("refuses", () => {
  test("an unknown page, and names the known ones", async () => {
    const response = await apiOf().api.request("/api/call");
    expect(response.status).toBe(404);
    const { code, message } = await errorOf(response);
    expect(code).toBe("http.not-found");
    expect(message).toContain("/healthz, /api/calls, ");
    expect(message).toContain("/api/records, /openapi.json");
  });

  test.each([
    ["POST", "/api/users", "GET, HEAD"],
    ["OPTIONS", "/openapi.json", "GET, HEAD"],
    ["PUT", "/api/calls", "GET, HEAD, POST"],
    ["POST", "/api/calls/c1", "GET, HEAD, DELETE"],
    ["GET", "/api/nway_wx_api", "POST"],
  ])("%s %s", async (method, path, allowed) => {
    const response = await apiOf().api.request(path, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, allowed]);
    expect((await errorOf(response)).code).toBe("http.method-not-allowed");
  });

  test.each(["limit=0", "limit=201", "limit=-1", "limit=x", "before=", "limit=1e2", "nothing=1"])(
    "the query %s",
    async (query) => {
      const response = await apiOf().api.request(`/api/records?${query}`);
      expect(response.status).toBe(400);
      expect((await errorOf(response)).code).toBe("http.bad-query");
    },
  );

  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:25580",
    "[::2]",
    "192.168.1.5",
  ])("the foreign host %s", async (host) => {
    const response = await apiOf().api.request("/healthz", { headers: { host } });
    expect(response.status).toBe(403);
    expect((await errorOf(response)).code).toBe("http.foreign-host");
  });

  test.each(["127.0.0.1", "127.0.0.1:25580", "localhost:1", "LOCALHOST", "[::1]:25580"])(
    "not the host %s",
    async (host) => {
      expect((await apiOf().api.request("/healthz", { headers: { host } })).status).toBe(200);
    },
  );

  test("to tell why it broke, except in the log", async () => {
    const lines: string[] = [];
    const log = createLogger({ level: "debug", write: (line) => lines.push(line) });
    const broken = () => {
      throw new Error("secret inside");
    };
    const response = await apiOf({ ...SAMPLE_SOURCES, calls: broken }, log).api.request("/api/calls");
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('"code":"http.bug"');
    expect(text).not.toContain("secret inside");
    expect(lines.join("")).toMatch(/ error http\.bug path=\/api\/calls error="secret inside"/);
  });
});
