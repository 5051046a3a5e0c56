import { describe, expect, test } from "bun:test";
import { fromWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { answerTo, draft, OFFER, PEER, Rig, SDP, textOf } from "./rig.ts";

describe("an incoming call", () => {
  test("is told of with its parties and its offer", () => {
    const rig = new Rig();
    const uri = "sip:%E6%9D%8E@192.0.2.1:25560;x=y";
    expect(rig.exchange(draft({ uri, body: OFFER, headers: ["X-Nway-Session: s1"] }))).toEqual([100]);
    const { invite } = rig;
    expect(fromWireBytes(invite.sdp ?? new Uint8Array(0))).toBe(OFFER);
    expect(invite.callee.user).toBe("李");
    expect(invite.caller).toMatchObject({ displayName: "Zhang", uri: "sip:zhang@192.0.2.9" });
    expect(invite.request.headers.first("x-nway-session")).toBe("s1");
    expect(invite.call.peer).toEqual(PEER);
  });

  test("rings, is answered and acknowledged; the peer hangs up with its reasons", () => {
    const rig = new Rig();
    const invite = rig.ring();
    invite.ring(rig.nowMs);
    invite.answer(SDP, rig.nowMs);
    const ok = rig.sent.at(-1);
    expect(ok && textOf(ok)).toBe(
      [
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP 192.0.2.9:5080;rport=5080;branch=z9hG4bK-invite;received=192.0.2.9",
        'From: "Zhang" <sip:zhang@192.0.2.9>;tag=peer',
        "To: <sip:lihao@192.0.2.1>;tag=t1",
        "Call-ID: call-1",
        "CSeq: 1 INVITE",
        "Contact: <sip:lihao@192.0.2.1:25560>",
        "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE",
        "Supported: timer",
        "Content-Type: application/sdp",
        "Content-Length: 5",
        "",
        "v=0\r\n",
      ].join("\r\n"),
    );
    rig.receive(draft({ method: "ACK", toTag: "t1" }));
    const headers = ['Reason: Q.850;cause=16;text="NORMAL_CLEARING", SIP;cause=200;text="a\\"b"'];
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 2, headers }))).toEqual([200]);
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged", "ended", "closed"]);
    expect(rig.events[2]).toMatchObject({
      by: "peer",
      how: "hung-up",
      reasons: [
        { protocol: "Q.850", cause: 16, text: "NORMAL_CLEARING" },
        { protocol: "SIP", cause: 200, text: 'a"b' },
      ],
    });
  });

  test("is refused for a while, and the caller is told when to try again", () => {
    const rig = new Rig();
    rig.ring().call.hangUp(rig.nowMs, { status: 503 });
    expect(rig.lastResponse().headers.first("retry-after")).toMatch(/^(?:\d|10)$/);
  });

  test("is refused with a reason, which is sent until the ACK comes", () => {
    const rig = new Rig();
    const reasons = [{ protocol: "Q.850", cause: 17, text: 'USER_BUSY\r\nX: "y"' }];
    rig.ring().call.hangUp(rig.nowMs, { status: 486, reasons });
    expect(rig.lastResponse().headers.first("retry-after")).toBeUndefined();
    expect(rig.lastResponse()).toMatchObject({ status: 486, reason: "Busy Here" });
    expect(rig.lastResponse().headers.first("reason")).toBe('Q.850;cause=17;text="USER_BUSY X: \\"y\\""');
    expect(rig.pass(2000)).toEqual(["486@500", "486@1500"]);
    rig.receive(draft({ method: "ACK", branch: "z9hG4bK-invite", toTag: rig.localTag() }));
    expect(rig.pass(60_000)).toEqual([]);
    expect(rig.eventKinds()).toEqual(["invited", "ended", "closed"]);
    expect(rig.agent.transactionCount).toBe(0);
  });

  test("is cancelled, with the reason; what is done to it afterwards goes nowhere", () => {
    const rig = new Rig();
    const invite = rig.ring();
    invite.ring(rig.nowMs);
    const cancel = draft({ method: "CANCEL", branch: "z9hG4bK-invite", headers: ["Reason: SIP;cause=487"] });
    expect(rig.exchange(cancel)).toEqual([200, 487]);
    expect(rig.lastResponse().headers.first("to")).toBe("<sip:lihao@192.0.2.1>;tag=t1");
    expect(rig.events.at(-2)).toMatchObject({ kind: "ended", how: "cancelled", reasons: [{ cause: 487 }] });
    invite.answer(SDP, rig.nowMs);
    invite.call.hangUp(rig.nowMs, { status: 486 });
    invite.ring(rig.nowMs);
    expect(rig.sent).toHaveLength(4);
    expect(rig.eventKinds()).toEqual(["invited", "ended", "closed"]);
  });

  test("a CANCEL that crosses the answer is answered and changes nothing", () => {
    const rig = new Rig();
    rig.call({}, "answered");
    expect(rig.exchange(draft({ method: "CANCEL", branch: "z9hG4bK-invite" }))).toEqual([200]);
    expect(rig.eventKinds()).toEqual(["invited"]);
  });

  test("that was answered: its BYE is answered once the end is told", () => {
    const rig = new Rig();
    rig.call({}, "answered");
    let sentBefore: number | undefined;
    rig.onEvent = ({ kind }) => {
      if (kind === "ended") sentBefore = rig.sent.length;
    };
    const count = rig.sent.length;
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 2 }))).toEqual([200]);
    expect(sentBefore).toBe(count);
  });

  test("is dropped by a BYE while it rings", () => {
    const rig = new Rig();
    rig.ring().ring(rig.nowMs);
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 2 }))).toEqual([200, 487]);
    expect(rig.eventKinds()).toEqual(["invited", "ended", "closed"]);
  });

  test("rings again each minute, until its Expires is over", () => {
    const rig = new Rig();
    rig.ring({ headers: ["Expires: 150"] }).ring(rig.nowMs);
    expect(rig.pass(150_000)).toEqual(["180@60000", "180@120000", "487@150000"]);
    expect(rig.events.at(-2)).toMatchObject({ kind: "ended", how: "expired" });
  });

  test("gets early media with 183", () => {
    const rig = new Rig();
    rig.ring().ring(rig.nowMs, SDP);
    expect(rig.lastResponse()).toMatchObject({ status: 183, body: SDP });
  });

  test("may be answered from within the event", () => {
    const rig = new Rig();
    rig.onEvent = (event) => {
      if (event.kind === "invited") event.invite.answer(SDP, rig.nowMs);
    };
    expect(rig.exchange(draft({ body: OFFER }))).toEqual([100, 200]);
  });

  test("without an offer is answered with ours, and the ACK brings its answer", () => {
    const rig = new Rig();
    rig.receive(draft());
    expect(rig.invite.sdp).toBeUndefined();
    rig.invite.answer(SDP, rig.nowMs);
    rig.receive(draft({ method: "ACK", toTag: "t1", body: OFFER }));
    const acknowledged = rig.events.find(({ kind }) => kind === "acknowledged");
    expect(acknowledged).toMatchObject({ sdp: new TextEncoder().encode(OFFER) });
  });

  test("over TCP is answered on its connection, and its 200 is sent again all the same", () => {
    const rig = new Rig();
    const source = { transport: "TCP", address: "192.0.2.9", port: 44_444 } as const;
    const via = "Via: SIP/2.0/TCP 192.0.2.9:5080;branch=z9hG4bK-tcp";
    const contact = "<sip:zhang@192.0.2.9:5080;transport=tcp>";
    const answered = rig.receive(draft({ via, contact, body: OFFER }), source);
    const fallback = { ...source, port: 5080 };
    expect(answered.map(({ destination }) => destination)).toEqual([{ ...source, fallback }]);
    rig.invite.answer(SDP, rig.nowMs);
    expect(rig.lastResponse().headers.first("contact")).toBe("<sip:lihao@192.0.2.1:25560;transport=tcp>");
    expect(rig.pass(600)).toEqual(["200@500"]);
    rig.receive(draft({ method: "ACK", via: `${via}2`, toTag: "t1" }), source);
    rig.invite.call.hangUp(rig.nowMs);
    expect(rig.sent.at(-1)?.destination).toEqual({ ...source, fallback });
    expect(rig.lastRequest().headers.first("via")).toStartWith(
      "SIP/2.0/TCP 192.0.2.1:25560;rport;branch=z9hG4bK",
    );
  });
});

describe("the 200", () => {
  test("is sent until the ACK comes", () => {
    const rig = new Rig();
    rig.call({}, "answered");
    expect(rig.pass(4000)).toEqual(["200@500", "200@1500", "200@3500"]);
    expect(rig.exchange(draft({ branch: "z9hG4bK-invite", body: OFFER }))).toEqual([]);
    rig.receive(draft({ method: "ACK", toTag: "t1" }));
    rig.receive(draft({ method: "ACK", toTag: "t1" }));
    expect(rig.pass(100_000)).toEqual([]);
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged"]);
  });

  test("is acknowledged by an ACK with the INVITE's branch, too, as old peers send it", () => {
    const rig = new Rig();
    rig.call({}, "answered");
    rig.receive(draft({ method: "ACK", branch: "z9hG4bK-invite", toTag: "t1" }));
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged"]);
  });

  test("is not acknowledged by an ACK with another number or tag", () => {
    const rig = new Rig();
    rig.call({}, "answered");
    rig.receive(draft({ method: "ACK", toTag: "t1", sequence: 2 }));
    rig.receive(draft({ method: "ACK", toTag: "other" }));
    expect(rig.agent.counters.stray).toBe(1);
    expect(rig.pass(600)).toEqual(["200@500"]);
  });

  test("whose ACK never comes ends the call with a BYE", () => {
    const rig = new Rig();
    rig.call({}, "answered");
    const sent = rig.pass(32_000);
    expect(sent.slice(-2)).toEqual(["200@31500", "BYE@32000"]);
    expect(rig.events.at(-1)).toMatchObject({ kind: "ended", by: "network", how: "no-ack" });
    rig.receive(answerTo(rig.lastRequest(), 200));
    expect(rig.eventKinds().at(-1)).toBe("closed");
  });
});

describe("hanging up", () => {
  test("sends a BYE along the dialog, and is over once that is answered", () => {
    const rig = new Rig();
    const routes = ["Record-Route: <sip:192.0.2.77:5070;lr>, <sip:192.0.2.78;lr>"];
    const call = rig.call({ headers: routes, contact: '"Z" <sip:zhang@192.0.2.10:5090;a=b>;q=1' });
    call.hangUp(rig.nowMs, { reasons: [{ protocol: "Q.850", cause: 16, text: "NORMAL_CLEARING" }] });
    const bye = rig.sent.at(-1);
    expect(bye?.destination).toEqual({ transport: "UDP", address: "192.0.2.77", port: 5070 });
    expect(bye && textOf(bye)).toBe(
      [
        "BYE sip:zhang@192.0.2.10:5090;a=b SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1:25560;rport;branch=z9hG4bKt2",
        "Route: <sip:192.0.2.77:5070;lr>",
        "Route: <sip:192.0.2.78;lr>",
        "Max-Forwards: 70",
        "From: <sip:lihao@192.0.2.1>;tag=t1",
        'To: "Zhang" <sip:zhang@192.0.2.9>;tag=peer',
        "Call-ID: call-1",
        "CSeq: 1 BYE",
        "User-Agent: test/1",
        'Reason: Q.850;cause=16;text="NORMAL_CLEARING"',
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
    );
    expect(rig.eventKinds().at(-1)).toBe("ended");
    expect(rig.pass(600)).toEqual(["BYE@500"]);
    rig.receive(answerTo(rig.lastRequest(), 200));
    expect(rig.eventKinds().at(-1)).toBe("closed");
    expect(rig.agent.callCount).toBe(0);
  });

  test("goes by way of a strict router as that wants it", () => {
    const rig = new Rig();
    rig.call({ headers: ["Record-Route: <sip:192.0.2.77>"] }).hangUp(rig.nowMs);
    expect(rig.lastRequest().uri).toBe("sip:192.0.2.77");
    expect(rig.lastRequest().headers.all("route")).toEqual(["<sip:zhang@192.0.2.9:5080>"]);
  });

  test("goes to where the peer's last request came from if its Contact is a name", () => {
    const rig = new Rig();
    const call = rig.call({ contact: "sip:zhang@pbx.example.com" });
    call.hangUp(rig.nowMs);
    expect(rig.sent.at(-1)?.destination).toEqual(PEER);
  });

  test("before the ACK waits for it (RFC 3261, section 15)", () => {
    const rig = new Rig();
    rig.call({}, "answered").hangUp(rig.nowMs);
    expect(rig.eventKinds()).toEqual(["invited", "ended"]);
    expect(rig.pass(600)).toEqual(["200@500"]);
    expect(rig.exchange(draft({ method: "ACK", toTag: "t1" }))).toEqual(["BYE"]);
    expect(rig.eventKinds()).toEqual(["invited", "ended"]);
  });

  test("before the ACK is over when the peer's BYE comes", () => {
    const rig = new Rig();
    rig.call({}, "answered").hangUp(rig.nowMs);
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 2 }))).toEqual([200]);
    expect(rig.eventKinds()).toEqual(["invited", "ended", "closed"]);
    expect(rig.pass(100_000)).toEqual([]);
  });

  test("while the peer hangs up answers its BYE too, and ends once", () => {
    const rig = new Rig();
    rig.call().hangUp(rig.nowMs);
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 2 }))).toEqual([200]);
    rig.receive(answerTo(rig.lastRequest(), 481));
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged", "ended", "closed"]);
  });

  test("gives up after 32 s without an answer, and other requests find no call meanwhile", () => {
    const rig = new Rig();
    rig.call().hangUp(rig.nowMs);
    expect(rig.exchange(draft({ method: "INFO", toTag: "t1", sequence: 2 }))).toEqual([481]);
    expect(rig.pass(32_000)).toHaveLength(10);
    expect(rig.eventKinds().at(-1)).toBe("closed");
    rig.pass(40_000);
    expect(rig.agent).toMatchObject({ callCount: 0, transactionCount: 0 });
  });

  test("while it rings refuses with 480", () => {
    const rig = new Rig();
    rig.ring().call.hangUp(rig.nowMs);
    expect(rig.lastResponse().status).toBe(480);
  });
});

describe("DTMF by INFO", () => {
  const info = (type: string, body: string) =>
    draft({ method: "INFO", toTag: "t1", sequence: 2, body, type });

  test.each([
    ["application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", { key: "5", durationMs: 160 }],
    ["application/dtmf-relay", "signal= 11\r\nduration = 250", { key: "#", durationMs: 250 }],
    ["Application/DTMF-Relay;x=y", "Signal=*\n", { key: "*", durationMs: 160 }],
    ["application/dtmf-relay", "Signal=d\r\nDuration=999999", { key: "D", durationMs: 10_000 }],
    ["application/dtmf", "7", { key: "7", durationMs: 160 }],
    ["application/dtmf", " #\r\n", { key: "#", durationMs: 160 }],
  ])("%s %j", (type, body, dtmf) => {
    const rig = new Rig();
    rig.call();
    expect(rig.exchange(info(type, body))).toEqual([200]);
    expect(rig.events.at(-1)).toMatchObject({ kind: "dtmf", ...dtmf });
  });

  test.each([
    ["application/dtmf-relay", "Signal=X\r\n", 400],
    ["application/dtmf", "55x", 400],
    ["application/media_control+xml", "<x/>", 415],
  ])("%s %j is refused", (type, body, status) => {
    const rig = new Rig();
    rig.call();
    expect(rig.exchange(info(type, body))).toEqual([status]);
    expect(rig.eventKinds()).not.toContain("dtmf");
  });

  test("is sent as well; a peer that knows no call ends it", () => {
    const rig = new Rig();
    const call = rig.call();
    call.sendDtmf({ key: "#", durationMs: 120 }, rig.nowMs);
    const request = rig.lastRequest();
    expect(request).toMatchObject({
      method: "INFO",
      body: new TextEncoder().encode("Signal=#\r\nDuration=120\r\n"),
    });
    expect(request.headers.first("content-type")).toBe("application/dtmf-relay");
    expect(rig.exchange(answerTo(request, 415))).toEqual([]);
    call.sendDtmf({ key: "1", durationMs: 120 }, rig.nowMs);
    expect(rig.exchange(answerTo(rig.lastRequest(), 481))).toEqual(["BYE"]);
    expect(rig.events.at(-1)).toMatchObject({ kind: "ended", how: "dialog-lost" });
  });

  test("an empty INFO asks whether the call still is", () => {
    const rig = new Rig();
    rig.call();
    expect(rig.exchange(draft({ method: "INFO", toTag: "t1", sequence: 2 }))).toEqual([200]);
  });
});
