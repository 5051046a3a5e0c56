import { describe, expect, test } from "bun:test";
import { answerOffer } from "../../../src/protocols/sdp/offer-answer.ts";
import { decodeSdp, encodeSdp } from "../../../src/protocols/sdp/session-description.ts";
import { readIdentity } from "../../../src/protocols/sip/identity.ts";
import type { IncomingInvite } from "../../../src/protocols/sip/incoming-invite.ts";
import { decodeMessage, isRequest, type SipMessage } from "../../../src/protocols/sip/message.ts";
import type { SipPeer } from "../../../src/protocols/sip/peer.ts";
import { RECORDINGS, type Recorded, readRecording } from "./recorded.ts";
import { Rig } from "./rig.ts";

const FREESWITCH: SipPeer = { transport: "UDP", address: "127.0.0.1", port: 5080 };

const endings = {
  inbound_answer: { by: "peer", how: "hung-up", cause: 16 },
  inbound_answer_video: { by: "peer", how: "hung-up", cause: 16 },
  inbound_busy: { by: "us", how: "refused", cause: undefined },
  inbound_callercancel: { by: "peer", how: "cancelled", cause: 487 },
  inbound_reject: { by: "us", how: "refused", cause: undefined },
  ourleg_busy: { by: "peer", how: "hung-up", cause: 17 },
  ourleg_gwdown: { by: "peer", how: "hung-up", cause: 809 },
  ourleg_noanswer: { by: "peer", how: "hung-up", cause: 802 },
  ourleg_ourbye: { by: "us", how: "hung-up", cause: undefined },
  ourleg_phonebye: { by: "peer", how: "hung-up", cause: 16 },
  ourleg_phonebye_video: { by: "peer", how: "hung-up", cause: 16 },
} as const;

describe.each(RECORDINGS)("%s", (name) => {
  const recording = readRecording(name);

  test("our messages stand where the recorded ones did and fit the same dialog", () => {
    const { rig } = replay(recording);
    // FreeSWITCH took 5 s to answer the recorded BYE, and the recorded user agent never sent anything twice.
    const once = rig.sent.filter(({ bytes }, at) => !Bun.deepEquals(bytes, rig.sent[at - 1]?.bytes));
    const ours = once.map(({ bytes }) => fingerprint(decodeMessage(bytes)));
    const theirs = recording
      .filter(({ isOurs }) => isOurs)
      .map(({ bytes }) => fingerprint(decodeMessage(bytes)));
    expect(ours).toEqual(theirs);
    expect(rig.sent.every(({ destination }) => Bun.deepEquals(destination, FREESWITCH))).toBe(true);
  });

  test("the call ends as it did, and leaves nothing behind", () => {
    const { rig } = replay(recording);
    expect(rig.events.filter(({ kind }) => kind === "ended")).toHaveLength(1);
    expect(rig.eventKinds().slice(-2)).toEqual(["ended", "closed"]);
    const ended = rig.events.find((event) => event.kind === "ended");
    expect({ by: ended?.by, how: ended?.how, cause: ended?.reasons[0]?.cause }).toEqual(endings[name]);
    expect(rig.agent.callCount).toBe(0);
    rig.pass(40_000);
    expect(rig.agent.transactionCount).toBe(0);
    expect(rig.agent.nextDeadlineMs).toBe(Number.POSITIVE_INFINITY);
    expect(rig.agent.counters).toEqual({ malformed: 0, stray: 0 });
  });

  test("each datagram twice, as UDP may bring it, changes nothing", () => {
    const { rig } = replay(recording, 2);
    const once = replay(recording).rig;
    expect(rig.eventKinds()).toEqual(once.eventKinds());
    expect(rig.agent.callCount).toBe(0);
  });
});

/** Does what the recorded user agent did, when it did it; tags and branches are drawn as it drew them. */
function replay(recording: readonly Recorded[], copies = 1) {
  const rig = new Rig({ address: "127.0.0.1" });
  const tags = recording.flatMap(({ isOurs, bytes }) => {
    const message = decodeMessage(bytes);
    return isOurs && !isRequest(message) ? (readIdentity(message.headers).toTag ?? []) : [];
  });
  rig.tokens.push(tags[0] ?? "");
  let invite: IncomingInvite | undefined;
  rig.onEvent = (event) => {
    if (event.kind === "invited") invite = event.invite;
  };
  for (const { isOurs, timeMs, bytes } of recording) {
    rig.pass(Math.max(0, timeMs - (recording[0]?.timeMs ?? 0) + 1000 - rig.nowMs));
    if (isOurs) act(rig, invite, decodeMessage(bytes));
    else for (let i = 0; i < copies; i++) rig.receive(bytes, FREESWITCH);
  }
  return { rig };
}

function act(rig: Rig, invite: IncomingInvite | undefined, sent: SipMessage): void {
  if (invite === undefined) throw new Error("there is no call yet");
  const { via, cseq } = readIdentity(sent.headers);
  if (isRequest(sent)) {
    rig.tokens.push((via.parameters.get("branch") ?? "").replace("z9hG4bK", ""));
    invite.call.hangUp(rig.nowMs);
  } else if (cseq.method !== "INVITE" || sent.status === 100 || sent.status === 487) return;
  else if (sent.status === 180) invite.ring(rig.nowMs);
  else if (sent.status === 200) invite.answer(answerSdp(invite.request.body), rig.nowMs);
  else invite.call.hangUp(rig.nowMs, { status: sent.status });
}

function answerSdp(offer: Uint8Array): Uint8Array {
  const audio = {
    port: 40_000,
    codecs: ["PCMA"],
    ptimeMs: 20,
    comfortNoise: false,
    direction: "sendrecv",
  } as const;
  const result = answerOffer(decodeSdp(offer), { address: "127.0.0.1", sessionId: "1", version: 1, audio });
  if (result === undefined) throw new Error("nothing fits");
  return encodeSdp(result.answer);
}

/** All by which FreeSWITCH knows where a message belongs; CSeq without its number for requests of ours. */
function fingerprint(message: SipMessage) {
  const { headers } = message;
  const { via, cseq } = readIdentity(headers);
  const both = {
    branch: via.parameters.get("branch"),
    sentBy: `${via.host}:${via.port}`,
    from: headers.first("from"),
    to: headers.first("to"),
    callId: headers.first("call-id"),
  };
  if (isRequest(message)) return { ...both, method: message.method, uri: message.uri };
  return { ...both, status: message.status, cseq, type: headers.first("content-type") };
}
