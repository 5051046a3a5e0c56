import { describe, expect, test } from "bun:test";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { readCalls } from "../calls/gateway-state.ts";
import { register } from "../calls/two-people.ts";
import {
  type CallOut,
  connect,
  dial,
  expectNothingLeft,
  NUMBER,
  readEnd,
  startLaboratory,
  startPeer,
  waitUntilLinked,
} from "./laboratory.ts";

const CALL_COUNT = 20;

describe("the event socket drops", () => {
  test("when a call was just invited: it ends, and nothing is left of it", async () => {
    await using laboratory = await startLaboratory();
    const { app, peer, gateway } = laboratory;
    const { sessionid } = await app.invite(NUMBER);
    peer.dropConnections();
    expect(await readEnd(app, sessionid)).toBe("480 NETWORK_OUT_OF_ORDER");
    await waitUntilLinked(gateway, 2);
    await expectNothingLeft(laboratory);
    expect(peer.commands.filter((command) => command.startsWith("bgapi originate")).length).toBeLessThan(2);
  });

  test.each(["dialled", "ringing", "early", "answered"])(
    "when a call is %s: it goes on, and what happened meanwhile is told",
    async (stage) => {
      await using laboratory = await startLaboratory();
      const { app, peer, gateway } = laboratory;
      const { sessionid, leg } = await dial(laboratory);
      if (stage === "ringing") leg.call.ring();
      if (stage === "early") leg.call.sendEarlyMedia();
      if (stage === "answered") leg.call.answer();
      if (stage === "answered") await app.nextRequest("answer", sessionid);
      else if (stage !== "dialled") await app.nextRequest("message", sessionid);
      peer.dropConnections();
      await waitFor("the loss", () => gateway.log().includes(" freeswitch.no-link "));
      if (stage !== "answered") {
        leg.call.answer();
        await app.nextRequest("answer", sessionid);
      }
      await waitUntilLinked(gateway, 2);
      expect(await readCalls(gateway)).toHaveLength(1);
      await waitFor("RTP", () => leg.media.packetCount > 10);
      leg.call.hangUpByTelephone();
      expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
      await expectNothingLeft(laboratory);
    },
  );

  test.each(["dialled", "ringing", "early", "answered"])(
    "when a call is %s, and the app hangs up without it",
    async (stage) => {
      await using laboratory = await startLaboratory();
      const { app, peer, gateway } = laboratory;
      const call = await dial(laboratory);
      const { sessionid, leg } = call;
      if (stage === "ringing") leg.call.ring();
      if (stage === "early") leg.call.sendEarlyMedia();
      if (stage === "answered") await connect(laboratory, call);
      peer.dropConnections();
      await waitFor("the loss", () => gateway.log().includes(" freeswitch.no-link "));
      const end = stage === "answered" ? app.bye(sessionid) : app.cancel(sessionid);
      expect((await end).data.code).toBe("200ok");
      await waitFor("the end of all channels", () => peer.channels.size === 0, 1000);
      await expectNothingLeft(laboratory);
    },
  );

  test("when the telephone hung up meanwhile", async () => {
    await using laboratory = await startLaboratory();
    const { app, peer } = laboratory;
    const call = await dial(laboratory);
    await connect(laboratory, call);
    peer.dropConnections();
    call.leg.call.hangUpByTelephone();
    expect(await readEnd(app, call.sessionid)).toBe("200ok NORMAL_CLEARING");
    await expectNothingLeft(laboratory);
  });
});

test("without FreeSWITCH a call can't be placed, and the caller is told", async () => {
  await using laboratory = await startLaboratory();
  const { app, peer, gateway } = laboratory;
  peer.kill();
  await waitFor("the loss", () => gateway.log().includes(" freeswitch.no-link "));
  const { response } = await app.invite(NUMBER);
  expect(`${response.data.code} ${response.data.msg}`).toBe("480 NETWORK_OUT_OF_ORDER");
  expect(await readCalls(gateway)).toEqual([]);
});

test("a wrong password is said plainly, and calls are refused", async () => {
  await using peer = await startPeer({ password: "another" });
  const config = { server: { fs_auth: "ClueCon", fs_esl_ip: `127.0.0.1:${peer.port}` } };
  await using gateway = await startGateway({ config });
  await waitFor("the complaint", () => gateway.log().includes("esl.wrong-password"));
  await using app = await register(gateway, "lihao");
  const { response } = await app.invite(NUMBER);
  expect(response.data).toMatchObject({ code: "480", msg: "NETWORK_OUT_OF_ORDER" });
});

test(`FreeSWITCH is killed and restarted under ${CALL_COUNT} live calls`, async () => {
  const users = Object.fromEntries(
    Array.from({ length: CALL_COUNT }, (_, n) => [
      [`user${n + 1}`, n === 0 ? "lihao" : `user-${n}`],
      [`password${n + 1}`, "1234"],
    ]).flat(),
  );
  await using laboratory = await startLaboratory({}, { users });
  const { peer, gateway } = laboratory;
  await using apps = new AsyncDisposableStack();
  const calls: { call: CallOut; app: typeof laboratory.app }[] = [];
  for (let n = 0; n < CALL_COUNT; n++) {
    const app = n === 0 ? laboratory.app : apps.use(await register(gateway, `user-${n}`));
    const call = await dial({ app, peer });
    await connect({ app }, call);
    calls.push({ app, call });
  }
  const { port } = peer;
  const sipPort = peer.side.endpoint.port;
  peer.kill();
  await waitFor("the loss", () => gateway.log().includes(" freeswitch.no-link "));
  await using restarted = await startPeer({ port, sipPort });
  const ends = await Promise.all(calls.map(({ app, call }) => readEnd(app, call.sessionid)));
  // Whichever is first: the new FreeSWITCH does not know the channel, or its SIP side does not know the dialog.
  for (const end of ends) expect(end).toMatch(/^480 (?:NORMAL_TEMPORARY_FAILURE|RECOVERY_ON_TIMER_EXPIRE)$/);
  expect(await readCalls(gateway)).toEqual([]);

  const again = { app: laboratory.app, peer: restarted };
  const call = await dial(again);
  await connect(again, call);
  call.leg.call.hangUpByTelephone();
  expect(await readEnd(laboratory.app, call.sessionid)).toBe("200ok NORMAL_CLEARING");
  await expectNothingLeft({ gateway, peer: restarted });
}, 180_000);

test("FreeSWITCH shuts down in order: the calls end with its cause", async () => {
  await using laboratory = await startLaboratory();
  const call = await dial(laboratory);
  await connect(laboratory, call);
  laboratory.peer.shutDown();
  expect(await readEnd(laboratory.app, call.sessionid)).toBe("480 SYSTEM_SHUTDOWN");
});

test("the gateway ends: FreeSWITCH's channels end", async () => {
  await using laboratory = await startLaboratory();
  const call = await dial(laboratory);
  await connect(laboratory, call);
  await using nway = await register(laboratory.gateway, "nway");
  const early = await dial({ app: nway, peer: laboratory.peer });
  early.leg.call.sendEarlyMedia();
  laboratory.gateway.process.kill("SIGTERM");
  await waitFor("the end of all channels", () => laboratory.peer.channels.size === 0);
  expect(laboratory.peer.faults).toEqual([]);
});
