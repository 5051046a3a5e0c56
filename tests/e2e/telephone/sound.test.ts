import { expect } from "bun:test";
import { join } from "node:path";
import { findSound, findSpeech } from "../../peers/correlation.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, tokenOf, waitForStream } from "../calls/gateway-state.ts";
import {
  decodeSound,
  makeFolder,
  pushSpeech,
  readCodec,
  readSteps,
  recordWithCurl,
  recordWithFfmpeg,
  SAMPLE_RATE,
  shareOf,
  speak,
  speakLater,
} from "../calls/speech.ts";
import { connect, dial, expectNothingLeft, startLaboratory } from "./laboratory.ts";

const LIKE = 0.85;
const FRAME_MS = 22;
/** The playout finds its delay before anybody speaks. */
const MICROPHONE_SECONDS = 1.5;

/** The same code makes the sound on threads and, with 0, on the main thread. */
const PLACES = [
  ["pcma", 8000, "1"],
  ["l16,pcma", 16_000, "1"],
  ["pcma", 8000, "0"],
] as const;

for (const [codecs, sampleRate, voiceThreads] of PLACES) {
  requirePrograms(
    "ffmpeg",
    "ffprobe",
    "espeak-ng",
    "curl",
  )(
    `an app with AAC and a telephone with ${codecs} understand each other, by ${voiceThreads} voice threads`,
    async () => {
      using folder = makeFolder();
      const [appSays, phoneSays] = await Promise.all([
        speak(folder.path, "en", "Please let him in and close the door behind him."),
        speak(folder.path, "en+f3", "Somebody is at the gate, number four two nine."),
      ]);
      const media = { voice_threads: voiceThreads };
      await using laboratory = await startLaboratory({}, { rtp: { codecs }, media });
      const { gateway } = laboratory;
      const health = await (await fetch(`${gateway.urls.api}/healthz`)).json();
      expect(health).toMatchObject({ voiceThreads: Number(voiceThreads) });
      const call = await dial(laboratory);
      await connect(laboratory, call);
      const { leg } = call;
      const file = join(folder.path, "app.flv");
      await using listens = recordWithCurl(gateway.urls.flv(keyOf(call.pull), tokenOf(call.pull)), file);
      await waitForStream(gateway, call.pull, "a player", ({ playerCount }) => playerCount === 1);
      const before = leg.media.packets.length;
      await using speaks = pushSpeech(call.push, await speakLater(appSays, MICROPHONE_SECONDS));
      const said = leg.media.say(await decodeSound(phoneSays.wav, sampleRate));
      expect(await speaks.waitForExit(30_000)).toBe(0);
      await said;
      await laboratory.app.bye(call.sessionid);
      expect(await listens.waitForExit()).toBe(0);
      await expectNothingLeft(laboratory);

      const reference = await decodeSound(appSays.wav, sampleRate);
      const likeness = {
        phoneHearsApp: findSpeech(reference, leg.media.readSound(before), sampleRate).likeness,
        appHearsPhone: findSpeech(await decodeSound(phoneSays.wav, 8000), await decodeSound(file, 8000), 8000)
          .likeness,
      };
      console.log(codecs, voiceThreads, likeness);
      expect(await readCodec(file)).toBe("aac");
      expect(likeness.phoneHearsApp).toBeGreaterThanOrEqual(LIKE);
      expect(likeness.appHearsPhone).toBeGreaterThanOrEqual(LIKE);
    },
    60_000,
  );
}

requirePrograms("ffmpeg", "ffprobe", "espeak-ng")(
  "the app hears it ring, then the telephone's early media, then the telephone, over RTMP without a gap",
  async () => {
    using folder = makeFolder();
    const announcement = await speak(folder.path, "en", "The person you are calling can not take your call.");
    await using laboratory = await startLaboratory();
    const { gateway, app } = laboratory;
    const call = await dial(laboratory);
    const { leg } = call;
    const file = join(folder.path, "app.flv");
    await using listens = recordWithFfmpeg(call.pull, file);
    await waitForStream(gateway, call.pull, "a player", ({ playerCount }) => playerCount === 1);
    leg.call.ring();
    await app.nextRequest("message", call.sessionid);
    await waitFor("ringing", () => Bun.file(file).size > 5000);
    leg.call.sendEarlyMedia();
    await leg.media.say(withSilence(await decodeSound(announcement.wav, 8000)));
    leg.call.refuse("USER_BUSY", 486);
    expect(await listens.waitForExit()).toBe(0);
    const heard = await decodeSound(file);
    const { likeness, lagSampleCount } = findSound(announcement.samples, heard);
    console.log("early media:", likeness, "after", lagSampleCount / SAMPLE_RATE, "s");
    expect(likeness).toBeGreaterThanOrEqual(LIKE);
    expect(shareOf(450, heard.subarray(SAMPLE_RATE / 5, SAMPLE_RATE / 2))).toBeGreaterThan(0.99);
    const stepsMs = await readSteps(file);
    expect(Math.min(...stepsMs)).toBeGreaterThan(0);
    expect(Math.max(...stepsMs)).toBeLessThanOrEqual(FRAME_MS);
    await expectNothingLeft(laboratory);
  },
  60_000,
);

/** What is said last is under way for a while. */
function withSilence(samples: Float32Array): Float32Array {
  const longer = new Float32Array(samples.length + 4000);
  longer.set(samples);
  return longer;
}
