import type { Context } from "hono";
import type { OrderRefusal } from "../../calls/telephone-order.ts";
import { API_COMMAND, encodeReply } from "../../protocols/nway-api/command.ts";
import { CallOrder, OrderedCall, readOrderJson, readOrderText } from "./call-order.ts";
import { type Operation, refuseAsJson } from "./operation.ts";
import { CallView } from "./views.ts";

const STATUSES: Readonly<Record<OrderRefusal["reason"], 400 | 409 | 503>> = {
  unfit: 400,
  taken: 409,
  unavailable: 503,
};

const EXAMPLE_URLS = "rtmp://127.0.0.1/live/up rtmp://127.0.0.1/live/down";
const CALL_PATH = "/api/calls/{callId}";

/** What makes and ends calls. */
export const CALL_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/api/calls",
    id: "placeCall",
    summary: "Call a telephone for an app that is known by its two streams",
    body: { json: CallOrder },
    status: 201,
    response: { json: OrderedCall },
    refuse: refuseAsJson,
    async answer({ desk }, c) {
      const order = readOrderJson(await c.req.text());
      if ("problem" in order) return refuseAsJson(c, 400, "http.bad-order", order.problem);
      const outcome = await desk.place(order);
      if ("reason" in outcome) {
        const message = `${outcome.cause}: ${outcome.message}`;
        return refuseAsJson(c, STATUSES[outcome.reason], `call.${outcome.reason}`, message);
      }
      c.header("Location", `/api/calls/${outcome.callId}`);
      return c.json(outcome, 201);
    },
  },
  {
    method: "get",
    path: CALL_PATH,
    id: "getCall",
    summary: "A call that has not ended",
    status: 200,
    response: { json: CallView },
    refuse: refuseAsJson,
    answer({ sources }, c) {
      const call = sources.calls().find(({ callId }) => callId === c.req.param("callId"));
      return call === undefined ? refuseUnknown(c) : c.json(call);
    },
  },
  {
    method: "delete",
    path: CALL_PATH,
    id: "endCall",
    summary: "End a call, whoever began it",
    status: 204,
    refuse: refuseAsJson,
    answer: ({ desk }, c) => (desk.end(c.req.param("callId") ?? "") ? c.body(null, 204) : refuseUnknown(c)),
  },
  {
    method: "post",
    path: `/api/${API_COMMAND}`,
    id: "placeCallByCommand",
    summary: "The manual's command as it stands, with - for what there is none of; answers +OK or -ERR",
    body: { text: `${API_COMMAND} c-1700 lihao gw1 13800000000 welcome.wav - ${EXAMPLE_URLS} nway.com.cn` },
    status: 200,
    response: { text: encodeReply({ uuid: "c-1700" }) },
    refuse: refuseAsText,
    async answer({ desk }, c) {
      const order = readOrderText(await c.req.text());
      if ("problem" in order) return refuseAsText(c, 400, "", order.problem);
      const outcome = await desk.place(order);
      if ("callId" in outcome) return c.text(encodeReply({ uuid: outcome.callId }));
      return refuseAsText(c, STATUSES[outcome.reason], "", `${outcome.cause} ${outcome.message}`);
    },
  },
];

function refuseUnknown(c: Context): Response {
  return refuseAsJson(c, 404, "call.unknown", "There is no such call, or it has ended: GET /api/calls.");
}

function refuseAsText(c: Context, status: Parameters<Operation["refuse"]>[1], _: string, message: string) {
  return c.text(encodeReply({ cause: message }), status);
}
