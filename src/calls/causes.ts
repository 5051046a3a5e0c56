/**
 * Why calls end or never start, spelled as FreeSWITCH spells its hangup causes. DIRECTORY_UNAVAILABLE, MEDIA_TIMEOUT,
 * NO_ROUTE and REPLACED are ours.
 */
export const Cause = {
  callRejected: "CALL_REJECTED",
  directoryUnavailable: "DIRECTORY_UNAVAILABLE",
  facilityNotImplemented: "FACILITY_NOT_IMPLEMENTED",
  incompatibleDestination: "INCOMPATIBLE_DESTINATION",
  managerRequest: "MANAGER_REQUEST",
  mediaTimeout: "MEDIA_TIMEOUT",
  networkOutOfOrder: "NETWORK_OUT_OF_ORDER",
  noAnswer: "NO_ANSWER",
  normalClearing: "NORMAL_CLEARING",
  noRoute: "NO_ROUTE",
  noUserResponse: "NO_USER_RESPONSE",
  originatorCancel: "ORIGINATOR_CANCEL",
  outgoingCallBarred: "OUTGOING_CALL_BARRED",
  replaced: "REPLACED",
  recoveryOnTimerExpire: "RECOVERY_ON_TIMER_EXPIRE",
  switchCongestion: "SWITCH_CONGESTION",
  systemShutdown: "SYSTEM_SHUTDOWN",
  unallocatedNumber: "UNALLOCATED_NUMBER",
  userBusy: "USER_BUSY",
  userNotRegistered: "USER_NOT_REGISTERED",
} as const;

/** A text that is spelled as a cause. */
export function isCause(text: string): boolean {
  return /^[A-Z][A-Z0-9_]{2,47}$/.test(text);
}

/** The cause that a refusing client names in its `msg`, if it is one; `CALL_REJECTED` otherwise. */
export function readCause(msg: string): string {
  return isCause(msg) ? msg : Cause.callRejected;
}
