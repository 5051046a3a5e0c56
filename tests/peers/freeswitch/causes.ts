/** Q.850's numbers of the causes that FreeSWITCH makes of SIP's refusals. */
const Q850: Readonly<Record<string, number>> = {
  UNALLOCATED_NUMBER: 1,
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  NO_USER_RESPONSE: 18,
  NO_ANSWER: 19,
  CALL_REJECTED: 21,
  INVALID_NUMBER_FORMAT: 28,
  NORMAL_TEMPORARY_FAILURE: 41,
  INCOMPATIBLE_DESTINATION: 88,
  RECOVERY_ON_TIMER_EXPIRE: 102,
};

/** As FreeSWITCH's own causes are told in SIP. */
const OWN: Readonly<Record<string, string>> = {
  ORIGINATOR_CANCEL: "SIP;cause=487",
  ALLOTTED_TIMEOUT: "SIP;cause=802",
  INVALID_GATEWAY: "SIP;cause=808",
  GATEWAY_DOWN: "SIP;cause=809",
};

const BY_SIP_CODE: Readonly<Record<number, string>> = {
  403: "CALL_REJECTED",
  404: "UNALLOCATED_NUMBER",
  408: "RECOVERY_ON_TIMER_EXPIRE",
  480: "NO_USER_RESPONSE",
  484: "INVALID_NUMBER_FORMAT",
  486: "USER_BUSY",
  487: "ORIGINATOR_CANCEL",
  488: "INCOMPATIBLE_DESTINATION",
  500: "NORMAL_TEMPORARY_FAILURE",
  503: "NORMAL_TEMPORARY_FAILURE",
  600: "USER_BUSY",
  603: "CALL_REJECTED",
};

/** FreeSWITCH's own causes count as normal clearing. */
export function q850Of(cause: string): string {
  return String(Q850[cause] ?? 16);
}

/** The `Reason` of a BYE or CANCEL. */
export function reasonOf(cause: string): string {
  const protocol = OWN[cause] ?? `Q.850;cause=${Q850[cause] ?? 31}`;
  return `${protocol};text="${cause}"`;
}

export function causeOfSip(status: number): string {
  return BY_SIP_CODE[status] ?? "NORMAL_UNSPECIFIED";
}

/** After these a bridge's other leg goes on in its dialplan, and that ends. */
const PASSED_OVER = ["NO_ANSWER", "NO_USER_RESPONSE", "ORIGINATOR_CANCEL"];

/** What our leg is hung up with when the telephone's never came up. */
export function causeOfOurs(cause: string): string {
  return PASSED_OVER.includes(cause) ? "NORMAL_CLEARING" : cause;
}
