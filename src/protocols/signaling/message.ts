/** The methods of the manual; each travels both ways. */
export const METHODS = ["register", "invite", "bye", "cancel", "answer", "option", "message"] as const;
export type Method = (typeof METHODS)[number];

/** FLV over HTTP and WebSocket counts as `rtmp`: the streams are the same. */
export const PROTONAMES = ["rtmp"] as const;
export type Protoname = (typeof PROTONAMES)[number];

/** Which way media flows, seen from the caller: `sendonly` means that only the caller pushes. */
export const MEDIA_ATTRIBUTES = ["sendrecv", "sendonly", "recvonly"] as const;
export type MediaAttribute = (typeof MEDIA_ATTRIBUTES)[number];

/** Events that the server tells 1.1 peers in `message`. */
export const EVENTS = ["ringing", "early_media", "media_lost", "media_restored"] as const;
export type SignalingEvent = (typeof EVENTS)[number];

/** Member names are those of the wire. `code` to `event` stand only in the server's requests. */
export type RequestData = {
  caller_number?: string | undefined;
  callee_number?: string | undefined;
  caller_url?: string | undefined;
  callee_url?: string | undefined;
  caller_audio?: string | undefined;
  caller_video?: string | undefined;
  media_attribute?: MediaAttribute | undefined;
  password?: string | undefined;
  msg?: string | undefined;
  dtmf?: string | undefined;
  code?: string | undefined;
  callee_audio?: string | undefined;
  callee_video?: string | undefined;
  event?: string | undefined;
  cause?: string | undefined;
};

export type ResponseData = {
  code: string;
  msg: string;
  callee_audio?: string | undefined;
  callee_video?: string | undefined;
  caller_url?: string | undefined;
  callee_url?: string | undefined;
  /** 1.1 only. */
  cause?: string | undefined;
  /** Of a registration: may be shown in place of the password for some hours. */
  token?: string | undefined;
};

export type Request = {
  readonly type: "request";
  readonly method: Method;
  readonly version: string;
  readonly sessionid: string;
  readonly order: number;
  readonly appname: string;
  readonly protoname: Protoname;
  readonly realm: string;
  readonly data: RequestData;
};

export type Response = {
  readonly type: "response";
  readonly method: string;
  readonly version: string;
  readonly sessionid: string;
  readonly order: number;
  readonly appname: string;
  readonly protoname: string;
  readonly data: ResponseData;
};

/** What a response repeats of its request. */
export type Echo = Pick<Response, "method" | "version" | "sessionid" | "order" | "protoname">;

const OUR_VERSION = "1.1";

/** min(the peer's, ours) of a version that has the form `N.N`. */
export function negotiateVersion(peerVersion: string): string {
  const [major = 0, minor = 0] = peerVersion.split(".").map(Number);
  return major > 1 || (major === 1 && minor >= 1) ? OUR_VERSION : `${major}.${minor}`;
}

/** Whether a peer of this negotiated version understands `data.event` and `data.cause`, and keys in an event. */
export function hasEvents(version: string): boolean {
  return version === OUR_VERSION;
}
