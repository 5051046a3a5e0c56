import { expect, test } from "bun:test";
import type { SipCall } from "../../../src/protocols/sip/call.ts";
import type { SipCallEvent } from "../../../src/protocols/sip/call-event.ts";
import type { SipPeer } from "../../../src/protocols/sip/peer.ts";
import { SipUserAgent } from "../../../src/protocols/sip/user-agent.ts";
import { toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { seedRandom } from "../../codecs/pcm/signals.ts";

const SDP = toWireBytes("v=0\r\n");
const CALLER: SipPeer = { transport: "UDP", address: "192.0.2.1", port: 5060 };
const CALLEE: SipPeer = { transport: "UDP", address: "192.0.2.2", port: 5060 };
const CALL_COUNT = 40;
const MAX_DELAY_MS = 300;

type Datagram = {
  readonly atMs: number;
  readonly to: SipPeer;
  readonly from: SipPeer;
  readonly bytes: Uint8Array;
};
type Told = { readonly call: SipCall; readonly events: SipCallEvent["kind"][] };

/** Two user agents, a network that loses, doubles and overtakes, and users who do anything at any time. */
function runRandomly(seed: number, lossShare: number) {
  const random = seedRandom(seed);
  const network: Datagram[] = [];
  const told: Told[] = [];
  let tokenCount = 0;
  let nowMs = 0;

  function follow(call: SipCall): Told {
    const one: Told = { call, events: [] };
    told.push(one);
    return one;
  }

  function hear(one: Told, event: SipCallEvent): void {
    one.events.push(event.kind);
    if (event.kind === "reoffered") one.call.accept(SDP, nowMs);
  }

  function openAgent(own: SipPeer): SipUserAgent {
    return new SipUserAgent({
      address: own.address,
      port: own.port,
      software: "random",
      maxCalls: 1000,
      maxTransactions: 10_000,
      token: () => `t${++tokenCount}`,
      random,
      send(bytes, to) {
        const copies = random() < lossShare ? 0 : random() < 0.1 ? 2 : 1;
        for (let copy = 0; copy < copies; copy++) {
          network.push({ atMs: nowMs + random() * MAX_DELAY_MS, to, from: own, bytes });
        }
      },
      onInvite(invite) {
        const one = follow(invite.call);
        invite.call.listen((event) => hear(one, event));
        if (random() < 0.7) invite.ring(nowMs);
        later(() =>
          random() < 0.7 ? invite.answer(SDP, nowMs) : invite.call.hangUp(nowMs, { status: 486 }),
        );
      },
      onBug: (thrown) => {
        throw thrown;
      },
    });
  }

  const agents = new Map([CALLER, CALLEE].map((own) => [own.address, openAgent(own)]));
  const deeds: { readonly atMs: number; readonly run: () => void }[] = [];
  const later = (run: () => void) => void deeds.push({ atMs: nowMs + random() * 4000, run });

  function dial(): void {
    const own = random() < 0.5 ? CALLER : CALLEE;
    const peer = own === CALLER ? CALLEE : CALLER;
    const pending: SipCallEvent[] = [];
    let one: Told | undefined;
    const options = {
      to: { displayName: "", uri: `sip:a@${peer.address}:${peer.port}` },
      from: { displayName: "", uri: `sip:b@${own.address}` },
      sdp: SDP,
      destination: peer,
    };
    const call = agents
      .get(own.address)
      ?.invite(options, (event) => (one === undefined ? pending.push(event) : hear(one, event)), nowMs);
    if (call === undefined || pending.length > 0) throw new Error("the call has no room");
    one = follow(call);
    later(() => random() < 0.5 && call.offer(SDP, nowMs));
    later(() => random() < 0.5 && call.sendDtmf({ key: "1", durationMs: 100 }, nowMs));
  }

  /** The next thing that happens; false when there is nothing more. */
  function step(): boolean {
    const times = [...network, ...deeds].map(({ atMs }) => atMs);
    const deadlines = [...agents.values()].map(({ nextDeadlineMs }) => nextDeadlineMs);
    const nextMs = Math.min(...times, ...deadlines);
    if (nextMs === Number.POSITIVE_INFINITY) return false;
    nowMs = Math.max(nowMs, nextMs);
    for (const agent of agents.values()) agent.tick(nowMs);
    for (const list of [network, deeds]) list.sort((one, other) => one.atMs - other.atMs);
    while ((network[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const datagram = network.shift();
      if (datagram !== undefined)
        agents.get(datagram.to.address)?.receiveDatagram(datagram.bytes, datagram.from, nowMs);
    }
    while ((deeds[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) deeds.shift()?.run();
    const earliestMs = Math.min(...[...agents.values()].map(({ nextDeadlineMs }) => nextDeadlineMs));
    for (const { call } of told) expect(call.deadlineMs).toBeGreaterThanOrEqual(earliestMs);
    return true;
  }

  for (let count = 0; count < CALL_COUNT; count++) later(dial);
  for (let turn = 0; step(); turn++) {
    if (turn === 20_000) throw new Error("it goes on for ever");
    // Whoever still talks after a minute hangs up.
    if (nowMs > 60_000) for (const { call } of told) call.hangUp(nowMs);
  }
  return { told, agents: [...agents.values()] };
}

test.each([
  [1, 0],
  [2, 0],
  [3, 0.1],
  [4, 0.2],
  [5, 0.3],
  [6, 0.5],
])("whatever happens each call ends once and leaves nothing: seed %d, %d lost", (seed, lossShare) => {
  const { told, agents } = runRandomly(seed, lossShare);
  expect(told.length).toBeGreaterThan(CALL_COUNT);
  for (const { events } of told) {
    expect(events.filter((kind) => kind === "ended")).toHaveLength(1);
    expect(events.at(-1)).toBe("closed");
    expect(events.filter((kind) => kind === "closed")).toHaveLength(1);
  }
  const kinds = new Set(told.flatMap(({ events }) => events));
  for (const kind of ["answered", "acknowledged"] as const) expect(kinds.has(kind)).toBe(true);
  for (const agent of agents) {
    expect([agent.callCount, agent.transactionCount]).toEqual([0, 0]);
    expect(agent.nextDeadlineMs).toBe(Number.POSITIVE_INFINITY);
    expect(agent.counters.malformed).toBe(0);
  }
});
