import { expect, test } from "bun:test";
import { silentLogger } from "../../../src/log.ts";
import { defineWireFormat, type Frame } from "../../../src/media/frame.ts";
import { DeliveryWatch, type Kernel } from "../../../src/servers/tcp/delivery-watch.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeSocket } from "./fake-socket.ts";

const PING = Uint8Array.of(1, 2, 3);
const SOUND: Frame = {
  kind: "audio",
  codec: "G711A",
  role: "key",
  timestampMs: 0,
  body: Uint8Array.of(9),
  wire: [],
};

const DEAF: Kernel = {
  unacknowledgedBytes: () => undefined,
  roundTrips: () => undefined,
  segmentCounts: () => undefined,
  gatherSegments: () => undefined,
};

function makeScene(kernel?: Partial<Kernel>) {
  const clock = new FakeClock();
  const delivery = new DeliveryWatch({
    clock,
    log: silentLogger,
    slowReaderMs: 500,
    kernel: { ...DEAF, ...kernel },
  });
  const socket = new FakeSocket();
  const queue = { maxAgeMs: 500, maxBytes: 1000 };
  const outbound = new Outbound(
    socket,
    { clock, queue },
    defineWireFormat(({ body }) => body),
  );
  return { clock, delivery, outbound, socket };
}

test("one timer serves all players and goes with the last of them", () => {
  const { clock, delivery, outbound } = makeScene();
  const first = delivery.add(outbound, silentLogger, {});
  const second = delivery.add(outbound, silentLogger, {});
  expect(clock.timerCount).toBe(1);
  first.end();
  first.end();
  expect(clock.timerCount).toBe(1);
  second.end();
  expect(clock.timerCount).toBe(0);
});

test("a held player's own timer goes when the player leaves", () => {
  const { clock, delivery, outbound } = makeScene();
  const watch = delivery.add(outbound, silentLogger, { makePing: () => PING });
  clock.advance(50);
  outbound.sendFrame(SOUND);
  watch.answered();
  clock.advance(400);
  outbound.sendFrame(SOUND);
  clock.advance(1000);
  expect([outbound.isHeld, clock.timerCount]).toEqual([true, 2]);
  watch.end();
  expect(clock.timerCount).toBe(0);
});

test("pings behind a frame, no more often than each 300 ms, and not when nothing is sent", () => {
  const { clock, delivery, outbound, socket } = makeScene();
  let pingCount = 0;
  const watch = delivery.add(outbound, silentLogger, {
    makePing: () => {
      pingCount += 1;
      clock.after(1, () => watch.answered());
      return PING;
    },
  });
  const sending = clock.every(20, () => outbound.sendFrame(SOUND));
  clock.advance(3000);
  expect(pingCount).toBeGreaterThanOrEqual(8);
  expect(pingCount).toBeLessThanOrEqual(10);
  const pinged = socket.taken.join(" ").split(`${SOUND.body.join(" ")} ${PING.join(" ")}`);
  expect(pinged).toHaveLength(1 + pingCount);
  sending.cancel();
  clock.advance(300);
  const afterLast = pingCount;
  clock.advance(10_000);
  expect(pingCount).toBe(afterLast);
});

test("after a cut of the network the open ping, whose answer may be lost, is forgotten and none asked for as long", () => {
  let unacknowledged = 0;
  const kernel = { unacknowledgedBytes: () => unacknowledged, roundTrips: () => undefined };
  const { clock, delivery, outbound } = makeScene(kernel);
  let pingCount = 0;
  let isCut = false;
  const watch = delivery.add(outbound, silentLogger, {
    makePing: () => {
      pingCount += 1;
      if (!isCut) clock.after(1, () => watch.answered());
      return PING;
    },
  });
  const sending = clock.every(20, () => outbound.sendFrame(SOUND));
  clock.advance(1000);
  expect([outbound.isHeld, pingCount > 1]).toEqual([false, true]);

  isCut = true;
  const acknowledged = outbound.sentByteCount;
  const countOnTheWay = clock.every(1, () => {
    unacknowledged = outbound.sentByteCount - acknowledged;
  });
  const pingsBefore = pingCount;
  clock.advance(2000);
  expect([outbound.isHeld, pingCount]).toEqual([true, pingsBefore + 1]);

  countOnTheWay.cancel();
  unacknowledged = 0;
  clock.advance(50);
  expect(outbound.isHeld).toBe(false);
  clock.advance(1000);
  expect([outbound.isHeld, pingCount]).toEqual([false, pingsBefore + 1]);
  isCut = false;
  clock.advance(1500);
  expect([outbound.isHeld, pingCount > pingsBefore + 1]).toEqual([false, true]);
  sending.cancel();
  watch.end();
  expect(clock.timerCount).toBe(0);
});

test("a player whose acknowledgements come late together is held, and bytes trickle until they come at once", () => {
  let reads = true;
  let acknowledgements = 0;
  let gathered: boolean | undefined;
  const kernel: Partial<Kernel> = {
    segmentCounts: () => ({ sent: clock.nowMs() / 20, acknowledgements, busyMs: 0, shortestRoundTripMs: 50 }),
    gatherSegments: (_, gathers) => {
      gathered = gathers;
    },
  };
  const { clock, delivery, outbound, socket } = makeScene(kernel);
  const opening = Uint8Array.of(77);
  const filler = Uint8Array.of(78);
  delivery.add(outbound, silentLogger, { trickle: { opening, filler, close: ({ body }) => body } });
  const sending = clock.every(20, () => {
    outbound.sendFrame(SOUND);
    acknowledgements += reads ? 1 : 0.5;
  });
  clock.advance(5000);
  expect([outbound.isHeld, socket.taken.includes(77)]).toEqual([false, false]);
  reads = false;
  clock.advance(1000);
  expect(outbound.isHeld).toBe(true);
  expect(socket.taken.filter((byte) => byte === 78).length).toBeGreaterThan(10);
  reads = true;
  clock.advance(600);
  expect([outbound.isHeld, gathered]).toEqual([false, undefined]);
  sending.cancel();
});
