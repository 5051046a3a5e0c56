import { expect } from "bun:test";
import { join } from "node:path";
import { findSound } from "../../peers/correlation.ts";
import { startGateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, readCalls, readStreams, tokenOf, waitForStream } from "./gateway-state.ts";
import {
  decodeSound,
  makeFolder,
  pushSpeech,
  readSteps,
  recordWithCurl,
  recordWithFfmpeg,
  speak,
} from "./speech.ts";
import { register, startCall } from "./two-people.ts";

const LIHAO_SAYS = "The quick brown fox jumps over the lazy dog while seven sailors sing.";
const NWAY_SAYS = "Please connect me with the workshop, my order number is four two nine.";
const SAME = 0.95;
const OTHER = 0.3;

requirePrograms("ffmpeg", "espeak-ng", "curl")(
  "two people talk and each hears the other's words",
  async () => {
    using folder = makeFolder();
    const [lihaoSpeech, nwaySpeech] = await Promise.all([
      speak(folder.path, "en", LIHAO_SAYS),
      speak(folder.path, "en+f3", NWAY_SAYS),
    ]);
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    const { caller, callee } = call;
    const heardByLihao = join(folder.path, "lihao.flv");
    const heardByNway = join(folder.path, "nway.flv");
    await using lihaoListens = recordWithFfmpeg(caller.pull, heardByLihao);
    const httpUrl = gateway.urls.flv(keyOf(callee.pull), tokenOf(callee.pull));
    await using nwayListens = recordWithCurl(httpUrl, heardByNway);
    await waitForStream(gateway, caller.pull, "a player", ({ playerCount }) => playerCount === 1);
    await waitForStream(gateway, callee.pull, "a player", ({ playerCount }) => playerCount === 1);

    await using lihaoSpeaks = pushSpeech(caller.push, lihaoSpeech);
    await using nwaySpeaks = pushSpeech(callee.push, nwaySpeech);
    expect(await Promise.all([lihaoSpeaks.waitForExit(30_000), nwaySpeaks.waitForExit(30_000)])).toEqual([
      0, 0,
    ]);
    await caller.client.bye(call.sessionid);
    expect((await callee.client.nextRequest("bye")).data).toMatchObject({ code: "200ok" });
    expect(await Promise.all([lihaoListens.waitForExit(), nwayListens.waitForExit()])).toEqual([0, 0]);

    const [atLihao, atNway] = await Promise.all([decodeSound(heardByLihao), decodeSound(heardByNway)]);
    const likeness = {
      lihaoHearsNway: findSound(nwaySpeech.samples, atLihao).likeness,
      nwayHearsLihao: findSound(lihaoSpeech.samples, atNway).likeness,
      lihaoHearsLihao: findSound(lihaoSpeech.samples, atLihao).likeness,
      nwayHearsNway: findSound(nwaySpeech.samples, atNway).likeness,
    };
    console.log(likeness);
    expect(likeness.lihaoHearsNway).toBeGreaterThanOrEqual(SAME);
    expect(likeness.nwayHearsLihao).toBeGreaterThanOrEqual(SAME);
    expect(likeness.lihaoHearsLihao).toBeLessThan(OTHER);
    expect(likeness.nwayHearsNway).toBeLessThan(OTHER);
    expect(await readCalls(gateway)).toEqual([]);
    await waitFor("no streams", async () => (await readStreams(gateway)).length === 0);
  },
  60_000,
);

requirePrograms("ffmpeg", "espeak-ng")(
  "9196 says what it is told",
  async () => {
    using folder = makeFolder();
    const speech = await speak(folder.path, "en", LIHAO_SAYS);
    await using gateway = await startGateway();
    await using lihao = await register(gateway, "lihao");
    const { sessionid, response } = await lihao.invite("9196");
    expect(response.data.code).toBe("200ok");
    expect((await lihao.nextRequest("answer")).sessionid).toBe(sessionid);
    const { caller_url = "", callee_url = "" } = response.data;
    const file = join(folder.path, "echo.flv");
    await using listens = recordWithFfmpeg(callee_url, file);
    await waitForStream(gateway, callee_url, "a player", ({ playerCount }) => playerCount === 1);
    await using speaks = pushSpeech(caller_url, speech);
    expect(await speaks.waitForExit(30_000)).toBe(0);
    await lihao.bye(sessionid);
    expect(await listens.waitForExit()).toBe(0);
    expect(findSound(speech.samples, await decodeSound(file)).likeness).toBeGreaterThanOrEqual(SAME);
  },
  60_000,
);

requirePrograms(
  "ffmpeg",
  "ffprobe",
  "espeak-ng",
  "curl",
)(
  "a phone that loses its way and pushes again is heard in the same recordings",
  async () => {
    using folder = makeFolder();
    const [first, second] = await Promise.all([
      speak(folder.path, "en", NWAY_SAYS),
      speak(folder.path, "en", "One moment please, I was cut off."),
    ]);
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    const { caller, callee } = call;
    const files = { rtmp: join(folder.path, "rtmp.flv"), http: join(folder.path, "http.flv") };
    await using rtmpListens = recordWithFfmpeg(callee.pull, files.rtmp);
    await using httpListens = recordWithCurl(
      gateway.urls.flv(keyOf(callee.pull), tokenOf(callee.pull)),
      files.http,
    );
    await waitForStream(gateway, callee.pull, "two players", ({ playerCount }) => playerCount === 2);

    const killed = pushSpeech(caller.push, first);
    await waitForStream(gateway, caller.push, "sound", ({ bytesIn }) => bytesIn > 10_000);
    killed.kill("SIGKILL");
    await killed.exited;
    await waitForStream(gateway, caller.push, "no publisher", ({ publisher }) => publisher === undefined);
    // The next one never ends by itself: the phone's dead connection, which the last one takes over from.
    await using dead = pushSpeech(caller.push, first, -1);
    const { bytesIn: before } = await waitForStream(gateway, caller.push, "a publisher", ({ publisher }) =>
      Boolean(publisher),
    );
    await waitForStream(gateway, caller.push, "sound", ({ bytesIn }) => bytesIn > before + 10_000);
    await using speaks = pushSpeech(caller.push, second);
    expect(await speaks.waitForExit(30_000)).toBe(0);
    expect(await dead.waitForExit()).not.toBe(0);
    expect((await readCalls(gateway)).map(({ state }) => state)).toEqual(["talking"]);
    await callee.client.bye(call.sessionid);
    expect(await Promise.all([rtmpListens.waitForExit(), httpListens.waitForExit()])).toEqual([0, 0]);

    for (const file of [files.http, files.rtmp]) {
      const steps = await readSteps(file);
      expect(steps.length).toBeGreaterThan(100);
      expect(Math.min(...steps)).toBeGreaterThan(0);
      expect(findSound(second.samples, await decodeSound(file)).likeness).toBeGreaterThanOrEqual(SAME);
    }
  },
  60_000,
);

requirePrograms("ffmpeg", "espeak-ng")(
  "who pushes is cut off when the call ends, and by nobody who pushes with another token",
  async () => {
    using folder = makeFolder();
    const speech = await speak(folder.path, "en", NWAY_SAYS);
    await using gateway = await startGateway();
    await using call = await startCall(gateway);
    const { push } = call.caller;
    await using endless = pushSpeech(push, speech, -1);
    await waitForStream(gateway, push, "sound", ({ bytesIn }) => bytesIn > 0);
    for (const token of [tokenOf(push).replaceAll(/./g, "0"), undefined]) {
      await using intruder = pushSpeech(gateway.urls.rtmp(keyOf(push), token), speech);
      expect(await intruder.waitForExit(30_000)).not.toBe(0);
    }
    // The other side names the same stream, and publishes its own.
    await using other = pushSpeech(call.callee.pull, speech);
    expect(await other.waitForExit(30_000)).toBe(0);
    const { bytesIn, publisher } = await waitForStream(gateway, push, "its state", () => true);
    expect(publisher).toBeDefined();
    await waitForStream(gateway, push, "more sound", (stream) => stream.bytesIn > bytesIn);
    await call.callee.client.bye(call.sessionid);
    expect(await endless.waitForExit(30_000)).not.toBe(0);
    await using late = pushSpeech(push, speech);
    expect(await late.waitForExit(30_000)).not.toBe(0);
    expect(await readStreams(gateway)).toEqual([]);
  },
  60_000,
);
