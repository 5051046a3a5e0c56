import { describe, expect, test } from "bun:test";
import { answerTo, draft, OFFER, Rig, SDP } from "./rig.ts";

const HOLD = OFFER.replace("m=audio", "a=sendonly\r\nm=audio");
const later = (method: string, sequence: number, body = "") =>
  draft({ method, toTag: "t1", sequence, body, branch: `z9hG4bK-${method}-${sequence}` });

describe("the peer's re-INVITE", () => {
  test("is offered to the user, accepted and acknowledged; twice, as hold and resume do", () => {
    const rig = new Rig();
    const call = rig.call();
    for (const sequence of [2, 3]) {
      expect(rig.exchange(later("INVITE", sequence, HOLD))).toEqual([100]);
      expect(rig.events.at(-1)).toMatchObject({ kind: "reoffered", sdp: new TextEncoder().encode(HOLD) });
      call.accept(SDP, rig.nowMs);
      expect(rig.lastResponse()).toMatchObject({ status: 200, body: SDP });
      expect(rig.pass(600)).toEqual(["200@500"]);
      rig.receive(draft({ method: "ACK", toTag: "t1", sequence }));
      expect(rig.pass(10_000)).toEqual([]);
    }
    expect(rig.eventKinds()).toEqual(["invited", "acknowledged", "reoffered", "reoffered"]);
  });

  test("is declined with 488, and the call goes on", () => {
    const rig = new Rig();
    const call = rig.call();
    rig.receive(later("INVITE", 2, HOLD));
    call.decline(rig.nowMs);
    expect(rig.lastResponse().status).toBe(488);
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 3 }))).toEqual([200]);
  });

  test("without an offer gets ours, and its ACK the answer", () => {
    const rig = new Rig();
    const call = rig.call();
    rig.receive(later("INVITE", 2));
    expect(rig.events.at(-1)).toMatchObject({ kind: "reoffered", sdp: undefined });
    call.accept(SDP, rig.nowMs);
    expect(rig.exchange(later("INVITE", 3, HOLD))).toEqual([100, 491]);
    rig.receive(draft({ method: "ACK", toTag: "t1", sequence: 2, body: OFFER }));
    expect(rig.events.at(-1)).toMatchObject({ kind: "reanswered", sdp: new TextEncoder().encode(OFFER) });
  });

  test("names the Contact to which our BYE goes", () => {
    const rig = new Rig();
    const call = rig.call();
    rig.receive(draft({ toTag: "t1", sequence: 2, body: HOLD, contact: "<sip:new@192.0.2.50:5099>" }));
    call.accept(SDP, rig.nowMs);
    call.hangUp(rig.nowMs);
    expect(rig.lastRequest().uri).toBe("sip:new@192.0.2.50:5099");
    expect(rig.sent.at(-1)?.destination).toEqual({ transport: "UDP", address: "192.0.2.50", port: 5099 });
  });

  test.each([
    ["while another waits", (rig: Rig) => rig.receive(later("INVITE", 2, HOLD)), 3, 500],
    ["with an old number", (rig: Rig) => rig.receive(later("UPDATE", 9)), 9, 500],
  ])("%s is refused", (_, prepare, sequence, status) => {
    const rig = new Rig();
    rig.call();
    prepare(rig);
    expect(rig.exchange(later("INVITE", sequence, HOLD)).at(-1)).toBe(status);
  });

  test("before the first answer is refused", () => {
    const rig = new Rig();
    rig.ring().ring(rig.nowMs);
    expect(rig.exchange(later("INVITE", 2, HOLD))).toEqual([500]);
    expect(rig.lastResponse().headers.first("retry-after")).toBe("5");
  });

  test("that waits ends with the call: 487", () => {
    const rig = new Rig();
    rig.call();
    rig.receive(later("INVITE", 2, HOLD));
    expect(rig.exchange(draft({ method: "BYE", toTag: "t1", sequence: 3 }))).toEqual([200, 487]);
  });

  test("whose 200 is never acknowledged ends the call", () => {
    const rig = new Rig();
    const call = rig.call();
    rig.receive(later("INVITE", 2, HOLD));
    call.accept(SDP, rig.nowMs);
    expect(rig.pass(33_000)).toContain("BYE@32000");
  });
});

describe("the peer's UPDATE", () => {
  test("without an offer is accepted at once", () => {
    const rig = new Rig();
    rig.call();
    expect(rig.exchange(later("UPDATE", 2))).toEqual([200]);
    expect(rig.lastResponse().headers.first("contact")).toBe("<sip:lihao@192.0.2.1:25560>");
    expect(rig.eventKinds()).not.toContain("reoffered");
  });

  test("with an offer waits for the user; no ACK follows", () => {
    const rig = new Rig();
    const call = rig.call();
    expect(rig.exchange(later("UPDATE", 2, HOLD))).toEqual([]);
    expect(rig.exchange(later("UPDATE", 3))).toEqual([500]);
    call.accept(SDP, rig.nowMs);
    expect(rig.lastResponse()).toMatchObject({ status: 200, body: SDP });
    expect(rig.pass(10_000)).toEqual([]);
  });

  test("with an offer before ours to the first is answered is refused", () => {
    const rig = new Rig();
    rig.ring().ring(rig.nowMs);
    expect(rig.exchange(later("UPDATE", 2, HOLD))).toEqual([500]);
    expect(rig.exchange(later("UPDATE", 3))).toEqual([200]);
  });

  test.each([
    ["another type", draft({ method: "UPDATE", toTag: "t1", sequence: 2, body: "x", type: "text/plain" })],
    [
      "an encoding",
      draft({ method: "UPDATE", toTag: "t1", sequence: 2, body: OFFER, headers: ["Content-Encoding: gzip"] }),
    ],
  ])("with %s of body is refused", (_, update) => {
    const rig = new Rig();
    rig.call();
    expect(rig.exchange(update)).toEqual([415]);
  });
});

describe("an offer of ours", () => {
  test("is sent, answered and acknowledged", () => {
    const rig = new Rig();
    const call = rig.call();
    expect(call.offer(SDP, rig.nowMs)).toBe(true);
    expect(call.offer(SDP, rig.nowMs)).toBe(false);
    const invite = rig.lastRequest();
    expect(invite).toMatchObject({ method: "INVITE", body: SDP });
    const answer = answerTo(
      invite,
      200,
      ["Contact: <sip:z@192.0.2.60>", "Content-Type: application/sdp"],
      OFFER,
    );
    expect(rig.exchange(answer)).toEqual(["ACK"]);
    expect(rig.lastRequest()).toMatchObject({ method: "ACK", uri: "sip:z@192.0.2.60" });
    expect(rig.lastRequest().headers.first("cseq")).toBe("1 ACK");
    expect(rig.exchange(answer)).toEqual(["ACK"]);
    const answers = rig.events.filter(({ kind }) => kind === "reanswered");
    expect(answers).toMatchObject([{ sdp: new TextEncoder().encode(OFFER), refusedWith: undefined }]);
    call.hangUp(rig.nowMs);
    expect(rig.lastRequest().headers.first("cseq")).toBe("2 BYE");
  });

  test("meets an offer of the peer's: both get 491, ours is tried again", () => {
    const rig = new Rig();
    const call = rig.call();
    call.offer(SDP, rig.nowMs);
    const invite = rig.lastRequest();
    expect(rig.exchange(later("INVITE", 2, HOLD))).toEqual([100, 491]);
    rig.receive(draft({ method: "ACK", toTag: "t1", sequence: 2, branch: "z9hG4bK-INVITE-2" }));
    expect(rig.exchange(answerTo(invite, 491))).toEqual(["ACK"]);
    expect(rig.pass(1000)).toEqual(["INVITE@1000"]);
    expect(rig.lastRequest().headers.first("cseq")).toBe("2 INVITE");
  });

  test("that the peer refuses leaves the session as it was", () => {
    const rig = new Rig();
    const call = rig.call();
    call.offer(SDP, rig.nowMs);
    const invite = rig.lastRequest();
    expect(rig.exchange(answerTo(invite, 488))).toEqual(["ACK"]);
    const [via] = invite.headers.all("via");
    expect(rig.lastRequest().headers.first("via")).toBe(via ?? "");
    expect(rig.events.at(-1)).toMatchObject({ kind: "reanswered", refusedWith: 488 });
    expect(call.offer(SDP, rig.nowMs)).toBe(true);
  });

  test.each([481, 408])("answered with %d ends the call with a BYE", (status) => {
    const rig = new Rig();
    const call = rig.call();
    call.offer(SDP, rig.nowMs);
    expect(rig.exchange(answerTo(rig.lastRequest(), status))).toEqual(["ACK", "BYE"]);
    expect(rig.events.at(-1)).toMatchObject({ kind: "ended", by: "network", how: "dialog-lost" });
  });

  test("is acknowledged even if the call ended meanwhile", () => {
    const rig = new Rig();
    const call = rig.call();
    call.offer(SDP, rig.nowMs);
    const invite = rig.lastRequest();
    call.hangUp(rig.nowMs);
    expect(rig.exchange(answerTo(invite, 200, ["Contact: <sip:z@192.0.2.60>"], OFFER))).toEqual(["ACK"]);
    expect(rig.eventKinds().at(-1)).toBe("ended");
  });

  test("can't be made before the ACK", () => {
    const rig = new Rig();
    expect(rig.call({}, "answered").offer(SDP, rig.nowMs)).toBe(false);
  });
});

describe("the session timer (RFC 4028)", () => {
  const timed = (expires: string, extra: readonly string[] = ["Supported: timer"]) => ({
    headers: [`Session-Expires: ${expires}`, ...extra],
  });

  test("is left to a peer that supports it, and hangs up if it fails to refresh", () => {
    const rig = new Rig();
    rig.call(timed("1800"));
    expect(rig.lastResponse().headers.first("session-expires")).toBe("1800;refresher=uac");
    expect(rig.lastResponse().headers.first("require")).toBe("timer");
    rig.pass(1_700_000);
    rig.receive(draft({ method: "UPDATE", toTag: "t1", sequence: 2, ...timed("90;refresher=uac") }));
    expect(rig.lastResponse().headers.first("session-expires")).toBe("90;refresher=uac");
    expect(rig.pass(60_000)).toEqual(["BYE@60000"]);
    expect(rig.events.at(-1)).toMatchObject({ kind: "ended", by: "network", how: "session-expired" });
  });

  test("is refreshed by us with UPDATE where the peer allows it, in the compact form too", () => {
    const rig = new Rig();
    rig.call({ headers: ["x: 600;refresher=uas", "k: timer", "Allow: INVITE, UPDATE"] });
    expect(rig.lastResponse().headers.first("session-expires")).toBe("600;refresher=uas");
    expect(rig.lastResponse().headers.first("require")).toBeUndefined();
    expect(rig.pass(300_000)).toEqual(["UPDATE@300000"]);
    const update = rig.lastRequest();
    expect(update.headers.first("session-expires")).toBe("600;refresher=uac");
    expect(update.headers.first("min-se")).toBe("90");
    rig.receive(answerTo(update, 200, ["Session-Expires: 200;refresher=uac"]));
    expect(rig.pass(100_000)).toEqual(["UPDATE@100000"]);
    rig.receive(answerTo(rig.lastRequest(), 200, ["Session-Expires: 200;refresher=uas"]));
    expect(rig.pass(168_000)).toEqual(["BYE@168000"]);
  });

  test.each(["0", "1;refresher=uac"])("an answer of %s s neither ends the call nor floods it", (expires) => {
    const rig = new Rig();
    rig.call({ headers: ["x: 600;refresher=uas", "k: timer", "Allow: INVITE, UPDATE"] });
    rig.pass(300_000);
    rig.receive(answerTo(rig.lastRequest(), 200, [`Session-Expires: ${expires}`]));
    expect(rig.pass(45_000)).toEqual(["UPDATE@45000"]);
  });

  test("is refreshed with a re-INVITE of the same description elsewhere", () => {
    const rig = new Rig();
    rig.call(timed("600", []));
    expect(rig.lastResponse().headers.first("session-expires")).toBe("600;refresher=uas");
    expect(rig.pass(300_000)).toEqual(["INVITE@300000"]);
    expect(rig.lastRequest().body).toEqual(SDP);
  });

  test("does not run if nobody asks for it, and stops when a re-INVITE leaves it out", () => {
    const rig = new Rig();
    const call = rig.call(timed("600"));
    rig.receive(later("INVITE", 2, HOLD));
    call.accept(SDP, rig.nowMs);
    rig.receive(draft({ method: "ACK", toTag: "t1", sequence: 2 }));
    expect(rig.pass(1_000_000)).toEqual([]);
  });

  test("a session that is too short is refused with 422", () => {
    const rig = new Rig();
    expect(rig.exchange(draft(timed("89")))).toEqual([422]);
    expect(rig.lastResponse().headers.first("min-se")).toBe("90");
    expect(rig.events).toEqual([]);
    rig.call({ callId: "other" });
    expect(
      rig.exchange(
        draft({ method: "UPDATE", callId: "other", toTag: rig.localTag(), sequence: 2, ...timed("5") }),
      ),
    ).toEqual([422]);
  });
});
