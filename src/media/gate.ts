export type StreamAction = "publish" | "play";

/** What a peer shows when it wants a stream; `from` is its address. */
export type StreamRequest = {
  readonly key: string;
  readonly token: string | undefined;
  readonly action: StreamAction;
  readonly from: string;
};

export type StreamGrant = {
  /** Undefined where the laboratory switch `[media] open` let the peer in. */
  readonly callId: string | undefined;
  /** What the peer publishes or plays, whatever key it named. */
  readonly key: string;
};

/** Decides who may publish or play which key; undefined means no. */
export interface StreamGate {
  authorize(request: StreamRequest): StreamGrant | undefined;
}

/** Stream keys as they may stand in a URL path. */
export const STREAM_KEY = /^[A-Za-z0-9_-]{1,128}$/;

/** For whoever showed a name or a token that opens nothing. */
export const STREAM_REFUSED =
  "No call allows this stream: its key or token is wrong, or the call ended. " +
  "Push to caller_url and play callee_url if you called; the other way round if you were called.";

/** For whoever used another name. */
export const STREAM_KEY_RULE =
  "A stream's name has 1 to 128 letters without accents, digits, hyphens and underscores, and no others.";
