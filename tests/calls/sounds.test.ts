import { describe, expect, test } from "bun:test";
import { createCallSounds } from "../../src/calls/call-sounds.ts";
import { MILLIWATT, TONE_PLANS } from "../../src/codecs/pcm/tone-plans.ts";
import { openDesk } from "./desk.ts";
import type { FakeStream } from "./fake-media.ts";

const BUILT_IN = new Float32Array(10);
const OWN = new Float32Array(20);

type Desk = ReturnType<typeof openDesk>;

/** The caller's stream, then the callee's. */
function streamsOf({ media }: Desk): readonly FakeStream[] {
  return [...media.streams.values()];
}

function playedTo(desk: Desk) {
  return streamsOf(desk).map(({ played }) => played);
}

describe("what a caller hears before the callee", () => {
  test("is ringing from the invite on, and silence from the answer on", () => {
    const sounds = createCallSounds("uk", undefined, BUILT_IN);
    const desk = openDesk({ sounds });
    desk.reach("inviting");
    expect(playedTo(desk)).toEqual([[], [sounds.waiting]]);
    expect(sounds.waiting.sounds).toEqual([{ tone: TONE_PLANS.uk.ringback }]);
    desk.callee.respond();
    expect(playedTo(desk)).toEqual([[], [sounds.waiting]]);
    desk.ask(desk.callee, "answer");
    expect(playedTo(desk)).toEqual([[], [sounds.waiting, sounds.silence]]);
  });

  test("is never what the callee says before the answer, even where it pushes already", () => {
    const desk = openDesk();
    desk.reach("ringing");
    const isHeldBack = () => streamsOf(desk).map((stream) => stream.isHeldBack);
    expect(isHeldBack()).toEqual([false, true]);
    desk.ask(desk.callee, "answer");
    expect(isHeldBack()).toEqual([false, false]);
  });

  test("begins with the clip of welcome_wav", () => {
    const { waiting } = createCallSounds("cn", OWN, BUILT_IN);
    expect(waiting).toEqual({ sounds: [{ clip: OWN }, { tone: TONE_PLANS.cn.ringback }], repeats: false });
  });

  test("has no place where only the caller may push", () => {
    const desk = openDesk();
    desk.reach("talking", { media_attribute: "sendonly" });
    expect(playedTo(desk)).toEqual([[]]);
  });
});

describe("an extension answers at once and plays to its caller", () => {
  const sounds = createCallSounds("cn", undefined, BUILT_IN);

  test.each([
    ["9197", sounds.extensions.tone],
    ["9198", sounds.extensions.welcome],
    ["9196", sounds.silence],
  ])("%s", (number, playlist) => {
    const desk = openDesk({ sounds });
    desk.ask(desk.caller, "invite", { callee_number: number });
    expect(desk.caller.methods).toEqual(["answer"]);
    expect(playedTo(desk)).toEqual([[], [playlist]]);
    desk.ask(desk.caller, "bye");
    expect([desk.calls.size, desk.media.streams.size]).toEqual([0, 0]);
  });

  test("the tone without end, the clip again and again: the configured one, else our own", () => {
    expect(sounds.extensions.tone).toEqual({ sounds: [{ tone: MILLIWATT }], repeats: false });
    const clips = [sounds, createCallSounds("cn", OWN, BUILT_IN)].map(({ extensions }) => extensions.welcome);
    expect(clips).toEqual(
      [BUILT_IN, OWN].map((clip) => ({ sounds: [{ clip }, { silenceMs: 1_000 }], repeats: true })),
    );
  });

  test("what it plays is expected from nobody", () => {
    const desk = openDesk();
    desk.ask(desk.caller, "invite", { callee_number: "9198" });
    for (let second = 0; second < 60; second++) {
      desk.clock.advance(1_000);
      const [pushed] = streamsOf(desk);
      if (pushed !== undefined) pushed.frameAtMs = desk.clock.nowMs();
    }
    expect(desk.caller.methods).toEqual(["answer"]);
  });
});

describe("each side hears the codec that it can play", () => {
  const heard = (desk: Desk) => streamsOf(desk).map(({ conversion }) => conversion);

  test("AAC for mini-programs, whatever they say", () => {
    const desk = openDesk();
    desk.reach("talking", { caller_audio: "G711A" });
    expect(heard(desk)).toEqual(["AAC", "AAC"]);
  });

  test("else what it declares, and then what it really pushes", () => {
    const desk = openDesk();
    desk.caller.appname = "hd-machine";
    desk.callee.appname = "hd-machine";
    desk.reach("inviting", { caller_audio: "PCMA" });
    expect(heard(desk)).toEqual(["AAC", "G711A"]);
    desk.callee.respond({ callee_audio: "G711U" });
    expect(heard(desk)).toEqual(["G711U", "G711A"]);
    const [ofCaller, ofCallee] = streamsOf(desk);
    ofCaller?.push("L16");
    expect(heard(desk)).toEqual(["G711U", "L16"]);
    ofCallee?.push("OPUS");
    expect(heard(desk)).toEqual(["G711U", "L16"]);
  });

  test("else audio_codec; a callee is not taken at the caller's word", () => {
    const desk = openDesk({ codecs: { audio: "G711U", video: undefined } });
    desk.callee.appname = "hd-machine";
    desk.reach("ringing", { caller_audio: "G711A" });
    expect(heard(desk)).toEqual(["G711U", "AAC"]);
  });

  test("an echo too; what it listens to comes as it is", () => {
    const desk = openDesk();
    desk.ask(desk.caller, "invite", { callee_number: "9196" });
    expect(heard(desk)).toEqual([undefined, "AAC"]);
  });
});
