import { describe, expect, test } from "bun:test";
import { decodeALaw } from "../../../../src/codecs/g711/a-law.ts";
import { decodeULaw } from "../../../../src/codecs/g711/u-law.ts";
import { decodeL16 } from "../../../../src/codecs/pcm/l16.ts";
import type { CodedAudio } from "../../../../src/media/audio/coding/coded-audio.ts";
import type { TelephoneCodec } from "../../../../src/media/sound/telephone/telephone-packet.ts";
import { ToTelephone } from "../../../../src/media/sound/telephone/to-telephone.ts";
import { findSound } from "../../../peers/correlation.ts";
import { requirePrograms } from "../../../peers/programs.ts";
import { errorCodeOf } from "../../../protocols/error-code.ts";
import { encodeAac, speak } from "../../audio/peers.ts";
import { aacOf, codedOf, rmsOf, tone } from "../../audio/sounds.ts";

const AAC_48_KHZ = Uint8Array.of(0x11, 0x88);

function decode(codec: TelephoneCodec, payload: Uint8Array): Float32Array {
  const samples = new Float32Array(codec === "L16" ? payload.length / 2 : payload.length);
  if (codec === "PCMA") decodeALaw(payload, samples);
  else if (codec === "PCMU") decodeULaw(payload, samples);
  else decodeL16(payload, samples, false);
  return samples;
}

/** Pushes each frame `arrivalMs` after 5 s, pulls each 20 ms until `endMs`. Gives what a telephone hears. */
function relay(
  codec: TelephoneCodec,
  frames: readonly CodedAudio[],
  endMs: number,
  arrivalMs = (coded: CodedAudio) => coded.timestampMs,
): { telephone: ToTelephone; heard: Float32Array } {
  const telephone = new ToTelephone({ codec, ptimeMs: 20 });
  const heard: number[] = [];
  let next = 0;
  for (let nowMs = 0; nowMs < endMs; nowMs += 20) {
    for (let coded = frames[next]; coded !== undefined && arrivalMs(coded) <= nowMs; coded = frames[++next]) {
      telephone.push(coded, 5_000 + arrivalMs(coded));
    }
    heard.push(...decode(codec, telephone.pull(5_000 + nowMs)));
  }
  return { telephone, heard: Float32Array.from(heard) };
}

test.each([
  ["PCMA", 10, 80],
  ["PCMU", 20, 160],
  ["PCMA", 60, 480],
  ["L16", 20, 640],
] as const)("%s of %d ms has %d bytes, from the first pull on", (codec, ptimeMs, byteCount) => {
  const telephone = new ToTelephone({ codec, ptimeMs });
  const first = telephone.pull(0);
  expect(first).toHaveLength(byteCount);
  expect(rmsOf(decode(codec, first))).toBeLessThan(0.001);
  expect(telephone.pull(ptimeMs)).toBe(first);
});

test.each(["PCMA", "PCMU", "L16"] as const)("AAC is heard as %s, soon", (codec) => {
  const rate = codec === "L16" ? 16_000 : 8_000;
  const { telephone, heard } = relay(codec, aacOf(tone(300, 16_000, 32_000), 16_000), 1_900);
  const match = findSound(tone(300, rate, rate), heard);
  expect(match.likeness).toBeGreaterThan(0.98);
  const begin = heard.findIndex((sample) => Math.abs(sample) > 0.2);
  expect((1000 * begin) / rate).toBeLessThan(160);
  expect(telephone.damagedCount).toBe(0);
});

test("what cannot be decoded is passed over, a bad config said once; the telephone gets its packets", () => {
  const telephone = new ToTelephone({ codec: "PCMA", ptimeMs: 20 });
  telephone.push(codedOf({ codec: "MP3" }), 0);
  const bad = codedOf({ codec: "AAC", role: "config", data: Uint8Array.of(0x11, 0xb0) });
  expect(errorCodeOf(() => telephone.push(bad, 0))).toBe("aac.unsupported-channels");
  telephone.push(bad, 0);
  for (let nowMs = 0; nowMs < 1_000; nowMs += 20) expect(telephone.pull(nowMs)).toHaveLength(160);
});

test("a publisher that takes over is heard, whatever its time", () => {
  const first = aacOf(tone(300, 8_000, 16_000), 8_000);
  const telephone = new ToTelephone({ codec: "PCMA", ptimeMs: 20 });
  let nowMs = 0;
  const talk = (frames: readonly CodedAudio[], shiftMs: number) => {
    const beginMs = nowMs;
    let heard: number[] = [];
    let next = 0;
    for (; nowMs < beginMs + 1_900; nowMs += 20) {
      for (
        let coded = frames[next];
        coded !== undefined && beginMs + coded.timestampMs <= nowMs;
        coded = frames[++next]
      ) {
        telephone.push({ ...coded, timestampMs: (coded.timestampMs + shiftMs) >>> 0 }, nowMs);
      }
      heard.push(...decode("PCMA", telephone.pull(nowMs)));
    }
    heard = heard.slice(8 * 500);
    return rmsOf(heard);
  };
  expect(talk(first, 1_000_000)).toBeGreaterThan(0.3);
  telephone.restart();
  expect(talk(first, -3_000)).toBeGreaterThan(0.3);
});

describe("spoken sentences that ffmpeg coded", () => {
  for (const [name, arrivalMs] of [
    ["are heard as they were", ({ timestampMs }: CodedAudio) => timestampMs],
    ["and that come in bursts, too", ({ timestampMs }: CodedAudio) => 100 * Math.ceil(timestampMs / 100)],
  ] as const) {
    requirePrograms("ffmpeg", "espeak-ng")(name, async () => {
      const [coded, source] = [await encodeAac(await speak(48_000), 48_000), await speak(8_000)];
      const units = coded.map((data, index) =>
        codedOf({ codec: "AAC", timestampMs: Math.round((index * 64) / 3), data }),
      );
      const config = codedOf({ codec: "AAC", role: "config", data: AAC_48_KHZ });
      const { telephone, heard } = relay("PCMA", [config, ...units], 7_600, arrivalMs);
      // Without the first words, during which the delay is still being found.
      const match = findSound(source.subarray(16_000, 56_000), heard);
      const { targetMs, concealedMs } = telephone.playout;
      const delayMs = match.lagSampleCount / 8 - 2_000;
      console.log(name, { likeness: match.likeness, delayMs, targetMs, concealedMs });
      expect(match.likeness).toBeGreaterThan(0.97);
      // Of the codec 21 ms and of the pull 20 are not the buffer's.
      expect(delayMs).toBeLessThan(targetMs + 50);
    });
  }
});
