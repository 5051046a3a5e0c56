import { expect, test } from "bun:test";
import { Random } from "../fuzz/mutator.ts";
import { openDesk } from "./desk.ts";

const USERS = ["lihao", "nway", "third", "fourth"];
const CODES = new Set(["200ok", "403", "480", "505", "506"]);

/** Clients, time and networks do what they like, in any order; a call must still end once and leave nothing. */
function runRandomly(seed: number, stepCount: number) {
  const random = new Random(seed);
  const desk = openDesk({ limits: { maxCalls: 4, maxCallsPerUser: 2 } });
  const { ask, calls, clients, clock, media } = desk;
  for (const user of USERS.slice(2)) clients.add(user);
  const codes = new Set<string>();
  // No list below is empty.
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
  const client = () => clients.find(pick(USERS)) ?? desk.caller;
  const session = () => pick(["s1", "s2", "s3", "s4", "s5"]);
  const attribute = () => pick(["sendrecv", "sendonly", "recvonly", undefined] as const);
  const deeds: (() => void)[] = [
    () =>
      codes.add(
        ask(
          client(),
          "invite",
          { callee_number: pick([...USERS, "9196"]), media_attribute: attribute() },
          session(),
        ).code,
      ),
    () => codes.add(ask(client(), pick(["answer", "answer", "cancel", "bye"] as const), {}, session()).code),
    () =>
      codes.add(
        ask(
          client(),
          "message",
          { callee_number: pick(USERS), msg: "x", dtmf: pick([undefined, "1"]) },
          session(),
        ).code,
      ),
    () => respond(pick([{}, {}, { code: "480", msg: "USER_BUSY" }, undefined])),
    () => void clients.watcher?.clientLost(pick(USERS)),
    () => void clients.watcher?.clientBack(pick(USERS)),
    () => random.below(4) === 0 && clients.watcher?.clientGone(pick(USERS)),
    () => clock.advance(pick([100, 1_000, 12_000])),
    () => {
      for (const stream of media.streams.values()) stream.frameAtMs = clock.nowMs();
    },
  ];
  /** A client's response to any invite it was ever sent, late ones too. */
  function respond(data: { code?: string; msg?: string } | undefined): void {
    const invites = client().sent.filter(({ method }) => method === "invite");
    invites.at(random.below(invites.length))?.onOutcome?.(data && { code: "200ok", msg: "OK", ...data });
  }
  for (let index = 0; index < stepCount; index++) pick(deeds)();
  for (const user of USERS) clients.watcher?.clientGone(user);
  const count = (event: string) => desk.lines.filter((line) => line.includes(` ${event} `)).length;
  return {
    ...{ codes, created: count("call.created"), ended: count("call.ended") },
    left: [calls.size, desk.keys.size, media.streams.size, clock.timerCount],
  };
}

test("whatever happens in whatever order, each call ends once and leaves nothing", () => {
  let callCount = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const { codes, created, ended, left } = runRandomly(seed, 200);
    callCount += created;
    expect({ seed, ended, left }).toEqual({ seed, ended: created, left: [0, 0, 0, 0] });
    expect([...codes].filter((code) => !CODES.has(code))).toEqual([]);
  }
  expect(callCount).toBeGreaterThan(1_000);
});
