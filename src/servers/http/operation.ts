import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Clock } from "../../clock.ts";
import type { CallDesk } from "./call-order.ts";
import type { RecordsView } from "./record-views.ts";
import type {
  CallView,
  ErrorView,
  FreeswitchView,
  HealthProblem,
  HealthView,
  StreamView,
  UserView,
} from "./views.ts";

/** Where the answers come from; each is asked once a request. */
export type ApiSources = {
  calls(): CallView[];
  streams(): StreamView[];
  users(): UserView[];
  /** Pairs of ports. */
  rtpPorts(): HealthView["rtpPorts"];
  /** Empty while all that is set up works. */
  problems(): HealthProblem[];
  load(): HealthView["load"];
  maxCalls(): number;
  voiceThreads(): number;
  /** Undefined without a FreeSWITCH. */
  freeswitch(): FreeswitchView | undefined;
  /** `limit` is at most 200, `before` the `next` of the page before. */
  records(query: RecordQuery): RecordsView;
};

type RecordQuery = {
  readonly limit: number;
  readonly before?: number | undefined;
  readonly party?: string | undefined;
};

export type ApiContext = {
  readonly sources: ApiSources;
  readonly desk: CallDesk;
  readonly version: string;
  readonly clock: Pick<Clock, "nowMs" | "timerCount">;
  /** `clock.nowMs()` when the gateway started. */
  readonly startedMs: number;
};

/** JSON as the schema says, or plain text such as the example. */
export type Content = { readonly json: z.ZodType } | { readonly text: string };

export type Operation = {
  readonly method: "get" | "post" | "delete";
  /** As OpenAPI writes it, with {callId}. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: Content;
  readonly status: 200 | 201 | 204;
  /** Absent: nothing but the status. */
  readonly response?: Content;
  readonly answer: (context: ApiContext, c: Context) => Response | Promise<Response>;
  /** Writes the answer to a request that is refused. */
  readonly refuse: (c: Context, status: ContentfulStatusCode, code: string, message: string) => Response;
};

export function refuseAsJson(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
): Response {
  return c.json({ error: { code, message } } satisfies ErrorView, status);
}

/** Ties the answer to its schema at compile time. */
export function get<T>(operation: {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly response: z.ZodType<T>;
  readonly answer: (context: ApiContext) => T;
}): Operation {
  const { answer, response, ...described } = operation;
  return {
    ...described,
    method: "get",
    status: 200,
    response: { json: response },
    refuse: refuseAsJson,
    answer: (context, c) => c.json(answer(context)),
  };
}
