import { beforeEach, describe, expect, test } from "bun:test";
import { defineWireFormat, type Frame } from "../../../src/media/frame.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeSocket } from "./fake-socket.ts";

const LIMITS = { maxAgeMs: 500, maxBytes: 1000 };
/** The frame's number, twice: so that half of a frame shows. */
const format = defineWireFormat(({ body }) => Uint8Array.of(body[0] ?? 0, body[0] ?? 0));

let clock: FakeClock;
let socket: FakeSocket;
let outbound: Outbound;

beforeEach(() => {
  clock = new FakeClock();
  socket = new FakeSocket();
  outbound = new Outbound(socket, { clock, queue: LIMITS }, format);
});

function sound(number: number): Frame {
  return {
    kind: "audio",
    codec: "G711A",
    role: "key",
    timestampMs: number,
    body: Uint8Array.of(number),
    wire: [],
  };
}

function makeRoom(byteCount: number): void {
  socket.room = byteCount;
  outbound.drain();
}

test("what the socket takes goes out at once, in order", () => {
  outbound.sendControl(Uint8Array.of(9));
  outbound.sendFrame(sound(1));
  outbound.sendFrame(sound(2));
  expect(socket.taken).toEqual([9, 1, 1, 2, 2]);
  expect(outbound.sentByteCount).toBe(5);
  expect(outbound.isIdle).toBe(true);
});

describe("a socket that takes less than it is given", () => {
  test("gets the rest of a frame before anything else, at any split", () => {
    for (let room = 0; room <= 6; room++) {
      socket = new FakeSocket();
      socket.room = room;
      outbound = new Outbound(socket, { clock, queue: LIMITS }, format);
      for (const number of [1, 2, 3]) outbound.sendFrame(sound(number));
      expect(socket.taken).toEqual([1, 1, 2, 2, 3, 3].slice(0, room));
      expect(outbound.sentByteCount).toBe(room);
      for (let more = 0; more < 6; more++) makeRoom(1);
      expect(socket.taken).toEqual([1, 1, 2, 2, 3, 3]);
      expect([outbound.sentByteCount, outbound.isIdle]).toEqual([6, true]);
    }
  });

  test("gets control bytes before waiting frames, but never within one", () => {
    socket.room = 1;
    outbound.sendFrame(sound(1));
    outbound.sendFrame(sound(2));
    outbound.sendControl(Uint8Array.of(9));
    makeRoom(100);
    expect(socket.taken).toEqual([1, 1, 9, 2, 2]);
  });

  test("gets no frame older than the limit once it takes bytes again", () => {
    socket.room = 0;
    outbound.sendFrame(sound(1));
    outbound.sendFrame(sound(2));
    clock.advance(400);
    outbound.sendFrame(sound(3));
    clock.advance(101);
    makeRoom(100);
    expect(socket.taken).toEqual([1, 1, 3, 3]);
    expect(outbound.droppedFrameCount).toBe(1);
  });

  test("is cut off when it lets replies pile up, not before", () => {
    socket.room = 0;
    const reply = new Uint8Array(64 * 1024);
    outbound.sendControl(reply);
    for (let count = 0; count < 4; count++) outbound.sendControl(reply);
    expect(socket.isTerminated).toBe(false);
    outbound.sendControl(Uint8Array.of(1));
    expect(socket.isTerminated).toBe(true);
  });
});

describe("frames wait", () => {
  test("until there is a format; control bytes do not", () => {
    outbound = new Outbound(socket, { clock, queue: LIMITS });
    outbound.sendFrame(sound(1));
    outbound.sendControl(Uint8Array.of(9));
    expect(socket.taken).toEqual([9]);
    outbound.format = format;
    outbound.drain();
    expect(socket.taken).toEqual([9, 1, 1]);
  });

  test("while held, grow old and are dropped; what is young goes out upon release", () => {
    outbound.hold();
    outbound.sendFrame(sound(1));
    clock.advance(450);
    outbound.sendFrame(sound(2));
    expect(socket.taken).toEqual([]);
    clock.advance(60);
    outbound.release();
    expect(socket.taken).toEqual([2, 2]);
    expect([outbound.droppedFrameCount, outbound.isHeld]).toEqual([1, false]);
  });
});

describe("a closed connection", () => {
  test("whose socket says so is written to no more", () => {
    socket.room = -1;
    outbound.sendFrame(sound(1));
    socket.room = 100;
    outbound.sendFrame(sound(2));
    outbound.sendControl(Uint8Array.of(9));
    outbound.drain();
    expect(socket.taken).toEqual([]);
  });

  test("forgets what waited", () => {
    socket.room = 0;
    outbound.sendFrame(sound(1));
    outbound.sendControl(Uint8Array.of(9));
    outbound.close();
    makeRoom(100);
    expect(socket.taken).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});

test.each([
  [false, 100, 100],
  [true, 100, 122],
  [true, 16_384, 16_406],
  [true, 16_385, 16_429],
])("counts as the kernel does (encrypted: %p): %d bytes are %d", (isSecure, byteCount, counted) => {
  outbound = new Outbound(socket, { clock, queue: LIMITS, isSecure });
  outbound.sendControl(new Uint8Array(byteCount));
  expect(outbound.sentByteCount).toBe(counted);
});
