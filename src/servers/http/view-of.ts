import type { CallSnapshot } from "../../calls/call.ts";
import type { Stream } from "../../media/stream.ts";
import type { RecentPage } from "../../records/recent-calls.ts";
import type { RegistrationSnapshot } from "../signaling/registrations.ts";
import type { RecordsView } from "./record-views.ts";
import type { CallView, FreeswitchView, StreamView, UserView } from "./views.ts";

export function viewCall(call: CallSnapshot): CallView {
  const { callId, state, caller, callee, mediaAttribute, startedAt, answeredAt, streams, media } = call;
  return {
    callId,
    state,
    caller,
    callee,
    mediaAttribute,
    startedAt,
    answeredAt,
    streams: [...streams],
    media,
  };
}

export function viewStream(stream: Stream, nowMs: number): StreamView {
  const { publisher, lastPushedAtMs } = stream;
  return {
    key: stream.key,
    audioCodec: stream.audioCodec,
    videoCodec: stream.videoCodec,
    publisher: publisher && { address: publisher.from, protocol: publisher.protocol },
    playerCount: stream.playerCount,
    bytesIn: stream.byteCount,
    bytesOut: stream.deliveredByteCount,
    droppedFrames: stream.droppedFrameCount,
    ageSeconds: (nowMs - stream.createdMs) / 1000,
    lastFrameAgeSeconds: lastPushedAtMs === undefined ? undefined : (nowMs - lastPushedAtMs) / 1000,
  };
}

export function viewUser(registration: RegistrationSnapshot): UserView {
  const { user, from, registeredAt, appname, displayName, openid } = registration;
  return { name: user, address: from, registeredAt, appName: appname, displayName, openid };
}

export function viewFreeswitch({ state, problem, callCount }: LinkReport): FreeswitchView {
  return { link: state, problem, calls: callCount };
}

/** Of the link to FreeSWITCH. */
type LinkReport = {
  readonly state: FreeswitchView["link"];
  readonly problem: string | undefined;
  readonly callCount: number;
};

/** Undefined: no records are written. */
export function viewRecords(page: RecentPage | undefined): RecordsView {
  return { records: [...(page?.calls ?? [])], next: page?.next };
}
