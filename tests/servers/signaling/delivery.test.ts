import { describe, expect, test } from "bun:test";
import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import type { Request } from "../../../src/protocols/signaling/message.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { type Gateway, PASSWORD, registerText, startGateway } from "./gateway.ts";
import { openRawClient } from "./raw-client.ts";

describe("retransmission", () => {
  test("the same request is answered the same, and nothing is done twice", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using nway = await gateway.register("nway");
    const fields = { sessionid: "s1", order: 7, data: { callee_number: "nway" } };
    const first = await lihao.request("invite", fields);
    expect(await lihao.request("invite", fields)).toEqual(first);
    expect(await lihao.request("invite", { ...fields, order: 8 })).toMatchObject({ data: { code: "506" } });
    await nway.nextRequest("invite");
    expect(await nway.request("answer", { sessionid: "s1", order: 1 })).toMatchObject({
      data: { code: "200ok" },
    });
    expect(await nway.request("answer", { sessionid: "s1", order: 1 })).toMatchObject({
      data: { code: "200ok" },
    });
    expect(await nway.request("answer", { sessionid: "s1", order: 2 })).toMatchObject({
      data: { code: "506" },
    });
    expect(gateway.calls.size).toBe(1);
    expect(gateway.lines.filter((line) => line.includes(" call.created "))).toHaveLength(1);
  });

  test("a repeated register registers once", async () => {
    await using gateway = startGateway();
    await using client = await gateway.connect("lihao");
    const fields = { sessionid: "r", order: 1, data: { password: PASSWORD } };
    expect(await client.request("register", fields)).toEqual(await client.request("register", fields));
    expect(gateway.lines.filter((line) => line.includes(" signaling.registered "))).toHaveLength(1);
  });

  test("a client that comes anew, without calls, is not answered from memory", async () => {
    await using gateway = startGateway();
    const fields = { sessionid: "s", order: 5, data: { callee_number: "nway", msg: "x" } };
    await using older = await gateway.register("lihao");
    expect((await older.request("message", fields)).data.code).toBe("480");
    await using _nway = await gateway.register("nway");
    await using newer = await gateway.register("lihao");
    expect((await newer.request("message", fields)).data.code).toBe("200ok");
  });

  test("a new call in an old session may count anew, on either side", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using nway = await gateway.register("nway");
    const inSession = { sessionid: "1", data: {} };
    const call = async (from: typeof lihao, to: typeof nway, callee_number: string, order: number) => {
      const invited = await from.request("invite", { sessionid: "1", order, data: { callee_number } });
      expect(invited.data.code).toBe("200ok");
      await to.nextRequest("invite");
      expect((await to.request("answer", { ...inSession, order: 1 })).data.code).toBe("200ok");
      expect(gateway.calls.snapshot()).toMatchObject([{ state: "talking" }]);
      expect((await to.request("bye", { ...inSession, order: 2 })).data.code).toBe("200ok");
      expect(gateway.calls.size).toBe(0);
      await from.nextRequest("bye");
    };
    await call(lihao, nway, "nway", 1);
    await call(lihao, nway, "nway", 2);
    await call(nway, lihao, "lihao", 1);
    await call(nway, lihao, "lihao", 2);
    await nway.request("invite", { sessionid: "1", order: 3, data: { callee_number: "lihao" } });
    await nway.request("bye", { ...inSession, order: 2 });
    expect(gateway.calls.size).toBe(0);
  });

  test("the memory of responses is bounded, oldest forgotten first", async () => {
    await using gateway = startGateway();
    await using client = await gateway.register("lihao");
    for (let order = 1; order <= 200; order++) {
      await client.request("message", { sessionid: "s", order, data: { callee_number: "nway", msg: "x" } });
    }
    expect(gateway.clients.find("lihao")?.responses.size).toBe(64);
  });

  test("our requests are repeated until answered, in the version the peer registered with", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const nway = await openRawClient(gateway.port);
    nway.sendText(registerText("nway"));
    await waitFor("both registrations", () => gateway.clients.size === 2);
    await lihao.invite("nway", {}, "s1");
    const count = () =>
      nway.text().split('"method":"invite","version":"1.0","sessionid":"s1","order":1').length - 1;
    for (let attempt = 1; attempt <= 5; attempt++) {
      await waitFor("the repeated invite", () => count() === attempt);
      clock.advance(2_000);
    }
    const bye = await lihao.nextRequest("bye", "s1");
    expect(bye.data).toMatchObject({ code: "480", msg: "NO_USER_RESPONSE", cause: "NO_USER_RESPONSE" });
    expect(count()).toBe(5);
    nway.destroy();
  });
});

describe("a socket that is lost or replaced", () => {
  /** The callee of the one call. */
  async function loseCallee(gateway: Gateway, callee: SignalingClient): Promise<void> {
    callee.terminate();
    await waitFor("the callee's lost socket", () => gateway.calls.snapshot()[0]?.calleeAway === true);
  }

  /** The callee goes while it rings. */
  async function inviteAndLose(gateway: Gateway, caller: SignalingClient) {
    const callee = await gateway.register("nway");
    const invitation = await caller.invite("nway");
    await callee.nextRequest("invite", invitation.sessionid);
    await loseCallee(gateway, callee);
    return invitation;
  }

  test("a newer registration closes the older socket with 4001 and takes its call over", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using older = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await older.nextRequest("invite", sessionid);
    await using newer = await gateway.register("nway");
    expect(await older.closed).toEqual({ code: 4001, reason: "replaced" });
    expect((await newer.answer(sessionid)).data.code).toBe("200ok");
    expect(gateway.calls.snapshot()).toMatchObject([{ state: "talking", calleeAway: false }]);
    await lihao.bye(sessionid);
    expect((await newer.nextRequest("bye", sessionid)).data.code).toBe("200ok");
    expect(gateway.clients.size).toBe(2);
  });

  test("what was waiting comes in order after the next registration, and a response is still known", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const lost = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await lost.nextRequest("invite", sessionid);
    const answered = await lost.request("answer", { sessionid, order: 5 });
    await loseCallee(gateway, lost);
    for (const msg of ["one", "two", "three"]) await lihao.message(sessionid, "nway", msg);
    clock.advance(29_000);
    const seen: string[] = [];
    const onRequest = ({ data }: Request) => void (data.event === undefined && seen.push(data.msg ?? ""));
    await using back = await gateway.connect("nway", { onRequest });
    expect((await back.register(PASSWORD)).data.code).toBe("200ok");
    await waitFor("three messages", () => seen.length === 3);
    expect(seen).toEqual(["one", "two", "three"]);
    expect(await back.request("answer", { sessionid, order: 5 })).toEqual(answered);
    expect(gateway.calls.snapshot()).toMatchObject([{ state: "talking", calleeAway: false }]);
    await lihao.bye(sessionid);
    expect((await back.nextRequest("bye", sessionid)).data.code).toBe("200ok");
  });

  test("a new socket may count anew: another text under a known order is another message", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using nway = await gateway.register("nway", { version: "1.0" });
    const { sessionid } = await lihao.invite("nway");
    const say = (client: typeof lihao, msg: string) =>
      client.request("message", { sessionid, order: 9, data: { msg } });
    await say(lihao, "one");
    await using back = await gateway.register("lihao");
    for (const msg of ["one", "two"]) expect((await say(back, msg)).data.code).toBe("200ok");
    expect((await nway.nextRequest("message")).data.msg).toBe("one");
    expect((await nway.nextRequest("message")).data.msg).toBe("two");
  });

  async function hangUpOnSilent(gateway: Gateway, lihao: SignalingClient) {
    const silent = await gateway.register("nway", { onRequest: () => "silence" });
    const { sessionid } = await lihao.invite("nway");
    await silent.answer(sessionid);
    await lihao.bye(sessionid);
    await silent.nextRequest("bye", sessionid);
    return { silent, sessionid };
  }

  test("a client that leaves without confirming the end of its call is not waited for", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const { silent } = await hangUpOnSilent(gateway, lihao);
    await silent.close();
    await waitFor("no registration of the callee", () => gateway.clients.size === 1);
  });

  test("the end of a call that was not confirmed comes again", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const { silent, sessionid } = await hangUpOnSilent(gateway, lihao);
    silent.terminate();
    await waitFor("the lost socket", () => gateway.clients.snapshot()[1]?.connected === false);
    await using back = await gateway.register("nway");
    expect((await back.nextRequest("bye", sessionid)).data.msg).toBe("NORMAL_CLEARING");
    await back.close();
    await waitFor("no registration of the callee", () => gateway.clients.size === 1);
  });

  test("what the lost socket did not answer comes again at once", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const silent = await gateway.register("nway", { onRequest: () => "silence" });
    const { sessionid } = await lihao.invite("nway");
    const invite = await silent.nextRequest("invite", sessionid);
    await loseCallee(gateway, silent);
    await using back = await gateway.register("nway");
    expect(await back.nextRequest("invite", sessionid)).toEqual(invite);
  });

  test("whoever stays away too long has hung up", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using lihao = await gateway.register("lihao");
    const lost = await gateway.register("nway");
    const { sessionid } = await lihao.invite("nway");
    await lost.nextRequest("invite", sessionid);
    await lost.answer(sessionid);
    await loseCallee(gateway, lost);
    for (const stream of gateway.media.streams.values()) stream.frameAtMs = 25_000;
    clock.advance(31_000);
    const bye = await lihao.nextRequest("bye", sessionid);
    expect(bye.data).toMatchObject({ code: "480", msg: "RECOVERY_ON_TIMER_EXPIRE" });
    expect(gateway.clients.snapshot().map(({ user }) => user)).toEqual(["lihao"]);
  });

  test("waiting texts are bounded, and their sender told so", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const { sessionid } = await inviteAndLose(gateway, lihao);
    const answers: string[] = [];
    for (let index = 0; index < 100; index++) {
      const { data } = await lihao.message(sessionid, "nway", `${index}`);
      answers.push(`${data.code} ${data.msg}`);
    }
    expect(answers.slice(0, 64).every((answer) => answer === "200ok OK")).toBe(true);
    expect(answers.slice(64).every((answer) => answer === "480 SWITCH_CONGESTION")).toBe(true);
  });

  test("a stranger's texts push no call out of the queue", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    await using third = await gateway.register("third");
    await using silent = await gateway.register("nway", { onRequest: () => "silence" });
    const { sessionid } = await lihao.invite("nway");
    for (let index = 0; index < 100; index++) await third.message(`m${index}`, "nway", "x");
    await silent.nextRequest("invite", sessionid);
    expect(gateway.calls.snapshot()).toMatchObject([{ state: "inviting" }]);
  });

  test("so are their bytes", async () => {
    await using gateway = startGateway();
    await using lihao = await gateway.register("lihao");
    const { sessionid } = await inviteAndLose(gateway, lihao);
    const waitingBefore = gateway.clients.find("nway")?.waitingCount ?? 0;
    for (let index = 0; index < 20; index++) await lihao.message(sessionid, "nway", "x".repeat(30_000));
    expect(gateway.clients.find("nway")?.waitingCount).toBe(waitingBefore + 2);
  });

  test("without calls nobody is waited for", async () => {
    await using gateway = startGateway();
    const client = await gateway.register("lihao");
    await client.close();
    await waitFor("no registration", () => gateway.clients.size === 0);
  });
});
