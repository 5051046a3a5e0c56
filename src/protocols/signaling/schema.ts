import { z } from "zod";
import { MEDIA_ATTRIBUTES, type Method } from "./message.ts";

const MAX_NUMBER_CHARS = 128;
const MAX_URL_CHARS = 2048;
const MAX_CODEC_CHARS = 32;
const MAX_SECRET_CHARS = 256;

/** Integers may arrive as digit strings and the other way round. */
function text(maxChars: number) {
  return z
    .union([z.string(), z.int().transform(String)], { error: requiredOr("must be a string") })
    .pipe(z.string().max(maxChars, `longer than ${maxChars} characters`));
}

function printable(maxChars: number) {
  return text(maxChars).pipe(z.string().regex(/^\P{C}*$/u, "must be printable"));
}

function requiredOr(complaint: string) {
  return (issue: { input?: unknown }) =>
    issue.input === undefined || issue.input === null ? "required" : complaint;
}

/** Null counts as absent: some JSON writers spell an absent member so. */
function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** Members that only the server's requests carry: from a client they are unknown, so never an error. */
function ignored(maxChars: number) {
  return optional(text(maxChars)).catch(undefined);
}

const codecName = () =>
  optional(text(MAX_CODEC_CHARS).pipe(z.string().regex(/^[\w.+-]*$/, "must be a codec name")));

const order = z.union(
  [
    z.int(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ],
  { error: requiredOr("must be an integer") },
);

const version = z
  .string({ error: requiredOr("must be a string") })
  .regex(/^\d{1,4}\.\d{1,4}$/, "must be N.N");

const sessionid = printable(128).pipe(z.string().min(1, "required"));

const envelope = {
  method: z.string({ error: requiredOr("must be a string") }),
  version,
  sessionid,
  order,
  appname: optional(printable(128)).transform((value) => value ?? ""),
  protoname: optional(z.string("must be a string")).transform((value) => value || "rtmp"),
};

export const requestSchema = z.object({
  ...envelope,
  realm: optional(text(256)).transform((value) => value ?? ""),
  data: optional(
    z.object(
      {
        caller_number: optional(printable(MAX_NUMBER_CHARS)),
        callee_number: optional(printable(MAX_NUMBER_CHARS)),
        caller_url: optional(text(MAX_URL_CHARS)),
        callee_url: optional(text(MAX_URL_CHARS)),
        caller_audio: codecName(),
        caller_video: codecName(),
        media_attribute: optional(
          z.union([z.enum(MEDIA_ATTRIBUTES), z.literal("").transform(() => undefined)], {
            error: `must be one of ${MEDIA_ATTRIBUTES.join(", ")}`,
          }),
        ),
        password: optional(text(MAX_SECRET_CHARS)),
        msg: optional(text(32_768)),
        dtmf: ignored(64),
        code: ignored(64),
        callee_audio: ignored(MAX_CODEC_CHARS),
        callee_video: ignored(MAX_CODEC_CHARS),
        event: ignored(64),
        cause: ignored(64),
      },
      "must be an object",
    ),
  ).transform((value) => value ?? {}),
});

export const responseSchema = z.object({
  ...envelope,
  data: z.object(
    {
      code: text(64),
      msg: optional(text(1024)).transform((value) => value ?? ""),
      callee_audio: codecName().catch(undefined),
      callee_video: codecName().catch(undefined),
      caller_url: ignored(MAX_URL_CHARS),
      callee_url: ignored(MAX_URL_CHARS),
      cause: ignored(64),
      token: ignored(MAX_SECRET_CHARS),
    },
    { error: requiredOr("must be an object") },
  ),
});

/** What can be repeated of a request that is not fit to serve. */
export const echoSchema = z.object({
  method: z.string().max(32).catch(""),
  version: version.catch("1.0"),
  sessionid: sessionid.catch(""),
  order: order.catch(0),
  protoname: z.string().min(1).max(32).catch("rtmp"),
});

/** Which members a request cannot do without; empty text does not fill a number. */
export const REQUIRED_DATA: Record<Method, readonly ("caller_number" | "callee_number" | "password")[]> = {
  register: ["caller_number", "password"],
  invite: ["caller_number", "callee_number"],
  answer: [],
  cancel: [],
  bye: [],
  option: [],
  message: [],
};
