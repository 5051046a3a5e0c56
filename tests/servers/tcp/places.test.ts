import { expect, test } from "bun:test";
import { type Expulsion, type Place, Places } from "../../../src/servers/tcp/places.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

const INTRODUCE_MS = 5_000;

function makeScene(most: number, descriptors?: number) {
  const clock = new FakeClock();
  const places = new Places({ most, introduceMs: INTRODUCE_MS, descriptors, clock });
  const expelled: [name: string, why: Expulsion][] = [];
  const enter = (name: string, address = "192.0.2.1"): Place | undefined =>
    places.enter(address, (why) => void expelled.push([name, why]), address !== "127.0.0.1");
  return { clock, places, expelled, enter };
}

test("whoever does not show who it is must go in time; who has done so stays", () => {
  const { clock, places, expelled, enter } = makeScene(10);
  enter("a");
  clock.advance(2_000);
  enter("b")?.setKnown(true);
  enter("c");
  clock.advance(3_000);
  expect(expelled).toEqual([["a", "late"]]);
  clock.advance(60_000);
  expect(expelled).toEqual([
    ["a", "late"],
    ["c", "late"],
  ]);
  expect([places.count, clock.timerCount]).toEqual([1, 0]);
});

test("whoever has nothing any more that tells who it is gets the same time anew", () => {
  const { clock, expelled, enter } = makeScene(10);
  const place = enter("a");
  place?.setKnown(true);
  clock.advance(60_000);
  place?.setKnown(false);
  clock.advance(INTRODUCE_MS - 1);
  expect(expelled).toEqual([]);
  clock.advance(1);
  expect(expelled).toEqual([["a", "late"]]);
});

test("the strangers of one address take a share, of which the first gives way", () => {
  const { expelled, enter } = makeScene(1_000);
  for (let n = 0; n < 50; n++) enter(`crowd ${n}`);
  enter("another", "192.0.2.2");
  expect(expelled).toEqual([]);
  enter("one more");
  expect(expelled).toEqual([["crowd 0", "crowded"]]);
});

test.each([
  ["one network", "2001:db8::1", "2001:db8::2", 1],
  ["two networks", "2001:db8::1", "2001:db8:0:1::1", 0],
])("IPv6 addresses of %s", (_, one, other, count) => {
  const { expelled, enter } = makeScene(100);
  for (let n = 0; n < 8; n++) enter(`${n}`, one);
  enter("other", other);
  expect(expelled).toHaveLength(count);
});

test("half of the places stay for those who show who they are, and they keep theirs", () => {
  const { places, expelled, enter } = makeScene(10);
  for (let n = 0; n < 6; n++) enter(`${n}`, `192.0.2.${n}`);
  expect(expelled).toEqual([["0", "crowded"]]);
  for (let n = 0; n < 20; n++) enter(`known ${n}`, "127.0.0.1")?.setKnown(true);
  expect(places.count).toBe(10);
  expect(enter("late comer")).toBeUndefined();
});

test("this machine's address, which all have behind a proxy, has no share of its own", () => {
  const { expelled, enter } = makeScene(1_000);
  for (let n = 0; n < 500; n++) enter(`${n}`, "127.0.0.1");
  expect(expelled).toEqual([]);
  enter("one more", "127.0.0.1");
  expect(expelled).toEqual([["0", "crowded"]]);
});

test("a place is given back once", () => {
  const { clock, places, enter } = makeScene(2);
  const place = enter("a");
  enter("b");
  place?.leave();
  place?.leave();
  place?.setKnown(true);
  expect(places.count).toBe(1);
  clock.advance(INTRODUCE_MS);
  expect([places.count, clock.timerCount]).toEqual([0, 0]);
});

test("strangers make room at need", () => {
  const { places, expelled, enter } = makeScene(10);
  enter("a")?.setKnown(true);
  enter("b");
  enter("c");
  places.expelStrangers(5);
  expect(expelled.map(([name]) => name)).toEqual(["b", "c"]);
  expect(places.count).toBe(1);
});

test("where there are few descriptors strangers take a sixth of them, and those who are known none less", () => {
  const { places, expelled, enter } = makeScene(10_000, 96);
  const addresses = Array.from({ length: 20 }, (_, n) => `192.0.2.${n}`);
  for (const address of addresses) enter(address, address);
  expect(expelled.map(([name]) => name)).toEqual(addresses.slice(0, 4));
  for (let n = 0; n < 100; n++) enter(`known ${n}`, "192.0.2.99")?.setKnown(true);
  expect(places.count).toBe(115);
});
