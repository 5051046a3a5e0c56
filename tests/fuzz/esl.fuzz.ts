import { EventEmitter } from "node:events";
import { FreeSwitchResponse } from "esl";
import type { ChannelEvent } from "../../src/freeswitch/channel-event.ts";
import { EVENT_NAMES } from "../../src/freeswitch/link.ts";
import { MessageFramer } from "../../src/freeswitch/message-framer.ts";
import { parseChannels } from "../../src/freeswitch/reconcile.ts";
import { TelephoneCall } from "../../src/freeswitch/telephone-call.ts";
import { readMessages, readServerBytes, readWrites } from "../freeswitch/recordings.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

class Pipe extends EventEmitter {
  setKeepAlive(): void {}
  setNoDelay(): void {}
  write(): boolean {
    return true;
  }
  end(): void {}
}

const NO_LOG = { debug: () => {}, info: () => {}, error: () => {} };
/** Of the recorded calls in JSON, so that their events are followed. */
const OUR_LEG = "43813ecc-43c8-4fc4-aa18-d8e989de4e02";

const first = (name: string, count: number) =>
  readWrites(name)
    .filter(({ dir }) => dir === "<")
    .slice(0, count)
    .map(({ data }) => new Uint8Array(Buffer.from(data, "latin1")));

export const target: FuzzTarget = {
  name: "esl",
  seeds: [
    readServerBytes("esl_subscribe"),
    readServerBytes("esl_auth_fail"),
    readServerBytes("esl_pipelined"),
    readServerBytes("esl_bgapi_jobs"),
    ...first("esl_json_busy", 20),
    ...first("esl_ourleg_busy", 6),
    ...readMessages(readServerBytes("esl_show_channels_during_call"))
      .filter(({ body }) => body.startsWith("{"))
      .map(({ body }) => Buffer.from(body)),
    Buffer.from(
      JSON.stringify({ row_count: 1, rows: [{ uuid: OUR_LEG, call_uuid: OUR_LEG, callstate: "ACTIVE" }] }),
    ),
  ],
  run(input) {
    if (input[0] === 0x7b) {
      parseChannels(Buffer.from(input).toString());
      return;
    }
    compareSplit(input, (note) => {
      const framer = new MessageFramer();
      const pipe = listen(note);
      return (bytes) => framer.push(bytes, (message) => pipe.emit("data", message));
    });
  },
};

function listen(note: (...values: (string | number | undefined)[]) => void): Pipe {
  const pipe = new Pipe();
  const response = new FreeSwitchResponse(pipe, NO_LOG);
  const call = new TelephoneCall(OUR_LEG, { kind: "dialplan" }, ({ kind }) => note(kind));
  for (const name of EVENT_NAMES) response.on(name, ({ body }) => call.handle(toEvent(body)));
  for (const name of [
    "auth_request",
    "command_reply",
    "api_response",
    "disconnect_notice",
    "rude_rejection",
  ]) {
    response.on(`freeswitch_${name}`, ({ headers }) => note(name, Object.keys(headers).length));
  }
  return pipe;
}

function toEvent(body: unknown): ChannelEvent {
  return typeof body === "object" && body !== null ? { ...body } : {};
}
