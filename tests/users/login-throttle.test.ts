import { expect, test } from "bun:test";
import { LoginThrottle } from "../../src/users/login-throttle.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const HOME = "192.0.2.1";
const STRANGER = "198.51.100.1";

function makeScene() {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ maxFailures: 5, lockoutMs: 60_000, clock });
  const guess = (user: string, address: string) =>
    throttle.mayTry(user, address) && throttle.fail(user, address);
  const login = (user: string, address: string) => {
    const may = throttle.mayTry(user, address);
    if (may) throttle.succeed(user, address);
    return may;
  };
  return { clock, throttle, guess, login };
}

test("five failures lock the user out from there; not others there, not the user elsewhere", () => {
  const { clock, throttle, guess, login } = makeScene();
  const isLockOut = Array.from({ length: 5 }, () => guess("lihao", STRANGER));
  expect(isLockOut).toEqual([false, false, false, false, true]);
  expect(throttle.mayTry("lihao", STRANGER)).toBe(false);
  expect([login("nway", STRANGER), login("lihao", HOME)]).toEqual([true, true]);
  clock.advance(60_000);
  expect(login("lihao", STRANGER)).toBe(true);
});

test("who guesses all the time keeps nobody out", () => {
  const { clock, guess, login } = makeScene();
  for (let second = 0; second < 120; second++) {
    for (let count = 0; count < 20; count++) guess("lihao", STRANGER);
    clock.advance(1_000);
  }
  expect(login("lihao", HOME)).toBe(true);
});

test("guesses over many users are slowed down, and one's own success does not hide them", () => {
  const { clock, throttle, guess, login } = makeScene();
  for (let user = 0; user < 5; user++) {
    for (let count = 0; count < 4; count++) guess(`user${user}`, STRANGER);
    login("own", STRANGER);
  }
  const tries = Array.from({ length: 40 }, (_, n) => throttle.mayTry(`victim${n}`, STRANGER));
  expect(tries.filter(Boolean)).toHaveLength(1);
  expect(login("own", STRANGER)).toBe(true);
  clock.advance(2_000);
  expect(throttle.mayTry("another", STRANGER)).toBe(true);
});

test("guesses from many addresses are slowed down; where the user has been before it gets in", () => {
  const { clock, throttle, guess, login } = makeScene();
  login("lihao", HOME);
  for (let n = 0; n < 50; n++) guess("lihao", `203.0.113.${n}`);
  const tries = Array.from({ length: 40 }, (_, n) => throttle.mayTry("lihao", `203.0.113.${100 + n}`));
  expect(tries.filter(Boolean)).toHaveLength(1);
  expect(login("lihao", HOME)).toBe(true);
  clock.advance(2_000);
  expect(login("lihao", "192.0.2.99")).toBe(true);
});

test("tries that nobody has judged yet count as failures", () => {
  const { throttle } = makeScene();
  const tries = Array.from({ length: 10 }, () => throttle.mayTry("lihao", STRANGER));
  expect(tries.filter(Boolean)).toHaveLength(5);
  throttle.succeed("lihao", STRANGER);
  expect(throttle.mayTry("lihao", STRANGER)).toBe(true);
});

test("tries that nobody could judge count nothing, and forgive no failure", () => {
  const { throttle, guess, login } = makeScene();
  for (let count = 0; count < 4; count++) guess("lihao", HOME);
  for (let count = 0; count < 20; count++) {
    expect(throttle.mayTry("lihao", HOME)).toBe(true);
    throttle.withdraw("lihao", HOME);
  }
  guess("lihao", HOME);
  expect(login("lihao", HOME)).toBe(false);
  expect(login("nway", HOME)).toBe(true);
});

test("IPv6 addresses of one network are one", () => {
  const { throttle, guess } = makeScene();
  for (let n = 0; n < 5; n++) guess("lihao", `2001:db8::${n}`);
  expect(throttle.mayTry("lihao", "2001:db8::ffff")).toBe(false);
});
