import { expect, test } from "bun:test";
import { makeToneBody, readToneIndex } from "../../src/probe/test-sound.ts";

test.each([0, 1, 2, 255, 65_536, 2 ** 24 - 1])("frame %d of the test sound says which one it is", (index) => {
  expect(readToneIndex(makeToneBody(index))).toBe(index);
});

test("no other sound is taken for it", () => {
  const silence = new Uint8Array(161).fill(0xd5);
  silence[0] = 0x72;
  const louder = makeToneBody(5);
  louder[100] = (louder[100] ?? 0) ^ 0x20;
  for (const body of [silence, louder, makeToneBody().subarray(1), new Uint8Array(0)]) {
    expect(readToneIndex(body)).toBeUndefined();
  }
});
