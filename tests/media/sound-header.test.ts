import { expect, test } from "bun:test";
import { createLogger } from "../../src/log.ts";
import { TagType, tagToFrame } from "../../src/media/body/tag-frame.ts";
import { SoundHeader } from "../../src/media/sound-header.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { fromHex } from "../protocols/fixtures.ts";

/** What comes out, and what was logged. */
function open() {
  const out: string[] = [];
  const lines: string[] = [];
  const log = createLogger({ level: "info", write: (line) => void lines.push(line), clock: new FakeClock() });
  const stage = new SoundHeader(log, {
    push: ({ role, timestampMs, body }) =>
      out.push(`${role} ${timestampMs} ${Buffer.from(body).toString("hex")}`),
  });
  const push = (hex: string, timestampMs = 0) => {
    const frame = tagToFrame(TagType.audio, timestampMs, fromHex(hex));
    if (frame !== undefined) stage.push(frame, 0);
  };
  return { out, lines, push };
}

const ADTS_16_STEREO = "fff16080 0160fc 214a6c00";
const ADTS_48_MONO = "fff14c40 0160fc 01020304";

test("ADTS is taken off and gives the header, anew where it says something else", () => {
  const { out, lines, push } = open();
  push(`af01 ${ADTS_16_STEREO} ${ADTS_16_STEREO}`, 100);
  push(`af01 ${ADTS_48_MONO}`, 228);
  expect(out).toEqual([
    ...["config 100 af001410", "key 100 af01214a6c00", "key 164 af01214a6c00"],
    ...["config 228 af001188", "key 228 af0101020304"],
  ]);
  expect(lines.filter((line) => line.includes("stream.sound-without-header"))).toHaveLength(1);
});

test("ADTS behind a header that says the same adds none", () => {
  const { out, lines, push } = open();
  push("af00 1188 56e500");
  push(`af01 ${ADTS_48_MONO}`, 21);
  expect(out).toEqual(["config 0 af00118856e500", "key 21 af0101020304"]);
  expect(lines).toEqual([]);
});

test("what only looks like ADTS passes as it is", () => {
  const { out, push } = open();
  push("af01 fff1 00");
  expect(out).toEqual(["key 0 af01fff100"]);
});

test.each([
  { rate: 48_000, unit: "01", config: "1188" },
  { rate: 44_100, unit: "01", config: "1208" },
  { rate: 32_000, unit: "21", config: "1290" },
  { rate: 16_000, unit: "21", config: "1410" },
])("frames without a header get one that fits $rate Hz and the first element", ({ rate, unit, config }) => {
  const { out, lines, push } = open();
  for (let n = 0; n < 20; n++) push(`af01 ${unit}02`, Math.round((n * 1024_000) / rate));
  const made = out.filter((line) => line.startsWith("config"));
  expect(made).toEqual([expect.stringContaining(`af00${config}`)]);
  expect(lines.join("")).toContain(`sampleRate=${rate}`);
});

test("frames whose timestamps stand still are taken for 48 kHz", () => {
  const { out, push } = open();
  for (let n = 0; n < 20; n++) push("af01 0102", 7);
  expect(out.filter((line) => line.startsWith("config"))).toEqual(["config 7 af001188"]);
});

test("sound with a header, or in another codec, passes as the very same", () => {
  const { out, lines, push } = open();
  push("af00 1188");
  for (let n = 0; n < 20; n++) push("af01 0102", 21 * n);
  push("72 d5d5", 500);
  expect(out).toHaveLength(22);
  expect(lines).toEqual([]);
});
