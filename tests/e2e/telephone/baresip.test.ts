import { expect } from "bun:test";
import { join } from "node:path";
import { startBaresip } from "../../peers/baresip.ts";
import { findSpeech } from "../../peers/correlation.ts";
import { startGateway } from "../../peers/gateway.ts";
import { runProcess } from "../../peers/process.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, readCalls, tokenOf, waitForStream } from "../calls/gateway-state.ts";
import { decodeSound, makeFolder, pushSpeech, recordWithCurl, speak, speakLater } from "../calls/speech.ts";
import { register } from "../calls/two-people.ts";
import { readEnd } from "./laboratory.ts";

const LIKE = 0.85;
const MICROPHONE_SECONDS = 1.5;
/** baresip hangs up where its file ends: it lasts longer than the call may. */
const SILENT_SECONDS = 60;

const WAYS = [
  ["PCMA", "rtpevent"],
  ["PCMU", "info"],
] as const;

for (const [codec, sendsKeysAs] of WAYS) {
  requirePrograms(
    "baresip",
    "ffmpeg",
    "espeak-ng",
    "curl",
  )(
    `baresip calls a user with ${codec}: they talk, keys go both ways, it holds and resumes`,
    async () => {
      using folder = makeFolder();
      const [appSays, phoneSays] = await Promise.all([
        speak(folder.path, "en", "Good morning, this is the workshop speaking."),
        speak(folder.path, "en+f3", "Hello, I would like to bring my bicycle."),
      ]);
      const wav = join(folder.path, "phone.wav");
      const later = await speakLater(phoneSays, MICROPHONE_SECONDS);
      await runProcess([
        pathOf("ffmpeg"),
        "-loglevel",
        "error",
        "-i",
        later.wav,
        "-ar",
        "8000",
        "-ac",
        "1",
        "-af",
        `apad=pad_dur=${SILENT_SECONDS}`,
        wav,
      ]);
      await using gateway = await startGateway();
      await using app = await register(gateway, "lihao");
      await using phone = await startBaresip({ folder: folder.path, codec, wav, sendsKeysAs });

      phone.dial(`sip:lihao@127.0.0.1:${gateway.ports.sip}`);
      const invite = await app.nextRequest("invite");
      const { sessionid } = invite;
      expect(invite.data.caller_number).toBe("phone");
      await phone.waitFor(/180 Ringing|[Rr]inging/);
      const { caller_url: pull = "", callee_url: push = "" } = invite.data;
      const file = join(folder.path, "app.flv");
      await using listens = recordWithCurl(gateway.urls.flv(keyOf(pull), tokenOf(pull)), file);
      await waitForStream(gateway, pull, "a player", ({ playerCount }) => playerCount === 1);
      await app.answer(sessionid);
      await phone.waitFor(/[Cc]all established/);
      await using speaks = pushSpeech(push, await speakLater(appSays, MICROPHONE_SECONDS));
      expect(await speaks.waitForExit(30_000)).toBe(0);

      phone.press("5");
      const { data } = await app.nextRequest("message", sessionid);
      expect(data).toMatchObject({ event: "dtmf", dtmf: "5" });
      await app.request("message", { sessionid, data: { callee_number: "phone", dtmf: "7" } });
      await phone.waitFor(/received (?:in-band )?(?:DTMF|event)[^\n]*7/i);

      await phone.pressUntil("x", /call: hold/);
      await phone.pressUntil("X", /call: resume/);
      phone.press("b");
      expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
      expect(await listens.waitForExit()).toBe(0);
      await waitFor("the end of all calls", async () => (await readCalls(gateway)).length === 0);

      const recording = await waitFor("the recording", () => phone.recording());
      const likeness = {
        phoneHearsApp: findSpeech(
          await decodeSound(appSays.wav, 8000),
          await decodeSound(recording, 8000),
          8000,
        ).likeness,
        appHearsPhone: findSpeech(await decodeSound(phoneSays.wav, 8000), await decodeSound(file, 8000), 8000)
          .likeness,
      };
      console.log("baresip", codec, likeness);
      expect(likeness.phoneHearsApp).toBeGreaterThanOrEqual(LIKE);
      expect(likeness.appHearsPhone).toBeGreaterThanOrEqual(LIKE);
      expect(gateway.process.stderr()).not.toMatch(/ error /);
    },
    60_000,
  );
}
