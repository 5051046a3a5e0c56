import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { makeToneBody } from "../../../src/probe/test-sound.ts";
import { OrderedCall } from "../../../src/servers/http/call-order.ts";
import { RecordsView } from "../../../src/servers/http/record-views.ts";
import { findSound } from "../../peers/correlation.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { readCalls } from "../calls/gateway-state.ts";
import { decodeSound, makeFolder, recordWithCurl, SAMPLE_RATE, shareOf, speak } from "../calls/speech.ts";
import { run } from "../cli/own-network.ts";
import { expectNothingLeft, NUMBER, startLaboratory } from "./laboratory.ts";

const TOKEN = "0123456789abcdef";
const TONE_HZ = 400;
const FRAME_MS = 20;
const LIKE = 0.85;

async function startDesk(config: Parameters<typeof startLaboratory>[1] = {}) {
  return await startLaboratory({}, { api: { addr: "127.0.0.1:0", token: TOKEN }, ...config });
}

async function send(gateway: Gateway, method: string, path: string, body?: string) {
  const response = await fetch(`${gateway.urls.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    keepalive: false,
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

function command(
  gateway: Gateway,
  { uuid = "c-1", caller = "lihao", via = "gw1", number = NUMBER, wav = "-" } = {},
) {
  const { rtmp } = gateway.urls;
  return `nway_wx_api ${uuid} ${caller} ${via} ${number} ${wav} - ${rtmp("c1-up")} ${rtmp("c1-down")} nway.com.cn`;
}

async function readRecords(gateway: Gateway) {
  return RecordsView.parse(await (await fetch(`${gateway.urls.api}/api/records`)).json()).records;
}

test("the manual's command joins the app's two streams with a telephone", async () => {
  using folder = makeFolder();
  await using laboratory = await startDesk({ records: { dir: folder.path } });
  const { gateway, peer } = laboratory;
  expect(await send(gateway, "POST", "/api/nway_wx_api", command(gateway))).toEqual({
    status: 200,
    text: "+OK c-1\n",
  });
  const leg = await peer.nextLeg();
  expect(leg.call.originate.bridge).toMatchObject({ gateway: "gw1", number: NUMBER });
  expect(leg.call.originate.variables).toMatchObject({ origination_caller_id_number: "lihao" });
  expect(await readCalls(gateway)).toMatchObject([
    { callId: "c-1", caller: "lihao", callee: NUMBER, streams: ["c1-up", "c1-down"] },
  ]);
  leg.call.ring();
  leg.call.answer();

  const publisher = await publishRtmp(parseRtmpUrl(gateway.urls.rtmp("c1-up")));
  let heardFrames = 0;
  const player = await playRtmp(parseRtmpUrl(gateway.urls.rtmp("c1-down")), { onMedia: () => heardFrames++ });
  const before = leg.media.packets.length;
  const startedMs = performance.now();
  for (let frame = 0; frame < 50; frame++) {
    await waitFor("the time of the frame", () => performance.now() - startedMs >= frame * FRAME_MS);
    publisher.sendAudio(frame * FRAME_MS, makeToneBody());
  }
  await waitFor("a second of sound", () => heardFrames > 40 && leg.media.packets.length - before > 40);
  const heard = leg.media.readSound(before);
  expect(shareOf((TONE_HZ * 48_000) / 8000, heard.subarray(-2400))).toBeGreaterThan(0.5);

  leg.call.hangUpByTelephone();
  await expectNothingLeft(laboratory);
  publisher.close();
  player.close();
  const [record] = await waitFor("the record", async () => {
    const records = await readRecords(gateway);
    return records.length > 0 ? records : undefined;
  });
  expect(record).toMatchObject({
    callId: "c-1",
    caller: { kind: "app", name: "lihao" },
    callee: { kind: "telephone", name: NUMBER },
    endedBy: "callee",
    cause: "NORMAL_CLEARING",
    codecs: { callerAudio: "G711A", telephone: "PCMA" },
  });
  const ids = record?.callee.legIds ?? [];
  expect(ids).toContain(leg.call.ourLeg.uuid);
  expect(record?.media.sentPackets).toBeGreaterThan(40);
  expect(record?.media.receivedPackets).toBeGreaterThan(10);
  expect(record?.media.lostPackets).toBe(0);
});

test("a call in JSON has URLs and an id made up, goes by the dialplan, and is ended by its id", async () => {
  await using laboratory = await startDesk({ media: { rtmp_addr: "127.0.0.1:0", client_urls: false } });
  const { gateway, peer } = laboratory;
  const { status, text } = await send(gateway, "POST", "/api/calls", `{"destination_number":"${NUMBER}"}`);
  expect(status).toBe(201);
  const call = OrderedCall.parse(JSON.parse(text));
  expect(call).toMatchObject({ caller: "anonymous", callee: NUMBER });
  const leg = await peer.nextLeg();
  expect(leg.call.originate.bridge).toBeUndefined();
  (await publishRtmp(parseRtmpUrl(call.pushUrl))).close();
  (await playRtmp(parseRtmpUrl(call.pullUrl), { onMedia: () => {} })).close();
  const bare = call.pushUrl.replace(/\?.*/, "");
  expect(await publishRtmp(parseRtmpUrl(bare)).catch(() => "refused")).toBe("refused");

  expect((await send(gateway, "GET", `/api/calls/${call.callId}`)).status).toBe(200);
  expect(await send(gateway, "DELETE", `/api/calls/${call.callId}`)).toEqual({ status: 204, text: "" });
  expect((await send(gateway, "DELETE", `/api/calls/${call.callId}`)).status).toBe(404);
  await expectNothingLeft(laboratory);
});

test("any call can be ended over the API, and both sides are told", async () => {
  await using laboratory = await startDesk();
  const { gateway, peer, app } = laboratory;
  const { sessionid } = await app.invite(NUMBER);
  await peer.nextLeg();
  const [call] = await readCalls(gateway);
  expect((await send(gateway, "DELETE", `/api/calls/${call?.callId}`)).status).toBe(204);
  expect((await app.nextRequest("bye", sessionid)).data).toMatchObject({
    code: "480",
    msg: "MANAGER_REQUEST",
  });
  await expectNothingLeft(laboratory);
});

requirePrograms("ffmpeg", "espeak-ng", "curl")(
  "an order's clip is what the app hears before it rings",
  async () => {
    using folder = makeFolder();
    const clip = await speak(folder.path, "en", "Please hold the line, you are being connected.");
    const server = { welcome_wav: join(folder.path, "welcome.wav") };
    await using laboratory = await startDesk({ server });
    const { gateway, peer } = laboratory;
    const orderedMs = performance.now();
    const ordered = await send(
      gateway,
      "POST",
      "/api/nway_wx_api",
      command(gateway, { wav: basename(clip.wav) }),
    );
    expect(ordered.text).toBe("+OK c-1\n");
    const file = join(folder.path, "app.flv");
    await using listens = recordWithCurl(gateway.urls.flv("c1-down"), file);
    const leg = await peer.nextLeg();
    leg.call.ring();
    const clipMs = (clip.samples.length / SAMPLE_RATE) * 1000;
    await waitFor("the clip to be over", () => performance.now() - orderedMs > clipMs + 500, 10_000);
    leg.call.refuse("USER_BUSY", 486);
    expect(await listens.waitForExit()).toBe(0);
    expect(findSound(clip.samples, await decodeSound(file)).likeness).toBeGreaterThan(LIKE);
    await expectNothingLeft(laboratory);
  },
  30_000,
);

describe("an order is refused", () => {
  test("that is not right, and FreeSWITCH hears nothing of it", async () => {
    using folder = makeFolder();
    writeFileSync(join(folder.path, "broken.wav"), "no sound");
    const server = { welcome_wav: join(folder.path, "welcome.wav") };
    await using laboratory = await startDesk({ server, dialing: { deny: "00*" } });
    const { gateway, peer } = laboratory;
    const order = async (fields: Parameters<typeof command>[1], change = (text: string) => text) =>
      (await send(gateway, "POST", "/api/nway_wx_api", change(command(gateway, fields)))).text;
    expect(await order({ number: "0049123" })).toStartWith("-ERR OUTGOING_CALL_BARRED ");
    expect(await order({ number: "1+2" })).toStartWith("-ERR INVALID_NUMBER_FORMAT ");
    expect(await order({ number: "1,2" })).toStartWith("-ERR destination_number: ");
    expect(await order({ wav: "nothing.wav" })).toStartWith("-ERR NO_SUCH_CLIP there is no such clip");
    expect(await order({ wav: "broken.wav" })).toStartWith("-ERR NO_SUCH_CLIP the clip can't be played");
    expect(await order({ wav: "../welcome.wav" })).toStartWith("-ERR welcome_wav: ");
    const elsewhere = (text: string) => text.replace(/rtmp:\S+up/, "rtmp://gw.example/live/c1-up");
    expect(await order({}, elsewhere)).toStartWith("-ERR URL_NOT_OURS ");
    const twice = (text: string) => text.replace("c1-down", "c1-up");
    expect(await order({}, twice)).toStartWith("-ERR URL_IN_USE ");
    expect(peer.commands.filter((line) => line.startsWith("bgapi"))).toEqual([]);

    expect(await order({})).toBe("+OK c-1\n");
    expect(await order({})).toStartWith("-ERR UUID_IN_USE ");
    expect(await order({ uuid: "c-2" })).toStartWith("-ERR URL_IN_USE ");
    await peer.nextLeg();
    await send(gateway, "DELETE", "/api/calls/c-1");
    await expectNothingLeft(laboratory);
  });

  test("without FreeSWITCH", async () => {
    await using laboratory = await startDesk();
    const { gateway, peer } = laboratory;
    await peer[Symbol.asyncDispose]();
    await waitFor("the loss of the link", () => gateway.log().includes("freeswitch.no-link"));
    const { status, text } = await send(gateway, "POST", "/api/nway_wx_api", command(gateway));
    expect(status).toBe(503);
    expect(text).toStartWith("-ERR NETWORK_OUT_OF_ORDER ");
  });
});

test("the command line orders a call of the running gateway", async () => {
  using folder = makeFolder();
  await using laboratory = await startDesk();
  const { gateway, peer } = laboratory;
  const words = command(gateway).split(" ").slice(1);
  const args = ["api", ...words, "--api-url", gateway.urls.api];
  const env = { NWAY_WX_API_TOKEN: TOKEN };
  expect(await run(args, folder.path, env)).toEqual({ code: 0, stdout: "+OK c-1\n", stderr: "" });
  const { call } = await peer.nextLeg();
  const again = await run(args, folder.path, env);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 1, stdout: "" });
  expect(again.stderr).toStartWith("-ERR UUID_IN_USE ");
  const stranger = await run(args, folder.path, { NWAY_WX_API_TOKEN: `${TOKEN}x` });
  expect(stranger.code).toBe(1);
  expect(stranger.stderr).toStartWith("-ERR Show the token of [api]");
  call.refuse("USER_BUSY", 486);
  await expectNothingLeft(laboratory);
});
