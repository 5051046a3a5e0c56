import { expect, test } from "bun:test";
import { silentLogger } from "../../../src/log.ts";
import { Stream } from "../../../src/media/stream.ts";
import { viewCall, viewStream, viewUser } from "../../../src/servers/http/view-of.ts";
import { CallView, StreamView, UserView } from "../../../src/servers/http/views.ts";
import { MEDIA } from "../../calls/fake-telephony.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { audioFrame } from "../../media/frames.ts";

test("a stream that nobody publishes says only that it is there, and how long", () => {
  const clock = new FakeClock();
  const stream = new Stream("k1", { clock, log: silentLogger, republishSeconds: 15 }, () => {});
  clock.advance(1500);
  const view = StreamView.parse(viewStream(stream, clock.nowMs()));
  const nothing = { playerCount: 0, bytesIn: 0, bytesOut: 0, droppedFrames: 0 };
  expect(view).toEqual({ key: "k1", ageSeconds: 1.5, ...nothing });
});

test("the age of a stream's newest frame is counted from that frame", () => {
  const clock = new FakeClock();
  const stream = new Stream("k1", { clock, log: silentLogger, republishSeconds: 15 }, () => {});
  const publication = stream.publish({ from: "127.0.0.1", protocol: "rtmp", onReplaced: () => {} });
  clock.advance(1000);
  publication.push(audioFrame(0));
  clock.advance(250);
  expect(viewStream(stream, clock.nowMs())).toMatchObject({ ageSeconds: 1.25, lastFrameAgeSeconds: 0.25 });
});

test("a call is shown without what only the signaling needs", () => {
  const shown = {
    callId: "c1",
    state: "inviting",
    caller: "lihao",
    callee: "nway",
    mediaAttribute: "sendrecv",
    startedAt: "2026-01-02T03:04:05.678Z",
    streams: ["up", "down"],
  } as const;
  const hidden = { sessionid: "s1", calleeKind: "client", callerAway: false, calleeAway: false } as const;
  const codecs = { calleeCodecs: { audio: "AAC", video: "" } } as const;
  const quiet = { ...shown, ...hidden, ...codecs, answeredAt: undefined, media: undefined };
  expect(CallView.parse(viewCall(quiet))).toEqual({ ...shown, streams: [...shown.streams] });
  const { lostPacketsThere: _, roundTripMs: __, ...media } = MEDIA;
  const heard = CallView.parse(JSON.parse(JSON.stringify(viewCall({ ...quiet, media: MEDIA }))));
  expect(heard).toEqual({ ...shown, streams: [...shown.streams], media });
});

test("a user who is away has no address", () => {
  const session = { idleMs: 0, waitingRequests: 0, displayName: "李浩", openid: undefined };
  const registration = {
    appname: "wx",
    version: "1.1",
    protoname: "rtmp",
    registeredAt: "2026-01-02T03:04:05.678Z",
  } as const;
  const view = UserView.parse(
    viewUser({ ...registration, user: "lihao", from: undefined, connected: false, ...session }),
  );
  expect(view).toEqual({
    name: "lihao",
    registeredAt: registration.registeredAt,
    appName: "wx",
    displayName: "李浩",
  });
});
