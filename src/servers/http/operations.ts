import { CALL_OPERATIONS } from "./call-operations.ts";
import { get, type Operation, refuseAsJson } from "./operation.ts";
import { RecordQueryView, RecordsView } from "./record-views.ts";
import { CallList, type HealthProblem, HealthView, StreamList, UserList } from "./views.ts";

const listRecords: Operation = {
  method: "get",
  path: "/api/records",
  id: "listRecords",
  summary: "The last calls that have ended, if [records] dir is set",
  query: RecordQueryView,
  status: 200,
  response: { json: RecordsView },
  refuse: refuseAsJson,
  answer({ sources }, c) {
    const { data, error } = RecordQueryView.safeParse(c.req.query());
    if (data !== undefined) return c.json(sources.records(data));
    const [issue] = error.issues;
    return refuseAsJson(c, 400, "http.bad-query", `${issue?.path.join(".")}: ${issue?.message}`);
  },
};

function judgeHealth(problems: HealthProblem[]): Pick<HealthView, "status" | "problems"> {
  return { status: problems.length === 0 ? "ok" : "degraded", problems };
}

/** Every page of the API: the routes and the OpenAPI document are both made from this table. */
export const OPERATIONS: readonly Operation[] = [
  get({
    path: "/healthz",
    id: "getHealth",
    summary: "Is the gateway alive, and how busy?",
    response: HealthView,
    answer: ({ sources, version, clock, startedMs }) => ({
      ...judgeHealth(sources.problems()),
      version,
      uptimeSeconds: Math.floor((clock.nowMs() - startedMs) / 1000),
      counts: {
        calls: sources.calls().length,
        streams: sources.streams().length,
        users: sources.users().length,
        timers: clock.timerCount,
      },
      rtpPorts: sources.rtpPorts(),
      load: sources.load(),
      maxCalls: sources.maxCalls(),
      voiceThreads: sources.voiceThreads(),
      freeswitch: sources.freeswitch(),
    }),
  }),
  get({
    path: "/api/calls",
    id: "listCalls",
    summary: "The calls that have not ended",
    response: CallList,
    answer: ({ sources }) => ({ calls: sources.calls() }),
  }),
  ...CALL_OPERATIONS,
  get({
    path: "/api/streams",
    id: "listStreams",
    summary: "The streams, who publishes them and how they flow",
    response: StreamList,
    answer: ({ sources }) => ({ streams: sources.streams() }),
  }),
  get({
    path: "/api/users",
    id: "listUsers",
    summary: "The users who are registered now",
    response: UserList,
    answer: ({ sources }) => ({ users: sources.users() }),
  }),
  listRecords,
];
