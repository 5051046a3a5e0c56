import { expect, test } from "bun:test";
import { silentLogger } from "../../../src/log.ts";
import { DeliveryWatch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Outbound } from "../../../src/servers/tcp/outbound.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeSocket } from "./fake-socket.ts";

function makeScene() {
  const clock = new FakeClock();
  const delivery = new DeliveryWatch({ clock, log: silentLogger, slowReaderMs: 500 });
  const outbound = new Outbound(new FakeSocket(), { clock, queue: { maxAgeMs: 500, maxBytes: 1000 } });
  return { clock, delivery, outbound };
}

test("one timer serves all players and goes with the last of them", () => {
  const { clock, delivery, outbound } = makeScene();
  const first = delivery.add(outbound, silentLogger);
  const second = delivery.add(outbound, silentLogger);
  expect(clock.timerCount).toBe(1);
  first.end();
  first.end();
  expect(clock.timerCount).toBe(1);
  second.end();
  expect(clock.timerCount).toBe(0);
});

test("a held player's own timer goes when the player leaves", () => {
  const { clock, delivery, outbound } = makeScene();
  const watch = delivery.add(outbound, silentLogger, () => outbound.sendControl(Uint8Array.of(1)));
  outbound.sendControl(Uint8Array.of(2));
  clock.advance(50);
  watch.answered();
  outbound.sendControl(Uint8Array.of(3));
  clock.advance(1000);
  expect([outbound.isHeld, clock.timerCount]).toEqual([true, 2]);
  watch.end();
  expect(clock.timerCount).toBe(0);
});

test("pings no more often than five times a second, and not when nothing was sent", () => {
  const { clock, delivery, outbound } = makeScene();
  let pingCount = 0;
  const watch = delivery.add(outbound, silentLogger, () => {
    pingCount += 1;
    clock.after(1, () => watch.answered());
  });
  const sending = clock.every(20, () => outbound.sendControl(Uint8Array.of(1)));
  clock.advance(2000);
  expect(pingCount).toBeGreaterThanOrEqual(9);
  expect(pingCount).toBeLessThanOrEqual(11);
  sending.cancel();
  clock.advance(300);
  const afterLast = pingCount;
  clock.advance(10_000);
  expect(pingCount).toBe(afterLast);
});
