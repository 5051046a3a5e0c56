import { beforeEach, expect, test } from "bun:test";
import { defineWireFormat, type Frame } from "../../../src/media/frame.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeSocket } from "./fake-socket.ts";

const format = defineWireFormat(({ body }) => Uint8Array.of(body[0] ?? 0, body[0] ?? 0));

let clock: FakeClock;
let socket: FakeSocket;
let outbound: Outbound;

beforeEach(() => {
  clock = new FakeClock();
  socket = new FakeSocket();
  outbound = new Outbound(socket, { clock, queue: { maxAgeMs: 500, maxBytes: 1000 } }, format);
});

function picture(number: number, role: "key" | "delta"): Frame {
  return {
    kind: "video",
    codec: "H264",
    role,
    timestampMs: number,
    body: Uint8Array.of(number),
    wire: [],
  };
}

test("ending writes the rest of a frame and the last reply whole, drops waiting frames, then shuts down", () => {
  socket.room = 1;
  outbound.sendFrame(picture(1, "key"));
  outbound.sendFrame(picture(2, "delta"));
  outbound.sendControl(Uint8Array.of(9, 9));
  outbound.end();
  expect([outbound.isOpen, socket.isShutDown]).toEqual([false, false]);
  socket.room = 2;
  outbound.drain();
  expect(socket.isShutDown).toBe(false);
  socket.room = 10;
  outbound.drain();
  expect(socket.taken).toEqual([1, 1, 9, 9]);
  expect([socket.isShutDown, socket.isTerminated]).toEqual([true, false]);
});

test("after the end nothing more is taken", () => {
  outbound.end();
  outbound.sendControl(Uint8Array.of(1));
  outbound.sendFrame(picture(1, "key"));
  expect([socket.taken, outbound.isIdle]).toEqual([[], true]);
});

test("a peer that does not close is cut off; one that closes leaves no timer", () => {
  outbound.end();
  clock.advance(1_000);
  expect(socket.isTerminated).toBe(true);

  const other = new Outbound(new FakeSocket(), { clock, queue: { maxAgeMs: 500, maxBytes: 1000 } });
  other.end();
  other.close();
  expect(clock.timerCount).toBe(0);
});

test("a second stream on one connection starts with its key frame, and not with what waited of the first", () => {
  outbound.sendFrame(picture(1, "key"));
  socket.room = 0;
  outbound.sendFrame(picture(2, "delta"));
  outbound.sendFrame(picture(3, "delta"));
  outbound.endFrames();
  outbound.format = format;
  socket.room = 10;
  outbound.drain();
  outbound.sendFrame(picture(4, "delta"));
  outbound.sendFrame(picture(5, "key"));
  expect(socket.taken).toEqual([1, 1, 2, 2, 5, 5]);
});
