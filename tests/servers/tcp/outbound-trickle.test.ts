import { beforeEach, expect, test } from "bun:test";
import { defineWireFormat, type Frame } from "../../../src/media/frame.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import type { TrickleFormat } from "../../../src/servers/tcp/trickle.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeSocket } from "./fake-socket.ts";

const OPENING = 100;
const FILLER = 101;
const CLOSED = 102;
const trickle: TrickleFormat = {
  opening: Uint8Array.of(OPENING),
  filler: Uint8Array.of(FILLER),
  close: ({ body }) => Uint8Array.of(CLOSED, ...body),
};

let clock: FakeClock;
let socket: FakeSocket;
let outbound: Outbound;

beforeEach(() => {
  clock = new FakeClock();
  socket = new FakeSocket();
  const queue = { maxAgeMs: 500, maxBytes: 1000 };
  outbound = new Outbound(
    socket,
    { clock, queue },
    defineWireFormat(({ body }) => body),
  );
});

function send(number: number): void {
  const frame: Frame = {
    kind: "audio",
    codec: "G711A",
    role: "key",
    timestampMs: number,
    body: Uint8Array.of(number),
    wire: [],
  };
  outbound.sendFrame(frame);
}

test("bytes trickle only while frames are held, and sound waits behind them", () => {
  outbound.trickle(trickle);
  send(1);
  outbound.hold();
  outbound.trickle(trickle);
  expect(socket.taken).toEqual([1]);
  send(2);
  for (let count = 0; count < 3; count++) outbound.trickle(trickle);
  expect(socket.taken).toEqual([1, OPENING, FILLER, FILLER]);
});

test("what they began ends with the newest sound there is, before all else", () => {
  outbound.hold();
  send(1);
  outbound.trickle(trickle);
  outbound.sendControl(Uint8Array.of(50));
  clock.advance(2000);
  send(2);
  send(3);
  outbound.release();
  expect(socket.taken).toEqual([OPENING, CLOSED, 2, 50, 3]);
  expect(outbound.isIdle).toBe(true);
});

test("without any newer it ends with the sound of its beginning, also where the stream ends", () => {
  outbound.hold();
  send(1);
  outbound.trickle(trickle);
  outbound.endFrames();
  outbound.sendControl(Uint8Array.of(50));
  expect(socket.taken).toEqual([OPENING]);
  outbound.end();
  expect(socket.taken).toEqual([OPENING, CLOSED, 1, 50]);
});
