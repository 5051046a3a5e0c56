import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { findSound, findSpeech } from "../../peers/correlation.ts";
import type { InboundCall, InboundOptions } from "../../peers/freeswitch/inbound-call.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, tokenOf, waitForStream } from "../calls/gateway-state.ts";
import { decodeSound, makeFolder, pushSpeech, recordWithCurl, speak, speakLater } from "../calls/speech.ts";
import { register } from "../calls/two-people.ts";
import { expectNothingLeft, type Laboratory, readEnd, startLaboratory } from "./laboratory.ts";

const CALLER = "13900000001";
const LIKE = 0.85;
const MICROPHONE_SECONDS = 1.5;

function callIn(
  { gateway, peer }: Pick<Laboratory, "gateway" | "peer">,
  user: string,
  options: Partial<InboundOptions> = {},
): Promise<InboundCall> {
  return peer.callIn({
    user,
    gateway: { host: "127.0.0.1", port: gateway.ports.sip },
    callerNumber: CALLER,
    ...options,
  });
}

async function readOutcome(call: InboundCall): Promise<string> {
  const outcome = await waitFor("the outcome", () => call.outcome, 10_000);
  return outcome.kind === "refused" ? `${outcome.status} ${outcome.reason}` : outcome.kind;
}

async function answer(
  app: SignalingClient,
  call: InboundCall,
): Promise<{ sessionid: string; push: string; pull: string }> {
  const invite = await app.nextRequest("invite");
  await waitFor("ringing", () => call.hasRung);
  await app.answer(invite.sessionid);
  expect(await readOutcome(call)).toBe("answered");
  const { caller_url = "", callee_url = "" } = invite.data;
  return { sessionid: invite.sessionid, push: callee_url, pull: caller_url };
}

describe("a telephone calls a user", () => {
  test("who answers; the telephone hangs up", async () => {
    await using laboratory = await startLaboratory();
    const { app } = laboratory;
    const call = await callIn(laboratory, "lihao");
    const invite = await app.nextRequest("invite");
    expect(invite.data).toMatchObject({ caller_number: CALLER, callee_number: "lihao" });
    await waitFor("ringing", () => call.hasRung);
    expect(call.outcome).toBeUndefined();
    await app.answer(invite.sessionid);
    expect(await readOutcome(call)).toBe("answered");
    await waitFor("RTP", () => call.media.packetCount > 5);
    expect(await call.hangUp()).toBe(200);
    expect(await readEnd(app, invite.sessionid)).toBe("200ok NORMAL_CLEARING");
    await expectNothingLeft(laboratory);
  });

  test("who answers and hangs up", async () => {
    await using laboratory = await startLaboratory();
    const call = await callIn(laboratory, "lihao");
    const { sessionid } = await answer(laboratory.app, call);
    await waitFor("RTP", () => call.media.packetCount > 5);
    await laboratory.app.bye(sessionid);
    await waitFor("the BYE", () => call.hasEnded);
    expect(call.byeReason).toBe('Q.850;cause=16;text="NORMAL_CLEARING"');
    await expectNothingLeft(laboratory);
  });

  test.each([
    ["USER_BUSY", '486 Q.850;cause=17;text="USER_BUSY"'],
    ["", '603 Q.850;cause=21;text="CALL_REJECTED"'],
  ])("who refuses with %s", async (msg, outcome) => {
    await using laboratory = await startLaboratory();
    const onRequest = () => ({ code: "480", msg });
    await using _nway = await register(laboratory.gateway, "nway", { onRequest });
    expect(await readOutcome(await callIn(laboratory, "nway"))).toBe(outcome);
    await expectNothingLeft(laboratory);
  });

  test.each([
    ["nway", '480 Q.850;cause=20;text="USER_NOT_REGISTERED"'],
    ["nobody", '404 Q.850;cause=1;text="UNALLOCATED_NUMBER"'],
    ["13800000000", '404 Q.850;cause=1;text="UNALLOCATED_NUMBER"'],
  ])("%s, who is not there", async (user, outcome) => {
    await using laboratory = await startLaboratory();
    const call = await callIn(laboratory, user);
    expect(await readOutcome(call)).toBe(outcome);
    expect(laboratory.peer.commands.some((command) => command.includes("originate"))).toBe(false);
    await expectNothingLeft(laboratory);
  });

  test("who does not answer", async () => {
    await using laboratory = await startLaboratory({}, { calls: { ring_seconds: 1 } });
    const call = await callIn(laboratory, "lihao");
    const { sessionid } = await laboratory.app.nextRequest("invite");
    expect(await readOutcome(call)).toBe('480 Q.850;cause=19;text="NO_ANSWER"');
    await laboratory.app.nextRequest("cancel", sessionid);
    await expectNothingLeft(laboratory);
  });

  test("and gives up", async () => {
    await using laboratory = await startLaboratory();
    const call = await callIn(laboratory, "lihao");
    const { sessionid } = await laboratory.app.nextRequest("invite");
    await waitFor("ringing", () => call.hasRung);
    call.cancel();
    expect(await readOutcome(call)).toMatch(/^487 /);
    await laboratory.app.nextRequest("cancel", sessionid);
    await expectNothingLeft(laboratory);
  });

  test.each(["before the invite came through", "while it rings"])("whose socket is lost %s", async (when) => {
    await using laboratory = await startLaboratory();
    const { gateway } = laboratory;
    const isLost = when === "before the invite came through";
    const onRequest = () => (isLost ? "silence" : undefined);
    const nway = await register(gateway, "nway", { onRequest });
    const call = await callIn(laboratory, "nway");
    const { sessionid } = await nway.nextRequest("invite");
    if (!isLost) await waitFor("ringing", () => call.hasRung);
    nway.terminate();
    await using back = await register(gateway, "nway");
    if (isLost) expect((await back.nextRequest("invite")).sessionid).toBe(sessionid);
    await waitFor("ringing", () => call.hasRung);
    expect((await back.answer(sessionid)).data.code).toBe("200ok");
    expect(await readOutcome(call)).toBe("answered");
    await call.hangUp();
    await expectNothingLeft(laboratory);
  });

  test("and puts the call on hold, and takes it up again", async () => {
    await using laboratory = await startLaboratory();
    const call = await callIn(laboratory, "lihao");
    const { sessionid } = await answer(laboratory.app, call);
    expect(await call.renegotiate("sendonly")).toBe(200);
    expect(call.sdp?.direction).toBe("recvonly");
    expect(await call.renegotiate("inactive")).toBe(200);
    expect(call.sdp?.direction).toBe("inactive");
    expect(await call.renegotiate("sendrecv")).toBe(200);
    expect(call.sdp?.direction).toBe("sendrecv");
    const count = call.media.packetCount;
    await waitFor("RTP", () => call.media.packetCount > count + 5);
    await call.hangUp();
    await readEnd(laboratory.app, sessionid);
    await expectNothingLeft(laboratory);
  });

  test("and refreshes the session, as its timer wants", async () => {
    await using laboratory = await startLaboratory();
    const call = await callIn(laboratory, "lihao", { sessionExpires: 90 });
    await answer(laboratory.app, call);
    const accepted = laboratory.peer.side.endpoint.traceOf(call.dialog.callId);
    expect(accepted.find((text) => text.startsWith("< SIP/2.0 200 "))).toMatch(
      /\r\nSession-Expires: 90;refresher=uac\r\n/,
    );
    expect(await call.renegotiate("sendrecv")).toBe(200);
    await call.hangUp();
    await expectNothingLeft(laboratory);
  });

  test.each(["PCMA", "PCMU", "^^:PCMU:PCMA"])("with %s", async (codecs) => {
    await using laboratory = await startLaboratory();
    const call = await callIn(laboratory, "lihao", { codecs });
    await answer(laboratory.app, call);
    await waitFor("RTP", () => call.media.packetCount > 5);
    expect(call.media.packets.every(({ payloadType }) => payloadType === call.sdp?.payloadType)).toBe(true);
    await call.hangUp();
    await expectNothingLeft(laboratory);
  });

  test("without a codec in common", async () => {
    await using laboratory = await startLaboratory();
    expect(await readOutcome(await callIn(laboratory, "lihao", { codecs: "H264" }))).toMatch(/^488 /);
    await expectNothingLeft(laboratory);
  });
});

test("9196 gives a telephone its own sound back", async () => {
  await using laboratory = await startLaboratory();
  const call = await callIn(laboratory, "9196", { codecs: "PCMA" });
  expect(await readOutcome(call)).toBe("answered");
  await call.media.say(
    Float32Array.from({ length: 12_000 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / 8000)),
  );
  const heard = call.media.readSound();
  const reference = Float32Array.from({ length: 4000 }, (_, n) => Math.sin((2 * Math.PI * 440 * n) / 8000));
  expect(findSound(reference, heard).likeness).toBeGreaterThan(0.95);
  await call.hangUp();
  await expectNothingLeft(laboratory);
});

requirePrograms("ffmpeg", "espeak-ng", "curl")(
  "a telephone and the user whom it called understand each other",
  async () => {
    using folder = makeFolder();
    const [appSays, phoneSays] = await Promise.all([
      speak(folder.path, "en", "Good morning, this is the workshop speaking."),
      speak(folder.path, "en+f3", "Hello, I would like to bring my bicycle."),
    ]);
    await using laboratory = await startLaboratory();
    const { gateway, app } = laboratory;
    const call = await callIn(laboratory, "lihao", { codecs: "PCMU" });
    const { sessionid, push, pull } = await answer(app, call);
    const file = join(folder.path, "app.flv");
    await using listens = recordWithCurl(gateway.urls.flv(keyOf(pull), tokenOf(pull)), file);
    await waitForStream(gateway, pull, "a player", ({ playerCount }) => playerCount === 1);
    await using speaks = pushSpeech(push, await speakLater(appSays, MICROPHONE_SECONDS));
    const said = call.media.say(await decodeSound(phoneSays.wav, 8000));
    expect(await speaks.waitForExit(30_000)).toBe(0);
    await said;
    await app.bye(sessionid);
    expect(await listens.waitForExit()).toBe(0);
    const likeness = {
      phoneHearsApp: findSpeech(await decodeSound(appSays.wav, 8000), call.media.readSound(), 8000).likeness,
      appHearsPhone: findSpeech(await decodeSound(phoneSays.wav, 8000), await decodeSound(file, 8000), 8000)
        .likeness,
    };
    console.log("call in:", likeness);
    expect(likeness.phoneHearsApp).toBeGreaterThanOrEqual(LIKE);
    expect(likeness.appHearsPhone).toBeGreaterThanOrEqual(LIKE);
    await expectNothingLeft(laboratory);
  },
  60_000,
);
