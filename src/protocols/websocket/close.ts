import { AppError } from "../../errors.ts";
import { encodeFrame, Opcode } from "./frame.ts";

/** RFC 6455, section 7.4.1, and its registry: those that this program sends, and the one that stands for an empty close frame. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  invalidData: 1007,
  policy: 1008,
  tooLong: 1009,
  internalError: 1011,
  serviceRestart: 1012,
} as const;

const MAX_REASON_BYTES = 123;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A close frame; a server gives no `mask`. Codes that may not travel and reasons over 123 bytes are our own bugs. */
export function encodeClose(code: number, reason = "", mask?: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(reason);
  if (!isSendable(code)) throw new AppError("bug", "websocket.bad-close-code", { code });
  if (text.length > MAX_REASON_BYTES) {
    throw new AppError("bug", "websocket.close-reason-too-long", {
      have: text.length,
      limit: MAX_REASON_BYTES,
    });
  }
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(text, 2);
  return encodeFrame(Opcode.close, payload, mask);
}

/** Reads a close frame's payload; an empty one has code 1005. Throws AppError `websocket.bad-close*`. */
export function decodeClose(payload: Uint8Array): { readonly code: number; readonly reason: string } {
  const [high, low] = payload;
  if (high === undefined) return { code: CloseCode.noStatus, reason: "" };
  if (low === undefined) throw new AppError("peer", "websocket.bad-close", { have: payload.length });
  const code = (high << 8) | low;
  if (!isSendable(code)) throw new AppError("peer", "websocket.bad-close-code", { code });
  try {
    return { code, reason: UTF8.decode(payload.subarray(2)) };
  } catch (cause) {
    throw new AppError("peer", "websocket.bad-close-reason", { code }, { cause });
  }
}

/** The code that tells a peer why its connection ends (section 7.4.1). */
export function closeCodeFor(error: AppError): number {
  if (error.fault !== "peer") return CloseCode.internalError;
  if (error.code === "websocket.too-long") return CloseCode.tooLong;
  if (error.code === "websocket.bad-close-reason") return CloseCode.invalidData;
  return error.code.startsWith("websocket.") ? CloseCode.protocolError : CloseCode.policy;
}

/** Sections 7.4.1 and 7.4.2; 1012 to 1014 were registered later. */
function isSendable(code: number): boolean {
  if (code >= 3000) return code < 5000;
  if (code < 1000 || code > 1014) return false;
  return code !== 1004 && code !== 1005 && code !== 1006;
}
