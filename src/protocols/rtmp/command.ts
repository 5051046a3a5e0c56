import { type AmfValue, decodeAmf0, encodeAmf0 } from "../../codecs/amf0/amf0.ts";
import { AppError } from "../../errors.ts";
import { type Message, MessageType } from "./message.ts";

/** A command (specification section 7.2). `args[0]` is the command object or null. */
export type Command = {
  readonly name: string;
  readonly transactionId: number;
  readonly args: readonly AmfValue[];
};

/** No peer is known to need a tenth of it. */
const MAX_COMMAND_BYTES = 16 * 1024;
const MAX_COMMAND_VALUES = 256;

/** Of a message of type 20 or 17. Throws `rtmp.command-too-long`, `rtmp.bad-command` and the errors of `decodeAmf0`. */
export function decodeCommand(message: Message): Command {
  const { length } = message.payload;
  if (length > MAX_COMMAND_BYTES) {
    throw new AppError("peer", "rtmp.command-too-long", { have: length, limit: MAX_COMMAND_BYTES });
  }
  const [name, transactionId, ...args] = decodeAmf0(amf0Bytes(message), MAX_COMMAND_VALUES);
  if (typeof name !== "string" || typeof transactionId !== "number") {
    throw new AppError("peer", "rtmp.bad-command", {
      name: typeof name,
      transactionId: typeof transactionId,
    });
  }
  return { name, transactionId, args };
}

/** The payload of a message of type 20. */
export function encodeCommand({ name, transactionId, args }: Command): Uint8Array {
  return encodeAmf0(name, transactionId, ...args);
}

/** The AMF0 of a command or data message; the "AMF3" types hold it after one zero byte (Flash Player's form). */
export function amf0Bytes({ typeId, payload }: Message): Uint8Array {
  const isWrapped = typeId === MessageType.commandAmf3 || typeId === MessageType.dataAmf3;
  return isWrapped && payload[0] === 0 ? payload.subarray(1) : payload;
}
