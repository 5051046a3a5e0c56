import { SipUserAgent } from "../../src/protocols/sip/user-agent.ts";
import { draft, OFFER, PEER, SDP } from "../protocols/sip/rig.ts";
import type { Bar } from "./bars.ts";
import { median } from "./statistics.ts";
import { formatFigure, renderTable } from "./table.ts";

/** CPU µs per transaction, at few and at many transactions a second. */
export type SipRateResult = { readonly slowUs: number; readonly fastUs: number };

const SLOW_RATE = 100;
const FAST_RATE = 600;
/** Of them each call has two: INVITE and BYE. */
const TRANSACTIONS_PER_CALL = 2;
/** Transactions are remembered for 32 s: from then on their number stays the same. */
const FILL_MS = 33_000;
/** As many at either rate, so that chance weighs the same. */
const MEASURED_CALL_COUNT = 2_400;
const TALK_MS = 1_000;

/** Short calls to the user agent alone, in simulated time; the slow and the fast rate in turns. */
export function measureSipRate(roundCount: number): SipRateResult {
  const slow: number[] = [];
  const fast: number[] = [];
  runAtRate(FAST_RATE);
  for (let round = 0; round < roundCount; round++) {
    slow.push(runAtRate(SLOW_RATE));
    fast.push(runAtRate(FAST_RATE));
  }
  return { slowUs: median(slow), fastUs: median(fast) };
}

/** CPU µs per transaction. */
function runAtRate(transactionsPerSecond: number): number {
  const gapMs = (1000 * TRANSACTIONS_PER_CALL) / transactionsPerSecond;
  const fillCount = Math.ceil(FILL_MS / gapMs);
  const talkCount = Math.ceil(TALK_MS / gapMs);
  const calls = Array.from({ length: fillCount + MEASURED_CALL_COUNT }, (_, number) => draftCall(number));
  const endpoint = startEndpoint();
  let startedUs = 0;
  for (const [number, { invite, ack }] of calls.entries()) {
    if (number === fillCount) startedUs = cpuUs();
    endpoint.pass(number * gapMs, number);
    endpoint.receive(invite);
    endpoint.receive(ack);
    const ending = calls[number - talkCount];
    if (ending !== undefined) endpoint.receive(ending.bye);
  }
  const usedUs = cpuUs() - startedUs;
  endpoint.check(talkCount);
  return usedUs / (MEASURED_CALL_COUNT * TRANSACTIONS_PER_CALL);
}

function draftCall(number: number) {
  const callId = `call-${number}`;
  const toTag = `t${number}`;
  return {
    invite: draft({ callId, body: OFFER }),
    ack: draft({ callId, method: "ACK", toTag }),
    bye: draft({ callId, method: "BYE", sequence: 2, toTag }),
  };
}

/** A user agent that answers each call at once. */
function startEndpoint() {
  let callNumber = 0;
  let nowMs = 0;
  const agent = new SipUserAgent({
    address: "192.0.2.1",
    port: 25_560,
    software: "bench",
    maxCalls: 10_000,
    maxTransactions: 100_000,
    token: () => `t${callNumber}`,
    random: () => 0.5,
    send: () => {},
    onInvite: (invite) => invite.answer(SDP, nowMs),
    onBug: (thrown) => {
      throw thrown;
    },
  });
  return {
    /** Lets time pass as a socket's owner does, deadline by deadline; `number` is the next call's. */
    pass(untilMs: number, number: number): void {
      while (agent.nextDeadlineMs <= untilMs) agent.tick(agent.nextDeadlineMs);
      nowMs = untilMs;
      callNumber = number;
    },
    receive(bytes: Uint8Array): void {
      agent.receiveDatagram(bytes, PEER, nowMs);
    },
    /** Throws unless so many calls are talking and all others have ended. */
    check(callCount: number): void {
      const { counters } = agent;
      if (agent.callCount !== callCount || counters.stray + counters.malformed > 0) {
        throw new Error(`${agent.callCount} calls instead of ${callCount}, ${counters.stray} stray`);
      }
    },
  };
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export function renderSipRate({ slowUs, fastUs }: SipRateResult): string {
  return renderTable([
    ["", "", "CPU µs"],
    ["per transaction", `${SLOW_RATE}/s`, formatFigure(slowUs)],
    ["", `${FAST_RATE}/s`, formatFigure(fastUs)],
  ]);
}

export function listSipRateBars({ slowUs, fastUs }: SipRateResult): Bar[] {
  const what = `SIP transactions, CPU each at ${FAST_RATE}/s`;
  const because = `1.5 × as much as at ${SLOW_RATE}/s`;
  return [{ what, have: fastUs, limit: 1.5 * slowUs, unit: "µs", because }];
}
