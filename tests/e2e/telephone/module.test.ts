import { expect, test } from "bun:test";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { FRAME_MS, makeToneBody } from "../../../src/probe/test-sound.ts";
import type { FreeswitchPeer } from "../../peers/freeswitch.ts";
import { waitFor } from "../../peers/wait.ts";
import { readCalls } from "../calls/gateway-state.ts";
import { NUMBER, readEnd, startLaboratory } from "./laboratory.ts";

const TOKEN = "0123456789abcdef";
const CONFIG = { freeswitch: { driver: "module" }, api: { addr: "127.0.0.1:0", token: TOKEN } };

/** The module's commands, as FreeSWITCH would run them were it loaded. */
function loadModule(peer: FreeswitchPeer): {
  readonly commands: string[][];
  fire(event: string, id: string): void;
} {
  const commands: string[][] = [];
  const fire = (event: string, id: string) =>
    peer.fire({
      "Event-Name": `CHANNEL_${event}`,
      "Unique-ID": id,
      "Answer-State": "answered",
      "Hangup-Cause": "NORMAL_CLEARING",
    });
  const runApi = peer.runApi.bind(peer);
  peer.runApi = (name, argument) => {
    if (name === "module_exists") return "true";
    if (name !== "uuid_kill") return runApi(name, argument);
    queueMicrotask(() => fire("HANGUP_COMPLETE", argument));
    return "+OK\n";
  };
  const runJob = peer.runJob.bind(peer);
  peer.runJob = (name, argument, answer) => {
    if (name !== "nway_wx_api") return runJob(name, argument, answer);
    commands.push(argument.split(" "));
    answer("+OK\n");
  };
  return { commands, fire };
}

test("a client's call is dialled by the module, which reaches both streams", async () => {
  await using laboratory = await startLaboratory({}, CONFIG);
  const { app, peer, gateway } = laboratory;
  const { commands, fire } = loadModule(peer);
  const { sessionid, response } = await app.invite(NUMBER);
  expect(response.data.code).toBe("200ok");
  const words = await waitFor("the command", () => commands[0]);
  const [uuid = "", caller, via, number, wav, h264, pushUrl = "", pullUrl = "", realm] = words;
  expect([caller, via, number, wav, h264, realm]).toEqual(["lihao", "gw1", NUMBER, "-", "-", "-"]);
  expect(await readCalls(gateway)).toMatchObject([{ callId: uuid }]);

  let frames = 0;
  const modulePlays = await playRtmp(parseRtmpUrl(pushUrl), { onMedia: () => frames++ });
  const appPushes = await publishRtmp(parseRtmpUrl(response.data.caller_url ?? ""));
  appPushes.sendAudio(0, makeToneBody());
  await waitFor("the app's sound", () => frames > 0);
  const modulePushes = await publishRtmp(parseRtmpUrl(pullUrl));
  // By whichever URL it pushes, the app's stream remains the app's.
  const modulePushesAgain = await publishRtmp(parseRtmpUrl(pushUrl));
  const frameCount = frames;
  appPushes.sendAudio(FRAME_MS, makeToneBody());
  await waitFor("more of the app's sound", () => frames > frameCount);

  fire("PROGRESS", uuid);
  expect((await app.nextRequest("message", sessionid)).data.event).toBe("ringing");
  fire("ANSWER", uuid);
  await app.nextRequest("answer", sessionid);
  fire("HANGUP_COMPLETE", uuid);
  expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
  await waitFor("the end of the call", async () => (await readCalls(gateway)).length === 0);
  for (const one of [modulePlays, appPushes, modulePushes, modulePushesAgain]) one.close();
});

test("an order's words reach the module, and its end ends the channel", async () => {
  await using laboratory = await startLaboratory({}, CONFIG);
  const { peer, gateway } = laboratory;
  const { commands } = loadModule(peer);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const urls = `${gateway.urls.rtmp("up")} ${gateway.urls.rtmp("down")}`;
  const body = `nway_wx_api c-1 lihao gw2 ${NUMBER} welcome.wav welcome.h264 ${urls} nway.com.cn`;
  const ordered = await fetch(`${gateway.urls.api}/api/nway_wx_api`, { method: "POST", headers, body });
  expect(await ordered.text()).toBe("+OK c-1\n");
  const words = await waitFor("the command", () => commands[0]);
  expect(words.map((word) => word.replace(/=.*/, "=")).join(" ")).toBe(
    body.replace("nway_wx_api ", "").replaceAll(/(rtmp:\S+)/g, "$1?token="),
  );
  const ended = await fetch(`${gateway.urls.api}/api/calls/c-1`, { method: "DELETE", headers });
  expect(ended.status).toBe(204);
  await waitFor("the kill", () => peer.commands.includes("api uuid_kill c-1"));
});

test("without the module a call ends at once, and the log says why", async () => {
  await using laboratory = await startLaboratory({}, CONFIG);
  const { app, gateway } = laboratory;
  const { sessionid } = await app.invite(NUMBER);
  expect(await readEnd(app, sessionid)).toBe("480 SERVICE_NOT_IMPLEMENTED");
  // The log has another way to go than the bye.
  await waitFor("the log", () => gateway.log().includes(" warn freeswitch.no-module "));
});
