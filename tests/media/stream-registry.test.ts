import { expect, test } from "bun:test";
import { silentLogger } from "../../src/log.ts";
import { StreamRegistry } from "../../src/media/stream-registry.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function makeRegistry() {
  const clock = new FakeClock();
  return { clock, registry: new StreamRegistry({ clock, log: silentLogger, republishSeconds: 15 }) };
}

const publisher = { from: "127.0.0.1", protocol: "test", onReplaced: () => {} };
const player = { onFrame: () => {}, onEnd: () => {}, droppedFrameCount: () => 0 };

test("makes a stream on demand and gives the same one again", () => {
  const { registry } = makeRegistry();
  expect(registry.get("a")).toBeUndefined();
  const stream = registry.open("a");
  expect(registry.open("a")).toBe(stream);
  expect(registry.get("a")).toBe(stream);
  expect(registry.list()).toEqual([stream]);
});

test("a stream that its publisher left goes after republishSeconds, and its timer with it", () => {
  const { clock, registry } = makeRegistry();
  registry.open("a").publish(publisher).end();
  clock.advance(14_999);
  expect(registry.get("a")).toBeDefined();
  clock.advance(1);
  expect(registry.get("a")).toBeUndefined();
  expect(clock.timerCount).toBe(0);
});

test("a stream that its last waiting player left goes after republishSeconds", () => {
  const { clock, registry } = makeRegistry();
  registry.open("a").subscribe(player).end();
  clock.advance(15_000);
  expect(registry.list()).toEqual([]);
});

test("a stream that was closed does not take a newer one of its key along", () => {
  const { registry } = makeRegistry();
  const old = registry.open("a");
  old.close();
  const fresh = registry.open("a");
  old.close();
  expect(registry.get("a")).toBe(fresh);
  expect(fresh).not.toBe(old);
});

test("closing all ends every publisher and player", () => {
  const { clock, registry } = makeRegistry();
  const ended: string[] = [];
  registry.open("a").publish({ ...publisher, onReplaced: () => ended.push("publisher") });
  registry.open("b").subscribe({ ...player, onEnd: () => ended.push("player") });
  registry.closeAll();
  expect(ended).toEqual(["publisher", "player"]);
  expect(registry.list()).toEqual([]);
  expect(clock.timerCount).toBe(0);
});
