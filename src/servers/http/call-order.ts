import { z } from "zod";
import type { OrderRefusal } from "../../calls/telephone-order.ts";
import { type ApiField, dropAbsent, FIELD_RULES, splitCommand } from "../../protocols/nway-api/command.ts";
import { CallView, views } from "./views.ts";

function field(name: ApiField, description: string, example: string) {
  const { pattern, allowed } = FIELD_RULES[name];
  return z.string().regex(pattern, `allowed: ${allowed}`).meta({ description, example });
}

/** Spelled as in the manual. */
export const CallOrder = z
  .strictObject({
    uuid: field("uuid", "The id of the call, not used before; absent: one is made up.", "c-1700").optional(),
    caller_name: field("caller_name", "Whom the telephone sees calling.", "lihao").optional(),
    gateway: field("gateway", "FreeSWITCH's gateway; absent: its dialplan decides.", "gw1").optional(),
    destination_number: field("destination_number", "What to dial.", "13800000000"),
    welcome_wav: field(
      "welcome_wav",
      "Played to the app instead of welcome_wav, from the same folder.",
      "welcome.wav",
    ).optional(),
    welcome_h264: field("welcome_h264", "Without effect in this version.", "welcome.h264").optional(),
    push_url: field(
      "push_url",
      "Where the app pushes its stream, under base_push_url; absent: one is made up.",
      "rtmp://127.0.0.1/live/lihao-up",
    ).optional(),
    pull_url: field(
      "pull_url",
      "Where the app plays the telephone's stream, under base_pull_url; absent: one is made up.",
      "rtmp://127.0.0.1/live/lihao-down",
    ).optional(),
    realm: field("realm", "The address of the app's server; for information only.", "nway.com.cn").optional(),
  })
  .register(views, { id: "CallOrder", description: "A call between two streams and a telephone." });

export type CallOrder = z.infer<typeof CallOrder>;

export const OrderedCall = CallView.extend({
  pushUrl: z.string().meta({ description: "With the token that opens it." }),
  pullUrl: z.string().meta({ description: "With the token that opens it." }),
}).register(views, { id: "OrderedCall", description: "A call that was just begun." });

export type OrderedCall = z.infer<typeof OrderedCall>;

/** Where calls are ordered and ended. */
export type CallDesk = {
  /** Resolves once the call has begun, which the telephone does not yet know. */
  place(order: CallOrder): Promise<OrderedCall | OrderRefusal>;
  /** False when there is no such call. */
  end(callId: string): boolean;
};

/** One line that says what is wrong. */
export type Problem = { readonly problem: string };

/** The manual's positional text, where both URLs must be given: its answer can't say which were made up. */
export function readOrderText(text: string): CallOrder | Problem {
  const fields = splitCommand(text);
  if (fields === undefined) {
    return {
      problem:
        "needed are: uuid caller_name gateway destination_number welcome.wav welcome.h264 push_url pull_url realm, with - for none",
    };
  }
  const order = parseOrder(fields);
  if ("problem" in order || (order.push_url !== undefined && order.pull_url !== undefined)) return order;
  return { problem: "push_url and pull_url: required" };
}

export function readOrderJson(text: string): CallOrder | Problem {
  try {
    const given: unknown = JSON.parse(text);
    return parseOrder(isObject(given) ? dropAbsent(given) : given);
  } catch {
    return { problem: "the body is not JSON" };
  }
}

function parseOrder(given: unknown): CallOrder | Problem {
  const { data, error } = CallOrder.safeParse(given);
  if (data !== undefined) return data;
  const [first] = error.issues;
  const place = first?.path.join(".");
  return { problem: `${place ? `${place}: ` : ""}${first?.message ?? "refused"}` };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
