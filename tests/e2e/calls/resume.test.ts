import { describe, expect, test } from "bun:test";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor, within } from "../../peers/wait.ts";
import { readCalls, readStreams, readUsers, waitForStream } from "./gateway-state.ts";
import { pushTone } from "./tone.ts";
import { register, startCall } from "./two-people.ts";

describe("a client that lost its socket", () => {
  test("gets what waited for it, in order, and the call goes on", async () => {
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    const { caller, callee, sessionid } = call;
    using _tone = await pushTone(callee.push);
    callee.client.terminate();
    await waitFor("the loss to be noticed", async () =>
      (await readUsers(gateway)).some(({ name, address }) => name === "nway" && address === undefined),
    );
    const words = Array.from({ length: 20 }, (_, n) => `word ${n}`);
    for (const word of words) {
      const { data } = await caller.client.message(sessionid, "nway", word);
      expect(data.code).toBe("200ok");
    }
    expect((await readCalls(gateway)).map(({ state }) => state)).toEqual(["talking"]);

    await using nway = await register(gateway, "nway");
    const heard: string[] = [];
    for (const _ of words) heard.push((await nway.nextRequest("message", sessionid)).data.msg ?? "");
    expect(heard).toEqual(words);
    const before = await waitForStream(gateway, callee.push, "sound", ({ bytesIn }) => bytesIn > 0);
    await waitForStream(gateway, callee.push, "more sound", ({ bytesIn }) => bytesIn > before.bytesIn);
    expect((await nway.bye(sessionid)).data.code).toBe("200ok");
    expect((await caller.client.nextRequest("bye", sessionid)).data.msg).toBe("NORMAL_CLEARING");
    expect(await readStreams(gateway)).toEqual([]);
  });

  test("hears that the call ended meanwhile", async () => {
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    call.callee.client.terminate();
    await call.caller.client.bye(call.sessionid);
    await using nway = await register(gateway, "nway");
    expect((await nway.nextRequest("bye", call.sessionid)).data).toMatchObject({ code: "200ok" });
  });

  test("is called, and finds the invite when it is back", async () => {
    await using gateway = await startGateway();
    await using lihao = await register(gateway, "lihao");
    const away = await register(gateway, "nway", { onRequest: () => "silence" });
    const { sessionid, response } = await lihao.invite("nway");
    expect(response.data.code).toBe("200ok");
    await away.nextRequest("invite", sessionid);
    away.terminate();
    await using nway = await register(gateway, "nway");
    expect((await nway.nextRequest("invite", sessionid)).data.caller_number).toBe("lihao");
    expect((await nway.answer(sessionid)).data.code).toBe("200ok");
    await lihao.nextRequest("answer", sessionid);
  });

  test("and stays away ends the call, and the other hears why", async () => {
    await using gateway = await startGateway({ config: { calls: { resume_seconds: 1 } } });
    await using call = await startCall(gateway);
    using tone = await pushTone(call.callee.push);
    call.callee.client.terminate();
    const { data } = await call.caller.client.nextRequest("bye", call.sessionid);
    const cause = "RECOVERY_ON_TIMER_EXPIRE";
    expect(data).toMatchObject({ code: "480", msg: cause, cause });
    await within("the publisher to be closed", tone.closed);
    expect([await readCalls(gateway), await readStreams(gateway)]).toEqual([[], []]);
    expect((await readUsers(gateway)).map(({ name }) => name)).toEqual(["lihao"]);
    expect((await call.caller.client.invite("nway")).response.data).toMatchObject({
      code: "480",
      msg: "USER_NOT_REGISTERED",
    });
  });
});

test("a newer registration closes the older socket with 4001 and takes its call over", async () => {
  await using gateway = await startGateway();
  await using call = await startCall(gateway);
  await using newer = await register(gateway, "nway");
  expect(await within("the older socket to be closed", call.callee.client.closed)).toEqual({
    code: 4001,
    reason: "replaced",
  });
  expect((await readUsers(gateway)).map(({ name }) => name).sort()).toEqual(["lihao", "nway"]);
  expect((await newer.bye(call.sessionid)).data.code).toBe("200ok");
  expect((await call.caller.client.nextRequest("bye")).data.msg).toBe("NORMAL_CLEARING");
});
