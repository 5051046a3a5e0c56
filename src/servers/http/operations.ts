import type { z } from "zod";
import type { Clock } from "../../clock.ts";
import {
  CallList,
  type CallView,
  HealthView,
  StreamList,
  type StreamView,
  UserList,
  type UserView,
} from "./views.ts";

/** Where the answers come from; each is asked once a request. */
export type ApiSources = {
  calls(): CallView[];
  streams(): StreamView[];
  users(): UserView[];
};

export type ApiContext = {
  readonly sources: ApiSources;
  readonly version: string;
  readonly clock: Pick<Clock, "nowMs">;
  /** `clock.nowMs()` when the gateway started. */
  readonly startedMs: number;
};

export type Operation = {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly response: z.ZodType;
  readonly answer: (context: ApiContext) => unknown;
};

/** Ties the answer to its schema at compile time. */
function get<T>(operation: {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly response: z.ZodType<T>;
  readonly answer: (context: ApiContext) => T;
}): Operation {
  return operation;
}

/** Every page of the API: the routes and the OpenAPI document are both made from this table. */
export const OPERATIONS: readonly Operation[] = [
  get({
    path: "/healthz",
    id: "getHealth",
    summary: "Is the gateway alive, and how busy?",
    response: HealthView,
    answer: ({ sources, version, clock, startedMs }) => ({
      status: "ok" as const,
      version,
      uptimeSeconds: Math.floor((clock.nowMs() - startedMs) / 1000),
      counts: {
        calls: sources.calls().length,
        streams: sources.streams().length,
        users: sources.users().length,
      },
    }),
  }),
  get({
    path: "/api/calls",
    id: "listCalls",
    summary: "The calls that have not ended",
    response: CallList,
    answer: ({ sources }) => ({ calls: sources.calls() }),
  }),
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
];
