import type { AmfValue } from "../../codecs/amf0/amf0.ts";
import { AppError } from "../../errors.ts";
import type { Command } from "../../protocols/rtmp/command.ts";
import {
  BandwidthLimit,
  encodeSetChunkSize,
  encodeSetPeerBandwidth,
  encodeWindowAckSize,
} from "../../protocols/rtmp/message.ts";
import { OUTGOING_CHUNK_SIZE } from "./from-stream.ts";
import { commandReply, messageReply, statusReply } from "./replies.ts";

/** What a session offers to the commands of its peer. */
export interface CommandTarget {
  /** The application's name in `connect`. */
  app: string;
  send(bytes: Uint8Array): void;
  /** The new message stream's id; undefined if there are too many. */
  createStream(): number | undefined;
  /** Stops whatever is published or played on that message stream, and nothing else. */
  closeStream(streamId: number): void;
  /** The same, and its id may be given out again. */
  deleteStream(streamId: number): void;
  publish(streamId: number, name: string): void;
  /** Stops what is published if that is its name. */
  unpublish(name: string): void;
  play(streamId: number, name: string): void;
}

type Handler = (target: CommandTarget, command: Command, streamId: number) => void;

const WINDOW_BYTES = 2_500_000;
const ENCODING_AMF0 = 0;

/**
 * Every command that publishers and players are known to send (section 7.2, and FMLE's additions, which its
 * successors wait for an answer to).
 */
const handlers: Readonly<Record<string, Handler>> = {
  connect,
  createStream,
  publish: (target, command, streamId) => target.publish(streamId, text(command.args[1])),
  play: (target, command, streamId) => target.play(streamId, text(command.args[1])),
  releaseStream: acknowledge,
  FCPublish: (target, command) => announce(target, command, "onFCPublish", "NetStream.Publish.Start"),
  FCSubscribe: (target, command) => announce(target, command, "onFCSubscribe", "NetStream.Play.Start"),
  FCUnpublish(target, command) {
    target.unpublish(optionalText(command.args[1]));
    announce(target, command, "onFCUnpublish", "NetStream.Unpublish.Success");
  },
  closeStream: (target, _, streamId) => target.closeStream(streamId),
  deleteStream: (target, { args }, streamId) =>
    target.deleteStream(typeof args[1] === "number" ? args[1] : streamId),
  _checkbw: acknowledge,
  checkBandwidth: acknowledge,
  /** A live stream has no length. */
  getStreamLength: (target, { transactionId }) =>
    target.send(commandReply(0, "_result", transactionId, null, 0)),
  pause: (target, _, streamId) =>
    target.send(status(streamId, "NetStream.Pause.Failed", "a live stream does not pause")),
  seek: (target, _, streamId) =>
    target.send(status(streamId, "NetStream.Seek.Failed", "a live stream does not seek")),
};

/** Answers to what was asked of the peer; none is awaited. */
const ANSWERS: ReadonlySet<string> = new Set(["_result", "_error", "onStatus"]);

export function runCommand(target: CommandTarget, command: Command, streamId: number): void {
  if (ANSWERS.has(command.name)) return;
  const handler = Object.hasOwn(handlers, command.name) ? handlers[command.name] : undefined;
  if (handler !== undefined) {
    if (target.app === "" && command.name !== "connect") {
      throw new AppError("peer", "rtmp.not-connected", { command: command.name });
    }
    handler(target, command, streamId);
  } else if (command.transactionId !== 0) {
    fail(target, command.transactionId, streamId, "unknown command");
  }
}

function connect(target: CommandTarget, { transactionId, args }: Command): void {
  const details = args[0];
  const isObject = typeof details === "object" && details !== null && !Array.isArray(details);
  const app = isObject && !(details instanceof Date) ? details.app : undefined;
  if (typeof app !== "string" || app === "") {
    const description = "Name an application, as in rtmp://host/live.";
    const info = { level: "error", code: "NetConnection.Connect.Rejected", description };
    target.send(messageReply(encodeSetChunkSize(OUTGOING_CHUNK_SIZE)));
    target.send(commandReply(0, "_error", transactionId, null, info));
    throw new AppError("peer", "rtmp.connect-without-app");
  }
  target.app = app;
  target.send(messageReply(encodeWindowAckSize(WINDOW_BYTES)));
  target.send(messageReply(encodeSetPeerBandwidth(WINDOW_BYTES, BandwidthLimit.dynamic)));
  target.send(messageReply(encodeSetChunkSize(OUTGOING_CHUNK_SIZE)));
  const properties = { fmsVer: "FMS/3,5,7,7009", capabilities: 31, mode: 1 };
  const information = {
    level: "status",
    code: "NetConnection.Connect.Success",
    description: "Connection succeeded.",
    objectEncoding: ENCODING_AMF0,
  };
  target.send(commandReply(0, "_result", transactionId, properties, information));
}

function createStream(target: CommandTarget, { transactionId }: Command): void {
  const streamId = target.createStream();
  if (streamId !== undefined) target.send(commandReply(0, "_result", transactionId, null, streamId));
  else fail(target, transactionId, 0, "too many streams: delete one first");
}

function fail(target: CommandTarget, transactionId: number, streamId: number, description: string): void {
  const info = { level: "error", code: "NetConnection.Call.Failed", description };
  target.send(commandReply(streamId, "_error", transactionId, null, info));
}

function acknowledge(target: CommandTarget, { transactionId }: Command): void {
  if (transactionId !== 0) target.send(commandReply(0, "_result", transactionId, null));
}

function announce(target: CommandTarget, command: Command, name: string, code: string): void {
  target.send(
    commandReply(0, name, 0, null, { code, description: optionalText(command.args[1]).split("?", 1)[0] }),
  );
  acknowledge(target, command);
}

function status(streamId: number, code: string, description: string): Uint8Array {
  return statusReply(streamId, { level: "error", code, description });
}

/** Some encoders announce nothing, and wait for the answer all the same. */
function optionalText(value: AmfValue): string {
  return typeof value === "string" ? value : "";
}

function text(value: AmfValue): string {
  if (typeof value !== "string") throw new AppError("peer", "rtmp.name-expected", { found: typeof value });
  return value;
}
