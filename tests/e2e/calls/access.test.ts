import { describe, expect, test } from "bun:test";
import { parseRtmpUrl, playRtmp } from "../../../src/probe/rtmp-client.ts";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor, within } from "../../peers/wait.ts";
import { keyOf, readStreams, tokenOf } from "./gateway-state.ts";
import { MAY_BOTH, MAY_PLAY, MAY_PUBLISH, REFUSED, tryAccess, tryUrl } from "./stream-access.ts";
import { pushTone } from "./tone.ts";
import { PASSWORD, register, startCall } from "./two-people.ts";

const FOUR_USERS = {
  user1: "lihao",
  password1: PASSWORD,
  user2: "nway",
  password2: PASSWORD,
  user3: "third",
  password3: PASSWORD,
  user4: "fourth",
  password4: PASSWORD,
};

const WRONG_TOKEN = "0123456789abcdef".repeat(2);

describe("tokens", () => {
  test("open what their side may do, by either URL, while the call lives", async () => {
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    const { caller, callee } = call;
    expect(keyOf(caller.push)).toBe(keyOf(callee.pull));
    for (const { push, pull } of [caller, callee]) {
      expect(tokenOf(push)).toBe(tokenOf(pull));
      for (const url of [push, pull]) {
        expect(await tryUrl(gateway, url)).toEqual(MAY_BOTH);
        for (const token of [undefined, WRONG_TOKEN])
          expect(await tryAccess(gateway, keyOf(url), token)).toEqual(REFUSED);
      }
    }
    await caller.client.bye(call.sessionid);
    for (const url of [caller.push, caller.pull, callee.push, callee.pull]) {
      expect(await tryUrl(gateway, url)).toEqual(REFUSED);
    }
  });

  test("of another call open nothing", async () => {
    await using gateway = await startGateway({ config: { users: FOUR_USERS } });
    await using call = await startCall(gateway);
    await using third = await register(gateway, "third");
    await using _fourth = await register(gateway, "fourth");
    const { response } = await third.invite("fourth");
    for (const url of [response.data.caller_url ?? "", response.data.callee_url ?? ""]) {
      for (const { push, pull } of [call.caller, call.callee]) {
        expect(await tryAccess(gateway, keyOf(push), tokenOf(url))).toEqual(REFUSED);
        expect(await tryAccess(gateway, keyOf(url), tokenOf(push))).toEqual(REFUSED);
        expect(await tryAccess(gateway, keyOf(url), tokenOf(pull))).toEqual(REFUSED);
      }
    }
  });

  test("are not in the log", async () => {
    await using gateway = await startGateway({ config: { log: { level: "debug" } } });
    await using call = await startCall(gateway);
    await tryUrl(gateway, call.caller.push);
    await tryAccess(gateway, keyOf(call.caller.push), WRONG_TOKEN);
    for (const token of [tokenOf(call.caller.push), tokenOf(call.callee.push), WRONG_TOKEN])
      expect(gateway.log()).not.toContain(token);
    expect(gateway.log()).toContain("stream.refused");
  });

  test("bye closes who pushes and who plays", async () => {
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    using forth = await pushTone(call.caller.push);
    using back = await pushTone(call.callee.push);
    const overRtmp = Promise.withResolvers<void>();
    await playRtmp(parseRtmpUrl(call.callee.pull), {
      onMedia: () => undefined,
      onClose: () => overRtmp.resolve(),
    });
    const overHttp = await fetch(gateway.urls.flv(keyOf(call.caller.pull), tokenOf(call.caller.pull)));
    await waitFor("sound", async () => (await readStreams(gateway)).every(({ bytesOut }) => bytesOut > 0));
    await call.callee.client.bye(call.sessionid);
    const ends = [forth.closed, back.closed, overRtmp.promise, overHttp.arrayBuffer()];
    await within("every media connection to end", Promise.all(ends));
    expect(await readStreams(gateway)).toEqual([]);
  });
});

describe("media_attribute", () => {
  test.each([
    ["sendonly", "caller"],
    ["recvonly", "callee"],
  ] as const)("%s: only the %s pushes", async (media_attribute, pusher) => {
    await using gateway = await startGateway();
    await using call = await startCall(gateway, { media_attribute });
    const [speaking, silent] = pusher === "caller" ? [call.caller, call.callee] : [call.callee, call.caller];
    expect([speaking.pull, silent.push]).toEqual(["", ""]);
    expect(await tryUrl(gateway, speaking.push)).toEqual(MAY_PUBLISH);
    expect(await tryUrl(gateway, silent.pull)).toEqual(MAY_PLAY);
    expect(await readStreams(gateway)).toHaveLength(1);
  });
});

describe("URLs that the client chose", () => {
  test("need no token while the call lives, and none does afterwards", async () => {
    await using gateway = await startGateway();
    const chosen = { caller_url: gateway.urls.rtmp("lihao-1"), callee_url: gateway.urls.rtmp("nway-1") };
    for (const key of ["lihao-1", "nway-1"]) {
      expect(await tryAccess(gateway, key, undefined)).toEqual(REFUSED);
    }
    await using call = await startCall(gateway, chosen);
    const { caller, callee } = call;
    expect(caller.push).toStartWith(`${chosen.caller_url}?token=`);
    expect(caller.pull).toStartWith(`${chosen.callee_url}?token=`);
    expect([keyOf(callee.pull), keyOf(callee.push)]).toEqual(["lihao-1", "nway-1"]);
    for (const { push, pull } of [caller, callee]) {
      expect(await tryAccess(gateway, keyOf(push), undefined)).toEqual(MAY_BOTH);
      for (const url of [push, pull]) expect(await tryUrl(gateway, url)).toEqual(MAY_BOTH);
      expect(await tryAccess(gateway, keyOf(push), "wrong")).toEqual(REFUSED);
    }
    await caller.client.bye(call.sessionid);
    for (const key of ["lihao-1", "nway-1"]) {
      expect(await tryAccess(gateway, key, undefined)).toEqual(REFUSED);
    }
    const again = await caller.client.invite("nway", chosen);
    expect(again.response.data.code).toBe("200ok");
  });

  test("belong to one call at a time, and lie under our base", async () => {
    await using gateway = await startGateway({ config: { users: FOUR_USERS } });
    const caller_url = gateway.urls.rtmp("desk");
    await using _call = await startCall(gateway, { caller_url });
    await using third = await register(gateway, "third");
    await using _fourth = await register(gateway, "fourth");
    const elsewhere = "rtmp://192.0.2.1/live/desk2";
    const wishes = [{ caller_url }, { callee_url: caller_url }, { caller_url: elsewhere }];
    for (const wish of wishes) {
      expect((await third.invite("fourth", wish)).response.data.code).toBe("403");
    }
    expect((await third.invite("fourth")).response.data.code).toBe("200ok");
  });

  test("are refused without a token where client_urls is off", async () => {
    await using gateway = await startGateway({ config: { media: { client_urls: false } } });
    await using call = await startCall(gateway, { caller_url: gateway.urls.rtmp("desk") });
    expect(await tryAccess(gateway, "desk", undefined)).toEqual(REFUSED);
    expect(await tryUrl(gateway, call.caller.push)).toEqual(MAY_BOTH);
  });
});

describe("base_push_url and base_pull_url", () => {
  const server = {
    base_push_url: "rtmp://push.example/live/",
    base_pull_url: "http://pull.example:8080/live/",
  };

  test("are what clients see; an HTTP URL ends in .flv, which players need", async () => {
    await using gateway = await startGateway({ config: { server } });
    await using call = await startCall(gateway);
    for (const { push, pull } of [call.caller, call.callee]) {
      expect(push).toMatch(/^rtmp:\/\/push\.example\/live\/[0-9a-f]{32}\?token=[0-9a-f]{32}$/);
      expect(pull).toMatch(/^http:\/\/pull\.example:8080\/live\/[0-9a-f]{32}\.flv\?token=[0-9a-f]{32}$/);
      for (const url of [push, pull]) expect(await tryUrl(gateway, url)).toEqual(MAY_BOTH);
    }
  });

  test("take the URLs that a client names under them", async () => {
    await using gateway = await startGateway({ config: { server } });
    const callee_url = "http://pull.example:8080/live/nway-1.flv";
    await using call = await startCall(gateway, { callee_url });
    expect(call.caller.pull).toMatch(/^http:\/\/pull\.example:8080\/live\/nway-1\.flv\?token=[0-9a-f]{32}$/);
    expect(call.callee.push).toMatch(/^rtmp:\/\/push\.example\/live\/nway-1\?token=[0-9a-f]{32}$/);
    expect(await tryAccess(gateway, "nway-1", undefined)).toEqual(MAY_BOTH);
  });
});
