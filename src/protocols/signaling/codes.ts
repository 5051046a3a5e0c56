/** The codes of the manual; no other is ever sent. */
export const Code = {
  ok: "200ok",
  unauthorized: "401",
  forbidden: "403",
  unavailable: "480",
  unparsable: "505",
  unfit: "506",
} as const;
export type Code = (typeof Code)[keyof typeof Code];

/** A response counts as success when its code begins with `200`. */
export function isSuccess(code: string): boolean {
  return code.startsWith("200");
}

/** The longest text frame, in UTF-8 bytes. */
export const MAX_TEXT_BYTES = 65_536;

/** WebSocket close codes: RFC 6455 section 7.4.1 and its registry, and 4001 of the private range for a replaced registration. */
export const CloseCode = {
  goingAway: 1001,
  unsupportedData: 1003,
  /** Never sent: no close frame came. */
  lost: 1006,
  invalidData: 1007,
  internalError: 1011,
  tryAgainLater: 1013,
  replaced: 4001,
} as const;
