export type StreamAction = "publish" | "play";

/** What a peer shows when it wants a stream; `from` is its address. */
export type StreamRequest = {
  readonly key: string;
  readonly token: string | undefined;
  readonly action: StreamAction;
  readonly from: string;
};

/** `callId` is undefined where the laboratory switch `[media] open` let the peer in. */
export type StreamGrant = { readonly callId: string | undefined };

/** Decides who may publish or play which key; undefined means no. */
export interface StreamGate {
  authorize(request: StreamRequest): StreamGrant | undefined;
}

/** Stream keys as they may stand in a URL path. */
export const STREAM_KEY = /^[A-Za-z0-9_-]{1,128}$/;

/** For whoever used another name. */
export const STREAM_KEY_RULE =
  "A stream's name has 1 to 128 letters without accents, digits, hyphens and underscores, and no others.";
