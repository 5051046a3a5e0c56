import { expect } from "bun:test";
import { join } from "node:path";
import { BUILT_IN_CLIP_PATH } from "../../../src/media/audio/clips/built-in-clip.ts";
import { findSound, findSpeech } from "../../peers/correlation.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { runProcess } from "../../peers/process.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, tokenOf, waitForStream } from "./gateway-state.ts";
import {
  decodeSound,
  findPeak,
  makeFolder,
  pushSpeech,
  readCodec,
  readSteps,
  recordWithCurl,
  recordWithFfmpeg,
  SAMPLE_RATE,
  shareOf,
  speak,
} from "./speech.ts";
import { register, startCall } from "./two-people.ts";

/** An AAC frame of ours lasts 21.3 ms. */
const FRAME_MS = 22;
const MOST_GAP_MS = 25;
const CLIPPED = 0.99;
/** Of AAC: half a second of a tone. */
const SOME_BYTES = 3_000;
/** Of AAC as ffmpeg codes speech: two seconds at least. */
const SENTENCE_BYTES = 20_000;

type ListenOptions = {
  readonly user: string;
  readonly number: string;
  readonly way: "rtmp" | "http";
  readonly seconds: number;
  readonly file: string;
};

/** Calls a number and keeps what is heard there. */
async function listenTo(gateway: Gateway, options: ListenOptions): Promise<Float32Array> {
  const { user, number, way, seconds, file } = options;
  await using client = await register(gateway, user);
  const { sessionid, response } = await client.invite(number);
  expect(response.data.code).toBe("200ok");
  const { callee_url: url = "" } = response.data;
  const httpUrl = gateway.urls.flv(keyOf(url), tokenOf(url));
  await using recording = recordWithFfmpeg(way === "rtmp" ? url : httpUrl, file, seconds);
  expect(await recording.waitForExit(20_000)).toBe(0);
  await client.bye(sessionid);
  return await decodeSound(file);
}

/** lihao calls nway and records what he hears: there is some of it. */
async function startRinging(gateway: Gateway, file: string) {
  await using stack = new AsyncDisposableStack();
  const lihao = stack.use(await register(gateway, "lihao"));
  const nway = stack.use(await register(gateway, "nway"));
  const { sessionid, response } = await lihao.invite("nway");
  const listens = stack.use(recordWithFfmpeg(response.data.callee_url ?? "", file));
  await waitFor("ringing", () => Bun.file(file).size >= SOME_BYTES);
  const { callee_url: calleePush = "" } = (await nway.nextRequest("invite")).data;
  const open = stack.move();
  const parts = { lihao, nway, sessionid, listens, calleePush };
  return { ...parts, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

requirePrograms("ffmpeg", "ffprobe")(
  "9198 plays the built-in clip, word for word, though the configured one is missing; 9197 is 1,004 Hz",
  async () => {
    using folder = makeFolder();
    await using gateway = await startGateway({
      config: {
        server: { welcome_wav: "/nowhere/welcome.wav" },
        users: { user3: "third", password3: "1234" },
      },
    });
    expect(gateway.log()).toContain("[server] welcome_wav: there is no file /nowhere/welcome.wav");
    const listen = (number: string, way: ListenOptions["way"], user: string) =>
      listenTo(gateway, { user, number, way, seconds: 4, file: join(folder.path, `${user}.flv`) });
    const [overRtmp, overHttp, tone] = await Promise.all([
      listen("9198", "rtmp", "lihao"),
      listen("9198", "http", "nway"),
      listen("9197", "http", "third"),
    ]);

    const clip = await decodeSound(BUILT_IN_CLIP_PATH);
    for (const heard of [overRtmp, overHttp]) {
      const { likeness, lagSampleCount } = findSound(clip, heard);
      console.log(`9198: likeness ${likeness}, after ${lagSampleCount / SAMPLE_RATE} s`);
      expect(likeness).toBeGreaterThanOrEqual(0.95);
      // Whoever comes first hears it from its beginning
      expect(lagSampleCount / SAMPLE_RATE).toBeLessThan(0.3);
    }
    // The first frames hold the coder's own run-up
    expect(shareOf(1004, tone.subarray(SAMPLE_RATE / 5))).toBeGreaterThan(0.999);
    expect(tone.length).toBeGreaterThan(3.9 * SAMPLE_RATE);
    for (const heard of [overRtmp, overHttp, tone]) expect(findPeak(heard)).toBeLessThan(CLIPPED);
    for (const user of ["lihao", "nway", "third"]) {
      const stepsMs = await readSteps(join(folder.path, `${user}.flv`));
      expect(Math.min(...stepsMs)).toBeGreaterThan(0);
      expect(Math.max(...stepsMs)).toBeLessThanOrEqual(FRAME_MS);
    }
  },
  60_000,
);

const WELCOME_FORMATS = {
  "8-bit": ["-r", "8000", "-b", "8", "-e", "unsigned-integer"],
  "16-bit-stereo": ["-r", "44100", "-b", "16", "-e", "signed-integer", "-c", "2"],
  "a-law": ["-r", "8000", "-e", "a-law"],
} as const;

requirePrograms(
  "ffmpeg",
  "espeak-ng",
  "sox",
  "curl",
)(
  "a caller hears the clip of welcome_wav, whatever its format, and then it rings",
  async () => {
    using folder = makeFolder();
    const speech = await speak(folder.path, "en", "Welcome to the gate.");
    const listen = async ([name, format]: [string, readonly string[]]) => {
      const wav = join(folder.path, `${name}.wav`);
      await runProcess([pathOf("sox"), speech.wav, ...format, wav]);
      await using gateway = await startGateway({ config: { server: { welcome_wav: wav } } });
      await using _callee = await register(gateway, "nway");
      const seconds = speech.samples.length / SAMPLE_RATE + 1;
      const file = join(folder.path, `${name}.flv`);
      const heard = await listenTo(gateway, { user: "lihao", number: "nway", way: "http", seconds, file });
      return { name, heard };
    };
    for (const { name, heard } of await Promise.all(Object.entries(WELCOME_FORMATS).map(listen))) {
      const { likeness, lagSampleCount } = findSound(speech.samples, heard);
      console.log(`welcome_wav, ${name}: likeness ${likeness}`);
      expect(likeness).toBeGreaterThanOrEqual(0.9);
      const end = lagSampleCount + speech.samples.length;
      const ringing = heard.subarray(end + SAMPLE_RATE / 5, end + SAMPLE_RATE / 2);
      expect(shareOf(450, ringing)).toBeGreaterThan(0.99);
    }
  },
  60_000,
);

requirePrograms("ffmpeg", "ffprobe", "espeak-ng")(
  "a caller hears it ring from the first moment, then silence, then the callee, without a gap",
  async () => {
    using folder = makeFolder();
    const speech = await speak(folder.path, "en", "Good morning, this is the workshop speaking.");
    await using gateway = await startGateway();
    const file = join(folder.path, "caller.flv");
    await using call = await startRinging(gateway, file);
    const { lihao, nway, sessionid, calleePush, listens } = call;
    await nway.answer(sessionid);
    await using speaks = pushSpeech(calleePush, speech);
    expect(await speaks.waitForExit(30_000)).toBe(0);
    await lihao.bye(sessionid);
    expect(await listens.waitForExit()).toBe(0);

    const heard = await decodeSound(file);
    expect(shareOf(450, heard.subarray(SAMPLE_RATE / 5, SAMPLE_RATE / 2))).toBeGreaterThan(0.99);
    const { likeness, lagSampleCount } = findSound(speech.samples, heard);
    expect(likeness).toBeGreaterThanOrEqual(0.95);
    expect(lagSampleCount / SAMPLE_RATE).toBeGreaterThan(0.5);
    const stepsMs = await readSteps(file);
    expect(Math.min(...stepsMs)).toBeGreaterThan(0);
    expect(Math.max(...stepsMs) - FRAME_MS).toBeLessThanOrEqual(MOST_GAP_MS);
  },
  60_000,
);

requirePrograms("ffmpeg", "ffprobe", "espeak-ng")(
  "a caller hears nothing of a callee that pushes before it answers, and then all",
  async () => {
    using folder = makeFolder();
    const speech = await speak(folder.path, "en", "Not before the answer.");
    await using gateway = await startGateway();
    const file = join(folder.path, "caller.flv");
    await using call = await startRinging(gateway, file);
    const { lihao, nway, sessionid, calleePush, listens } = call;
    await using _speaks = pushSpeech(calleePush, speech, -1);
    await waitForStream(gateway, calleePush, "a sentence", ({ bytesIn }) => bytesIn > SENTENCE_BYTES);
    const untilAnswer = join(folder.path, "until-answer.flv");
    await Bun.write(untilAnswer, Bun.file(file));
    await nway.answer(sessionid);
    await waitFor("the callee", () => Bun.file(file).size > Bun.file(untilAnswer).size + 2 * SENTENCE_BYTES);
    await lihao.bye(sessionid);
    expect(await listens.waitForExit()).toBe(0);

    // It rings for a second; then there is nothing for four
    const pause = (await decodeSound(untilAnswer)).subarray(1.1 * SAMPLE_RATE, 4.9 * SAMPLE_RATE);
    expect(pause.length).toBeGreaterThan(SAMPLE_RATE);
    expect(findPeak(pause)).toBeLessThan(0.01);
    const { likeness } = findSound(speech.samples.subarray(0, SAMPLE_RATE), await decodeSound(file));
    expect(likeness).toBeGreaterThanOrEqual(0.9);
    expect(Math.min(...(await readSteps(file)))).toBeGreaterThan(0);
  },
  60_000,
);

requirePrograms("ffmpeg", "ffprobe", "espeak-ng")(
  "9196 gives AAC back to mini-programs that push G.711 and L16",
  async () => {
    using folder = makeFolder();
    const speech = await speak(folder.path, "en", "The quick brown fox jumps over the lazy dog.");
    await using gateway = await startGateway({ config: { users: { user3: "third", password3: "1234" } } });
    const echo = async (user: string, codec: "G711A" | "G711U" | "L16") => {
      await using client = await register(gateway, user);
      const { sessionid, response } = await client.invite("9196", { caller_audio: codec });
      const { caller_url = "", callee_url = "" } = response.data;
      const file = join(folder.path, `${codec}.flv`);
      await using listens = recordWithFfmpeg(callee_url, file);
      await waitForStream(gateway, callee_url, "a player", ({ playerCount }) => playerCount === 1);
      await using speaks = pushSpeech(caller_url, speech, 0, codec);
      expect(await speaks.waitForExit(30_000)).toBe(0);
      await client.bye(sessionid);
      expect(await listens.waitForExit()).toBe(0);
      expect(await readCodec(file)).toBe("aac");
      const { likeness } = findSound(speech.samples, await decodeSound(file));
      console.log(`echo from ${codec} to AAC: ${likeness}`);
      expect(likeness).toBeGreaterThanOrEqual(0.85);
    };
    await Promise.all([echo("lihao", "G711A"), echo("nway", "G711U"), echo("third", "L16")]);
  },
  60_000,
);

requirePrograms(
  "ffmpeg",
  "ffprobe",
  "espeak-ng",
  "curl",
)(
  "a machine with G.711 and a mini-program with AAC hear each other",
  async () => {
    using folder = makeFolder();
    const [machineSays, appSays] = await Promise.all([
      speak(folder.path, "en", "Somebody is at the gate, number four two nine."),
      speak(folder.path, "en+f3", "Please let him in and close the door behind him."),
    ]);
    await using gateway = await startGateway();
    await using call = await startCall(gateway, { caller_audio: "PCMA" }, { appname: "hd-machine" });
    const { caller, callee } = call;
    const atMachine = join(folder.path, "machine.flv");
    const atApp = join(folder.path, "app.flv");
    await using machineListens = recordWithFfmpeg(caller.pull, atMachine);
    await using appListens = recordWithCurl(
      gateway.urls.flv(keyOf(callee.pull), tokenOf(callee.pull)),
      atApp,
    );
    for (const { pull } of [caller, callee]) {
      await waitForStream(gateway, pull, "a player", ({ playerCount }) => playerCount === 1);
    }
    await using machineSpeaks = pushSpeech(caller.push, machineSays, 0, "G711A");
    await using appSpeaks = pushSpeech(callee.push, appSays);
    expect(await Promise.all([machineSpeaks, appSpeaks].map((child) => child.waitForExit(30_000)))).toEqual([
      0, 0,
    ]);
    await callee.client.bye(call.sessionid);
    expect(await Promise.all([machineListens.waitForExit(), appListens.waitForExit()])).toEqual([0, 0]);

    expect([await readCodec(atMachine), await readCodec(atApp)]).toEqual(["pcm_alaw", "aac"]);
    const likeness = {
      machineHearsApp: findSpeech(
        await decodeSound(appSays.wav, 8000),
        await decodeSound(atMachine, 8000),
        8000,
      ).likeness,
      appHearsMachine: findSpeech(
        await decodeSound(machineSays.wav, 8000),
        await decodeSound(atApp, 8000),
        8000,
      ).likeness,
    };
    console.log(likeness);
    expect(likeness.machineHearsApp).toBeGreaterThanOrEqual(0.85);
    expect(likeness.appHearsMachine).toBeGreaterThanOrEqual(0.85);
  },
  60_000,
);
