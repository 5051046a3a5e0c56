import { AppError } from "../../../src/errors.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { encodeFlvHeader } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { keyOf } from "./gateway-state.ts";

/** `yes`, or how the gateway refused. */
export type Access = {
  readonly rtmpPublish: string;
  readonly rtmpPlay: string;
  readonly httpPublish: number;
  readonly httpPlay: number;
};

export const REFUSED: Access = {
  rtmpPublish: "NetStream.Publish.BadName",
  rtmpPlay: "NetStream.Play.Failed",
  httpPublish: 403,
  httpPlay: 403,
};
export const MAY_PUBLISH: Access = { ...REFUSED, rtmpPublish: "yes", httpPublish: 200 };
export const MAY_PLAY: Access = { ...REFUSED, rtmpPlay: "yes", httpPlay: 200 };
export const MAY_BOTH: Access = { ...MAY_PUBLISH, ...MAY_PLAY, rtmpPublish: "yes", httpPublish: 200 };

/** `yes`, or how the gateway refused a player. */
export type PlayAccess = Pick<Access, "rtmpPlay" | "httpPlay">;

type Reachable = { readonly urls: Pick<Gateway["urls"], "rtmp" | "flv"> };

/** Tries a stream's key with a token, or without, in every way there is. */
export async function tryAccess(gateway: Reachable, key: string, token: string | undefined): Promise<Access> {
  const rtmp = parseRtmpUrl(gateway.urls.rtmp(key, token));
  const flv = gateway.urls.flv(key, token);
  return {
    rtmpPublish: await tryRtmp(() => publishRtmp(rtmp)),
    httpPublish: await tryHttp(flv, { method: "POST", body: encodeFlvHeader({ audio: true, video: false }) }),
    ...(await tryPlaying(gateway, key, token)),
  };
}

/** The same for players alone, which disturbs no publisher. */
export async function tryPlaying(
  gateway: Reachable,
  key: string,
  token: string | undefined,
): Promise<PlayAccess> {
  const rtmp = parseRtmpUrl(gateway.urls.rtmp(key, token));
  return {
    rtmpPlay: await tryRtmp(() => playRtmp(rtmp, { onMedia: () => undefined })),
    httpPlay: await tryHttp(gateway.urls.flv(key, token), {}),
  };
}

/** The same key under another token. */
export async function tryUrl(gateway: Reachable, url: string): Promise<Access> {
  return await tryAccess(gateway, keyOf(url), new URL(url).searchParams.get("token") ?? undefined);
}

async function tryRtmp(open: () => Promise<{ close(): void }>): Promise<string> {
  try {
    (await open()).close();
    return "yes";
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return String(thrown.details.code ?? thrown.code);
  }
}

async function tryHttp(url: string, init: BunFetchRequestInit): Promise<number> {
  const abort = new AbortController();
  const response = await fetch(url, { ...init, signal: abort.signal });
  abort.abort();
  return response.status;
}
