import { expect, test } from "bun:test";
import { MILLIWATT } from "../../../../src/codecs/pcm/tone-plans.ts";
import { ToneGenerator } from "../../../../src/codecs/pcm/tones.ts";
import { PLAYLIST_RATE, type Playlist, PlaylistReader } from "../../../../src/media/audio/clips/playlist.ts";

const clip = Float32Array.of(0.1, 0.2, 0.3);
const other = Float32Array.of(0.4, 0.5);
/** Sixteen samples a millisecond. */
const pause = { silenceMs: 0.25 };

/** `count` samples, read in pieces. */
function read(playlist: Playlist, count: number, pieceLength: number): Float32Array {
  const reader = new PlaylistReader(playlist);
  const samples = new Float32Array(count).fill(9);
  for (let at = 0; at < count; at += pieceLength) {
    reader.fill(samples.subarray(at, Math.min(count, at + pieceLength)));
  }
  return samples;
}

test.each([1, 2, 3, 7, 24])("one after another and again, however it is read (%d at a time)", (piece) => {
  const playlist = { sounds: [{ clip }, pause, { clip: other }], repeats: true };
  const round = [...clip, 0, 0, 0, 0, ...other];
  expect(read(playlist, 18, piece)).toEqual(Float32Array.of(...round, ...round));
});

test("silence after the last, where it does not repeat", () => {
  const playlist = { sounds: [{ clip }, { clip: other }], repeats: false };
  expect(read(playlist, 8, 4)).toEqual(Float32Array.of(...clip, ...other, 0, 0, 0));
});

test("a tone has no end", () => {
  const expected = new Float32Array(PLAYLIST_RATE);
  new ToneGenerator(MILLIWATT, PLAYLIST_RATE).fill(expected.subarray(3));
  expected.set(clip);
  const playlist = { sounds: [{ clip }, { tone: MILLIWATT }, { clip }], repeats: true };
  expect(read(playlist, PLAYLIST_RATE, 320)).toEqual(expected);
});

test.each([[[]], [[{ clip: new Float32Array(0) }, { silenceMs: 0 }]]])(
  "nothing at all is silence",
  (sounds) => {
    for (const repeats of [true, false]) {
      expect(read({ sounds, repeats }, 4, 2)).toEqual(new Float32Array(4));
    }
  },
);
