/** RFC 3261, section 21, and the statuses of its extensions that this program sends. */
const PHRASES: ReadonlyMap<number, string> = new Map([
  [100, "Trying"],
  [180, "Ringing"],
  [183, "Session Progress"],
  [200, "OK"],
  [400, "Bad Request"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [410, "Gone"],
  [415, "Unsupported Media Type"],
  [416, "Unsupported URI Scheme"],
  [420, "Bad Extension"],
  [422, "Session Interval Too Small"],
  [480, "Temporarily Unavailable"],
  [481, "Call/Transaction Does Not Exist"],
  [482, "Loop Detected"],
  [484, "Address Incomplete"],
  [486, "Busy Here"],
  [487, "Request Terminated"],
  [488, "Not Acceptable Here"],
  [491, "Request Pending"],
  [500, "Server Internal Error"],
  [501, "Not Implemented"],
  [503, "Service Unavailable"],
  [505, "Version Not Supported"],
  [600, "Busy Everywhere"],
  [603, "Decline"],
]);

export function phraseOf(status: number): string {
  return PHRASES.get(status) ?? (status < 300 ? "OK" : "Failed");
}
