import { describe, expect, test } from "bun:test";
import { fromWireBytes, toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { answerTo, draft, OFFER, PEER, Rig, SDP, textOf } from "./rig.ts";

describe("a request without a call", () => {
  test.each([
    ["OPTIONS", draft({ method: "OPTIONS" }), [200]],
    ["an INVITE in a dialog that is not ours", draft({ toTag: "x", body: OFFER }), [481]],
    ["OPTIONS in one", draft({ method: "OPTIONS", toTag: "x" }), [481]],
    ["BYE", draft({ method: "BYE", toTag: "x" }), [481]],
    ["BYE without a tag", draft({ method: "BYE" }), [481]],
    ["CANCEL", draft({ method: "CANCEL" }), [481]],
    ["UPDATE", draft({ method: "UPDATE", toTag: "x" }), [481]],
    ["INFO", draft({ method: "INFO", toTag: "x" }), [481]],
    ["ACK", draft({ method: "ACK", toTag: "x" }), []],
    ["PRACK", draft({ method: "PRACK", toTag: "x" }), [501]],
    ["REGISTER", draft({ method: "REGISTER" }), [405]],
    ["MESSAGE", draft({ method: "MESSAGE" }), [405]],
    ["an unknown method", draft({ method: "BREW" }), [501]],
    ["Require: 100rel", draft({ body: OFFER, headers: ["Require: timer, 100rel"] }), [420]],
    ["a method that CSeq does not name", draft({ sequenceMethod: "BYE" }), [400]],
    ["a CSeq out of range", draft({ sequence: 2 ** 31 }), [400]],
    ["another version", toWireBytes(fromWireBytes(draft()).replace("SIP/2.0\r", "SIP/7.0\r")), [505]],
    ["a tel: URI", draft({ uri: "tel:+8613900000001" }), [416]],
    ["a URI that is none", draft({ uri: "sip:a b@c" }), [400]],
    ["a user that is not UTF-8", draft({ uri: "sip:%ff@192.0.2.1" }), [400]],
    [
      "a user with line breaks in it",
      draft({ uri: "sip:a%0d%0aX-Evil%3A%201@192.0.2.1", body: OFFER }),
      [400],
    ],
    ["a Contact that is none", draft({ contact: "<sip:a@b", body: OFFER }), [400]],
    ["two Contacts", draft({ contact: "<sip:a@b>, <sip:c@d>", body: OFFER }), [400]],
    ["a body of another type", draft({ body: "x", type: "text/plain" }), [415]],
    ["a body cut short", draft({ body: OFFER }).slice(0, -1), [400]],
    ["a header line without a name", draft({ headers: [": x"] }), [400]],
    ["two From", draft({ headers: ["f: <sip:b@c>;tag=y"] }), [400]],
  ])("%s: %j", (_, request, statuses) => {
    const rig = new Rig();
    const answered = rig.exchange(request);
    expect(answered).toEqual(statuses);
    expect(rig.events).toEqual([]);
    expect(rig.agent.callCount).toBe(0);
  });

  test("what OPTIONS and refusals say", () => {
    const rig = new Rig();
    rig.receive(draft({ method: "OPTIONS" }));
    const { headers } = rig.lastResponse();
    expect(headers.first("allow")).toBe("INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE");
    expect(headers.first("accept")).toBe("application/sdp");
    expect(headers.first("to")).toMatch(/;tag=t1$/);
    rig.receive(draft({ callId: "c2", headers: ["Require: timer, 100rel", "Require: Foo"], body: OFFER }));
    expect(rig.lastResponse().headers.first("unsupported")).toBe("100rel, foo");
    rig.receive(draft({ callId: "c3", method: "PRACK", toTag: "x" }));
    expect(rig.lastResponse().headers.first("allow")).not.toContain("PRACK");
  });

  test("in a call that is: PRACK and Require are refused there too", () => {
    const rig = new Rig();
    rig.call();
    expect(rig.exchange(draft({ method: "PRACK", toTag: "t1", sequence: 2 }))).toEqual([501]);
    const update = draft({ method: "UPDATE", toTag: "t1", sequence: 3, headers: ["Require: 100rel"] });
    expect(rig.exchange(update)).toEqual([420]);
    expect(rig.exchange(draft({ method: "OPTIONS", toTag: "t1", sequence: 4 }))).toEqual([200]);
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged"]);
  });
});

describe("retransmission and loops", () => {
  test("an INVITE that comes again makes no second call, and gets the last answer", () => {
    const rig = new Rig();
    const invite = draft({ body: OFFER });
    expect(rig.exchange(invite)).toEqual([100]);
    rig.invite.ring(rig.nowMs);
    expect(rig.exchange(invite)).toEqual([180]);
    expect(rig.eventKinds()).toEqual(["invited"]);
  });

  test("the same INVITE by another path is a loop: 482", () => {
    const rig = new Rig();
    rig.receive(draft({ body: OFFER }));
    expect(rig.exchange(draft({ body: OFFER }))).toEqual([482]);
    expect(rig.eventKinds()).toEqual(["invited"]);
    expect(rig.exchange(draft({ body: OFFER, sequence: 2 }))).toEqual([100]);
  });

  test("a peer without branches (RFC 2543) is told apart by the whole request", () => {
    const rig = new Rig();
    const via = "Via: SIP/2.0/UDP 192.0.2.9:5080";
    expect(rig.exchange(draft({ via, body: OFFER }))).toEqual([100]);
    const { call } = rig.invite;
    expect(rig.exchange(draft({ via, body: OFFER }))).toEqual([100]);
    expect(rig.exchange(draft({ via, body: OFFER, callId: "call-2" }))).toEqual([100]);
    expect(rig.eventKinds()).toEqual(["invited", "invited"]);
    call.hangUp(rig.nowMs, { status: 486 });
    rig.receive(draft({ via, method: "ACK", toTag: "t1" }));
    expect(rig.pass(20_000)).toEqual([]);
  });

  test("a BYE that comes again is answered again", () => {
    const rig = new Rig();
    rig.call();
    const bye = draft({ method: "BYE", toTag: "t1", sequence: 2 });
    expect(rig.exchange(bye)).toEqual([200]);
    expect(rig.exchange(bye)).toEqual([200]);
    rig.pass(40_000);
    expect(rig.exchange(bye)).toEqual([481]);
    expect(rig.eventKinds().filter((kind) => kind === "ended")).toHaveLength(1);
  });
});

describe("where answers go", () => {
  const source = { transport: "UDP", address: "203.0.113.7", port: 61_000 } as const;
  test.each([
    [
      "rport",
      "Via: SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bK-a",
      61_000,
      ";rport=61000;branch=z9hG4bK-a;received=203.0.113.7",
    ],
    [
      "the port of the Via",
      "Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bK-b",
      5099,
      ";branch=z9hG4bK-b;received=203.0.113.7",
    ],
    [
      "the default port",
      "v: SIP/2.0/UDP pbx.example.com;branch=z9hG4bK-c",
      5060,
      ";branch=z9hG4bK-c;received=203.0.113.7",
    ],
    [
      "never maddr",
      "Via: SIP/2.0/UDP 203.0.113.7;maddr=192.0.2.200;branch=z9hG4bK-d",
      5060,
      ";maddr=192.0.2.200;branch=z9hG4bK-d",
    ],
  ])("%s", (_, via, port, parameters) => {
    const rig = new Rig();
    const [sent] = rig.receive(draft({ method: "OPTIONS", via }), source);
    expect(sent?.destination).toEqual({ transport: "UDP", address: "203.0.113.7", port });
    expect(sent && textOf(sent).split("\r\n")[1]).toEndWith(parameters);
  });

  test("every Via comes back, in order, however they were written", () => {
    const rig = new Rig();
    const via = [
      "Via: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK-1, SIP/2.0/TCP a.example.com;branch=z9hG4bK-2",
      'v:SIP / 2.0 / UDP b.example.com:5070 ;x="a, b";branch=z9hG4bK-3',
    ].join("\r\n");
    const [sent] = rig.receive(draft({ method: "OPTIONS", via }));
    expect(sent && textOf(sent).split("\r\n").slice(1, 4)).toEqual([
      "Via: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK-1",
      "Via: SIP/2.0/TCP a.example.com;branch=z9hG4bK-2",
      'Via: SIP / 2.0 / UDP b.example.com:5070 ;x="a, b";branch=z9hG4bK-3',
    ]);
  });
});

describe("noise", () => {
  test.each([
    ["nothing", ""],
    ["a keep-alive", "\r\n\r\n"],
    ["a keep-alive of some phones", "\0\0\0\0"],
  ])("%s is not even counted", (_, text) => {
    const rig = new Rig();
    expect(rig.exchange(toWireBytes(text))).toEqual([]);
    expect(rig.agent.counters).toEqual({ malformed: 0, stray: 0 });
  });

  test.each([
    ["text", "hello\r\n\r\n"],
    ["HTTP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a request without Via", "OPTIONS sip:a@b SIP/2.0\r\nFrom: <sip:a@b>\r\n\r\n"],
    ["a response without headers", "SIP/2.0 200 OK\r\n\r\n"],
  ])("%s is counted and not answered", (_, text) => {
    const rig = new Rig();
    expect(rig.exchange(toWireBytes(text))).toEqual([]);
    expect(rig.agent.counters.malformed).toBe(1);
  });

  test("responses that fit no request of ours are counted", () => {
    const rig = new Rig();
    rig.call().hangUp(rig.nowMs);
    const bye = rig.lastRequest();
    const answer = fromWireBytes(answerTo(bye, 200));
    rig.receive(toWireBytes(answer.replace("branch=", "branch=x")));
    rig.receive(toWireBytes(answer.replace("1 BYE", "1 INVITE")));
    rig.receive(
      toWireBytes(answer.replace("\r\n", "\r\nVia: SIP/2.0/UDP 192.0.2.1:1;branch=z9hG4bKother\r\n")),
    );
    expect(rig.agent.counters.stray).toBe(3);
    expect(rig.eventKinds().at(-1)).toBe("ended");
  });
});

describe("limits", () => {
  test("more calls than allowed are refused with 503", () => {
    const rig = new Rig({ maxCalls: 1 });
    rig.receive(draft({ body: OFFER }));
    expect(rig.exchange(draft({ callId: "c2", body: OFFER }))).toEqual([503]);
    expect(rig.lastResponse().headers.first("retry-after")).toBe("5");
  });

  test("a call that waits for the answer to its BYE takes no other's place", () => {
    const rig = new Rig({ maxCalls: 1 });
    rig.call().hangUp(rig.nowMs);
    expect(rig.agent.callCount).toBe(1);
    expect(rig.exchange(draft({ callId: "c2", body: OFFER }))).toEqual([100]);
    expect(rig.exchange(draft({ callId: "c3", body: OFFER }))).toEqual([503]);
  });

  test("a full table refuses what is new, and lets calls be changed, cancelled and ended", () => {
    const rig = new Rig({ maxTransactions: 3 });
    rig.call();
    const toTag = rig.localTag();
    const ringing = { callId: "c2", branch: "z9hG4bK-c2" };
    rig.ring(ringing);
    rig.receive(draft({ method: "OPTIONS" }));
    expect(rig.exchange(draft({ callId: "c3", body: OFFER }))).toEqual([503]);
    expect(rig.exchange(draft({ method: "OPTIONS" }))).toEqual([503]);
    expect(rig.exchange(draft({ method: "BYE", toTag: "x" }))).toEqual([503]);
    expect(rig.exchange(draft({ method: "CANCEL" }))).toEqual([503]);
    expect(rig.exchange(draft({ ...ringing, method: "CANCEL" }))).toEqual([200, 487]);
    expect(rig.exchange(draft({ method: "UPDATE", toTag, sequence: 2 }))).toEqual([200]);
    expect(rig.exchange(draft({ method: "BYE", toTag, sequence: 3 }))).toEqual([200]);
    expect(rig.agent.transactionCount).toBe(6);
  });

  test("the place for what is within calls ends too, and a BYE of ours then counts as timed out", () => {
    const rig = new Rig({ maxTransactions: 1 });
    const call = rig.call();
    const toTag = rig.localTag();
    expect(rig.exchange(draft({ method: "UPDATE", toTag, sequence: 2 }))).toEqual([200]);
    expect(rig.exchange(draft({ method: "UPDATE", toTag, sequence: 3 }))).toEqual([503]);
    expect(rig.agent.transactionCount).toBe(2);
    call.hangUp(rig.nowMs);
    expect(rig.eventKinds().slice(-2)).toEqual(["ended", "closed"]);
  });

  test("an offer of ours that finds no room ends the call", () => {
    const rig = new Rig({ maxTransactions: 1 });
    const call = rig.call();
    rig.receive(draft({ method: "UPDATE", toTag: rig.localTag(), sequence: 2 }));
    expect(call.offer(SDP, rig.nowMs)).toBe(true);
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged", "ended", "closed"]);
  });

  test("a thousand calls leave nothing behind", () => {
    const rig = new Rig({ maxTransactions: 10_000 });
    for (let i = 0; i < 1000; i++) {
      const callId = `call-${i}`;
      const call = rig.call({ callId, branch: `z9hG4bK-${i}` });
      if (i % 2 === 0) call.hangUp(rig.nowMs);
      else rig.receive(draft({ method: "BYE", callId, toTag: rig.localTag(), sequence: 2 }));
      if (i % 2 === 0) rig.receive(answerTo(rig.lastRequest(), 200));
      rig.sent.length = 0;
    }
    expect(rig.agent.callCount).toBe(0);
    rig.pass(40_000);
    expect(rig.agent.transactionCount).toBe(0);
    expect(rig.agent.nextDeadlineMs).toBe(Number.POSITIVE_INFINITY);
  });
});

test("an error of the user's own is not swallowed", () => {
  const rig = new Rig();
  rig.onEvent = () => {
    throw new TypeError("mine");
  };
  expect(() => rig.receive(draft({ body: OFFER }))).toThrow("mine");
});

test("a listener that throws is told of, and the call ends all the same", () => {
  const bugs: string[] = [];
  const rig = new Rig({ onBug: (_, event) => void bugs.push(event) });
  rig.onEvent = (event) => {
    if (event.kind !== "invited") throw new TypeError("mine");
  };
  rig.call();
  expect(rig.exchange(draft({ method: "BYE", toTag: rig.localTag(), sequence: 2 }))).toEqual([200]);
  expect(bugs).toEqual(["acknowledged", "ended", "closed"]);
  expect(rig.agent.callCount).toBe(0);
});

test("the IPv6 addresses of a call come back in brackets", () => {
  const rig = new Rig({ address: "2001:db8::1" });
  const source = { ...PEER, address: "2001:db8::9" };
  const via = "Via: SIP/2.0/UDP [2001:db8::9]:5080;branch=z9hG4bK-six";
  rig.receive(draft({ via, contact: "<sip:z@[2001:db8::9]:5081>", body: OFFER }), source);
  rig.invite.answer(SDP, rig.nowMs);
  expect(rig.lastResponse().headers.first("contact")).toBe("<sip:lihao@[2001:db8::1]:25560>");
  expect(rig.lastResponse().headers.first("via")).toBe("SIP/2.0/UDP [2001:db8::9]:5080;branch=z9hG4bK-six");
  rig.receive(draft({ method: "ACK", toTag: "t1" }), source);
  rig.invite.call.hangUp(rig.nowMs);
  expect(rig.sent.at(-1)?.destination).toEqual({ transport: "UDP", address: "2001:db8::9", port: 5081 });
});
