import { describe, expect, test } from "bun:test";
import type { SipRequest } from "../../../src/protocols/sip/message.ts";
import type { InviteOptions } from "../../../src/protocols/sip/outgoing-invite.ts";
import { answerTo, draft, OFFER, PEER, Rig, SDP, textOf } from "./rig.ts";

const OPTIONS: InviteOptions = {
  to: { displayName: "李", uri: "sip:zhang@192.0.2.9:5080" },
  from: { displayName: 'Li "Hao"', uri: "sip:lihao@gateway.example" },
  sdp: SDP,
  destination: PEER,
};
const CONTACT = "Contact: <sip:zhang@192.0.2.9:5080>";
const ANSWER = new TextEncoder().encode(OFFER);
const TYPE = "Content-Type: application/sdp";

function start(options: Partial<InviteOptions> = {}, rig = new Rig()) {
  const call = rig.agent.invite({ ...OPTIONS, ...options }, (event) => rig.note(event), rig.nowMs);
  return { rig, call, invite: rig.sent.length === 0 ? undefined : rig.lastRequest() };
}

function sentInvite({ invite }: { readonly invite: SipRequest | undefined }): SipRequest {
  if (invite === undefined) throw new Error("no INVITE was sent");
  return invite;
}

/** A response of the far end, whose To gets this tag. */
function respond(
  request: SipRequest,
  status: number,
  { tag = "far", extra = [] as readonly string[], body = "" } = {},
): Uint8Array {
  const text = new TextDecoder().decode(answerTo(request, status, extra, body));
  const tagged = status === 100 ? text : text.replace(/^(To: [^\r]*)/m, `$1;tag=${tag}`);
  return new TextEncoder().encode(tagged);
}

const accept = (request: SipRequest, tag = "far") =>
  respond(request, 200, { tag, extra: [CONTACT, TYPE, "Allow: INVITE, UPDATE"], body: OFFER });

/** A call of ours that was answered. */
function talk() {
  const started = start();
  started.rig.receive(accept(sentInvite(started)));
  return { ...started, invite: sentInvite(started) };
}

test("what an INVITE of ours says", () => {
  const { rig } = start({ headers: [{ name: "X-Call", value: "7" }] });
  const [sent] = rig.sent;
  expect(sent?.destination).toEqual(PEER);
  expect(sent && textOf(sent).split("\r\n")).toEqual([
    "INVITE sip:zhang@192.0.2.9:5080 SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.1:25560;rport;branch=z9hG4bKt3",
    "Max-Forwards: 70",
    'From: "Li \\"Hao\\"" <sip:lihao@gateway.example>;tag=t2',
    'To: "\u00e6\u009d\u008e" <sip:zhang@192.0.2.9:5080>',
    "Call-ID: t1",
    "CSeq: 1 INVITE",
    "User-Agent: test/1",
    "Contact: <sip:lihao@192.0.2.1:25560>",
    "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE",
    "Supported: timer",
    "Session-Expires: 1800",
    "Min-SE: 90",
    "X-Call: 7",
    "Content-Type: application/sdp",
    "Content-Length: 5",
    "",
    "v=0",
    "",
  ]);
});

describe("the far end", () => {
  test("rings, with early media, answers, and hangs up", () => {
    const started = start();
    const { rig } = started;
    const invite = sentInvite(started);
    rig.receive(respond(invite, 100));
    rig.receive(respond(invite, 180));
    rig.receive(respond(invite, 183, { extra: [TYPE], body: OFFER }));
    expect(rig.events).toEqual([
      { kind: "progress", status: 180, sdp: undefined },
      { kind: "progress", status: 183, sdp: ANSWER },
    ]);
    expect(rig.exchange(accept(invite))).toEqual(["ACK"]);
    expect(rig.lastRequest().uri).toBe("sip:zhang@192.0.2.9:5080");
    expect(rig.lastRequest().headers.first("cseq")).toBe("1 ACK");
    expect(rig.lastRequest().headers.first("to")).toEndWith(";tag=far");
    expect(rig.events.at(-1)).toEqual({ kind: "answered", sdp: ANSWER });
    const bye = draft({ method: "BYE", callId: "t1", toTag: "t2", fromTag: "far" });
    expect(rig.exchange(bye)).toEqual([200]);
    expect(rig.eventKinds().slice(-2)).toEqual(["ended", "closed"]);
    rig.pass(40_000);
    expect(rig.agent).toMatchObject({ callCount: 0, transactionCount: 0 });
    expect(rig.agent.nextDeadlineMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("sends its 200 again until it has the ACK: each gets one, the user is told once", () => {
    const { rig, invite } = talk();
    expect(rig.exchange(accept(invite))).toEqual(["ACK"]);
    expect(rig.exchange(accept(invite))).toEqual(["ACK"]);
    expect(rig.eventKinds()).toEqual(["answered"]);
  });

  test.each([302, 404, 486, 503, 603])("refuses with %d", (status) => {
    const started = start();
    const { rig } = started;
    const extra = ['Reason: Q.850;cause=17;text="USER_BUSY"'];
    expect(rig.exchange(respond(sentInvite(started), status, { extra }))).toEqual(["ACK"]);
    expect(rig.events).toEqual([
      {
        kind: "ended",
        by: "peer",
        how: "refused",
        status,
        reasons: [{ protocol: "Q.850", cause: 17, text: "USER_BUSY" }],
      },
      { kind: "closed" },
    ]);
  });

  test("says nothing: timer B", () => {
    const { rig } = start();
    expect(rig.pass(32_000)).toEqual([500, 1500, 3500, 7500, 15_500, 31_500].map((ms) => `INVITE@${ms}`));
    expect(rig.events).toEqual([
      { kind: "ended", by: "network", how: "no-response", reasons: [] },
      { kind: "closed" },
    ]);
  });

  test("wants a longer session: the INVITE is sent once more, with its Min-SE", () => {
    const started = start();
    const { rig } = started;
    const refusal = { extra: ["Min-SE: 3600"] };
    expect(rig.exchange(respond(sentInvite(started), 422, refusal))).toEqual(["ACK", "INVITE"]);
    const again = rig.lastRequest();
    expect(again.headers.first("session-expires")).toBe("3600");
    expect(again.headers.first("min-se")).toBe("3600");
    expect(again.headers.first("cseq")).toBe("2 INVITE");
    expect(rig.exchange(respond(again, 422, { extra: ["Min-SE: 7200"] }))).toEqual(["ACK"]);
    expect(rig.events.at(-2)).toMatchObject({ kind: "ended", how: "refused", status: 422 });
  });

  test("has a Contact that can't be read: the call is lost", () => {
    const started = start();
    const { rig } = started;
    expect(rig.exchange(respond(sentInvite(started), 200, { extra: ["Contact: <sip:a@b"] }))).toEqual([]);
    expect(rig.events.at(-2)).toMatchObject({ kind: "ended", how: "dialog-lost" });
  });

  test("leads the dialog over proxies, the nearest first", () => {
    const started = start();
    const { rig, call } = started;
    const routes = "Record-Route: <sip:192.0.2.78;lr>, <sip:192.0.2.77:5070;lr>";
    rig.receive(respond(sentInvite(started), 200, { extra: [CONTACT, routes] }));
    call.hangUp(rig.nowMs);
    expect(rig.lastRequest().headers.all("route")).toEqual([
      "<sip:192.0.2.77:5070;lr>",
      "<sip:192.0.2.78;lr>",
    ]);
    expect(rig.sent.at(-1)?.destination).toEqual({ transport: "UDP", address: "192.0.2.77", port: 5070 });
  });
});

describe("forked", () => {
  test("only the first answer is the call: the others get an ACK and one BYE", () => {
    const { rig, invite, call } = talk();
    expect(rig.exchange(accept(invite, "second"))).toEqual(["ACK", "BYE"]);
    const bye = rig.lastRequest();
    expect(bye.headers.first("to")).toEndWith(";tag=second");
    expect(rig.exchange(accept(invite, "second"))).toEqual(["ACK"]);
    rig.receive(answerTo(bye, 200));
    expect(rig.eventKinds()).toEqual(["answered"]);
    expect(call.isEnded).toBe(false);
  });

  test("an answer that makes no dialog costs nothing of the call that was answered before it", () => {
    const { rig, invite, call } = talk();
    const broken = respond(invite, 200, { tag: "second", extra: ["Contact: <nonsense>"] });
    expect(rig.exchange(broken)).toEqual([]);
    expect(rig.eventKinds()).toEqual(["answered"]);
    expect(call.isEnded).toBe(false);
    expect(rig.agent.callCount).toBe(1);
  });

  test("without end costs no more than eight dialogs", () => {
    const { rig, invite } = talk();
    const answers = Array.from({ length: 20 }, (_, index) => rig.exchange(accept(invite, `far-${index}`)));
    expect(answers.flat().filter((name) => name === "BYE")).toHaveLength(7);
  });
});

describe("given up", () => {
  const reasons = [{ protocol: "Q.850", cause: 16, text: "NORMAL_CLEARING" }];

  test("while it rings: CANCEL in the INVITE's transaction; the 487 closes the call", () => {
    const started = start();
    const { rig, call } = started;
    const invite = sentInvite(started);
    rig.receive(respond(invite, 180));
    call.hangUp(rig.nowMs, { reasons });
    const cancel = rig.lastRequest();
    expect(cancel).toMatchObject({ method: "CANCEL", uri: invite.uri });
    for (const name of ["via", "from", "to", "call-id"]) {
      expect(cancel.headers.first(name)).toBe(invite.headers.first(name) ?? "");
    }
    expect(cancel.headers.first("cseq")).toBe("1 CANCEL");
    expect(cancel.headers.first("reason")).toBe('Q.850;cause=16;text="NORMAL_CLEARING"');
    expect(rig.eventKinds()).toEqual(["progress", "ended"]);
    expect(rig.events.at(-1)).toMatchObject({ by: "us", how: "cancelled" });
    expect(rig.exchange(respond(cancel, 200))).toEqual([]);
    expect(rig.exchange(respond(invite, 487))).toEqual(["ACK"]);
    expect(rig.eventKinds()).toEqual(["progress", "ended", "closed"]);
    call.hangUp(rig.nowMs);
    rig.pass(40_000);
    expect(rig.agent).toMatchObject({ callCount: 0, transactionCount: 0 });
  });

  test("before any response: the CANCEL waits for the first", () => {
    const started = start();
    const { rig, call } = started;
    const invite = sentInvite(started);
    call.hangUp(rig.nowMs);
    expect(rig.sent).toHaveLength(1);
    expect(rig.exchange(respond(invite, 100))).toEqual(["CANCEL"]);
    expect(rig.exchange(respond(invite, 180))).toEqual([]);
    expect(rig.eventKinds()).toEqual(["ended"]);
  });

  test("as the answer comes: ACK and BYE, and the BYE's answer closes the call", () => {
    const started = start();
    const { rig, call } = started;
    const invite = sentInvite(started);
    rig.receive(respond(invite, 180));
    call.hangUp(rig.nowMs, { reasons });
    expect(rig.exchange(accept(invite))).toEqual(["ACK", "BYE"]);
    expect(rig.lastRequest().headers.first("reason")).toContain("NORMAL_CLEARING");
    expect(rig.eventKinds()).toEqual(["progress", "ended"]);
    rig.receive(answerTo(rig.lastRequest(), 200));
    expect(rig.eventKinds()).toEqual(["progress", "ended", "closed"]);
  });

  test("and never answered again: the call is closed after 64·T1", () => {
    const started = start();
    const { rig, call } = started;
    rig.receive(respond(sentInvite(started), 180));
    call.hangUp(rig.nowMs);
    rig.pass(31_900);
    expect(rig.eventKinds()).toEqual(["progress", "ended"]);
    rig.receive(respond(sentInvite(started), 180));
    rig.pass(200);
    expect(rig.eventKinds()).toEqual(["progress", "ended", "closed"]);
  });
});

describe("within the dialog", () => {
  test("hanging up sends a BYE with the next number", () => {
    const { rig, call } = talk();
    call.hangUp(rig.nowMs);
    expect(rig.lastRequest()).toMatchObject({ method: "BYE", uri: "sip:zhang@192.0.2.9:5080" });
    expect(rig.lastRequest().headers.first("cseq")).toBe("2 BYE");
    expect(rig.lastRequest().headers.first("from")).toEndWith(";tag=t2");
    rig.receive(answerTo(rig.lastRequest(), 200));
    expect(rig.eventKinds()).toEqual(["answered", "ended", "closed"]);
  });

  test("the far end holds, and we offer", () => {
    const { rig, call } = talk();
    rig.receive(draft({ callId: "t1", toTag: "t2", fromTag: "far", body: OFFER }));
    expect(rig.eventKinds()).toEqual(["answered", "reoffered"]);
    call.accept(SDP, rig.nowMs);
    expect(rig.lastResponse().status).toBe(200);
    rig.receive(draft({ method: "ACK", callId: "t1", toTag: "t2", fromTag: "far" }));
    expect(rig.eventKinds()).toEqual(["answered", "reoffered"]);
    expect(call.offer(SDP, rig.nowMs)).toBe(true);
    expect(rig.exchange(answerTo(rig.lastRequest(), 491))).toEqual(["ACK"]);
    // Who made the call waits longer than the other (RFC 3261, section 14.1).
    expect(rig.pass(3100)).toEqual(["INVITE@3050"]);
  });

  test("the session is kept as the answer says", () => {
    const started = start();
    const { rig } = started;
    const extra = [CONTACT, "Allow: UPDATE", "Session-Expires: 600;refresher=uac"];
    rig.receive(respond(sentInvite(started), 200, { extra }));
    expect(rig.pass(300_000)).toEqual(["UPDATE@300000"]);
  });
});

describe("too many", () => {
  test("calls: the new one ends at once", () => {
    const { rig } = start({}, new Rig({ maxCalls: 0 }));
    expect(rig.sent).toEqual([]);
    expect(rig.events).toMatchObject([
      { kind: "ended", by: "us", how: "refused", status: 503 },
      { kind: "closed" },
    ]);
    expect(rig.agent.callCount).toBe(0);
  });

  test("transactions: the same", () => {
    const { rig } = start({}, new Rig({ maxTransactions: 0 }));
    expect(rig.events).toMatchObject([{ kind: "ended", how: "no-response" }, { kind: "closed" }]);
  });

  test("our calls count among those that peers may make", () => {
    const { rig } = start({}, new Rig({ maxCalls: 1 }));
    expect(rig.exchange(draft({ body: OFFER }))).toEqual([503]);
  });
});

test("a URI that is none throws before anything is sent", () => {
  const rig = new Rig();
  expect(() => start({ to: { displayName: "", uri: "tel:139" } }, rig)).toThrow("sip.bad-uri");
  expect([rig.sent.length, rig.agent.callCount]).toEqual([0, 0]);
});
