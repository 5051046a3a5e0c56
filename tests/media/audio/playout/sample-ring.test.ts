import { expect, test } from "bun:test";
import { SampleRing } from "../../../../src/media/audio/playout/sample-ring.ts";

function count(from: number, to: number): Float32Array {
  return Float32Array.from({ length: to - from }, (_, n) => from + n);
}

function read(ring: SampleRing, length: number): number[] {
  const out = new Float32Array(length);
  ring.peek(out, 0, length);
  ring.advance(length);
  return [...out];
}

test("gives what it got, around its end too", () => {
  const ring = new SampleRing(16);
  for (let at = 0; at < 100; at += 10) {
    expect(ring.write(count(at, at + 10))).toBe(0);
    expect(ring.length).toBe(10);
    expect(read(ring, 10)).toEqual([...count(at, at + 10)]);
  }
});

test("drops its oldest samples when it is full, and says that the next continues nothing", () => {
  const ring = new SampleRing(16);
  ring.write(count(0, 10));
  expect(ring.passJoint()).toBeUndefined();
  expect(ring.write(count(10, 20))).toBe(4);
  expect(ring.passJoint()).toBe(0);
  expect(ring.passJoint()).toBeUndefined();
  expect(read(ring, 16)).toEqual([...count(4, 20)]);
  expect(ring.write(count(0, 50))).toBe(34);
  expect(ring.passJoint()).toBe(0);
  expect(read(ring, 16)).toEqual([...count(34, 50)]);
});

test("stops at joints, and knows what is missing there", () => {
  const ring = new SampleRing(64);
  ring.write(count(0, 10));
  ring.markJoint(30);
  ring.write(count(10, 20));
  ring.markJoint(0);
  ring.write(count(20, 30));
  expect([ring.lengthToJoint, ring.gapMs, ring.passJoint()]).toEqual([10, 30, undefined]);
  read(ring, 10);
  expect([ring.lengthToJoint, ring.passJoint(), ring.gapMs]).toEqual([0, 30, 0]);
  expect([ring.lengthToJoint, ring.passJoint()]).toEqual([10, undefined]);
  read(ring, 10);
  expect([ring.passJoint(), ring.lengthToJoint]).toEqual([0, 10]);
});

test("joints of what is skipped are forgotten, those beyond are not", () => {
  const ring = new SampleRing(64);
  ring.write(count(0, 10));
  ring.markJoint(30);
  ring.write(count(10, 20));
  ring.markJoint(40);
  ring.write(count(20, 30));
  expect(ring.skip(15)).toBe(15);
  expect([ring.gapMs, ring.lengthToJoint, ring.passJoint(), ring.lengthToJoint]).toEqual([40, 0, 0, 5]);
  ring.forgetGaps();
  expect(ring.gapMs).toBe(0);
  read(ring, 5);
  expect(ring.passJoint()).toBe(0);
});

test("keeps no more than 16 joints", () => {
  const ring = new SampleRing(1024);
  for (let n = 0; n < 40; n++) {
    ring.write(count(0, 10));
    ring.markJoint(1);
  }
  expect(ring.gapMs).toBe(16);
});
