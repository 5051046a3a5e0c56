import { describe, expect, test } from "bun:test";
import { SipHeaders } from "../../../src/protocols/sip/headers.ts";
import { InviteClientTransaction } from "../../../src/protocols/sip/invite-client-transaction.ts";
import { InviteServerTransaction } from "../../../src/protocols/sip/invite-server-transaction.ts";
import type { SipResponse } from "../../../src/protocols/sip/message.ts";
import { PlainClientTransaction } from "../../../src/protocols/sip/plain-client-transaction.ts";
import { PlainServerTransaction } from "../../../src/protocols/sip/plain-server-transaction.ts";
import type { TransactionOutput } from "../../../src/protocols/sip/transaction.ts";
import { toWireBytes } from "../../../src/protocols/sip/wire-text.ts";

const REQUEST = toWireBytes("request");
const ACK = toWireBytes("ack");

type Machine = {
  readonly isOver: boolean;
  readonly deadlineMs: number;
  timeout(nowMs: number): TransactionOutput[];
};

/** What happens by itself until the machine has nothing due, as `what@ms`. */
function runOut(machine: Machine, untilMs = Number.POSITIVE_INFINITY): string[] {
  const seen: string[] = [];
  while (machine.deadlineMs <= untilMs && machine.deadlineMs < Number.POSITIVE_INFINITY) {
    const nowMs = machine.deadlineMs;
    for (const text of describeOutputs(machine.timeout(nowMs))) seen.push(`${text}@${nowMs}`);
  }
  return seen;
}

function describeOutputs(outputs: readonly TransactionOutput[]): string[] {
  return outputs.map((output) => {
    if (output.kind === "send") return new TextDecoder().decode(output.bytes);
    return output.kind === "response" ? `up ${output.response.status}` : output.kind;
  });
}

function response(status: number): SipResponse {
  return { status, reason: "", headers: new SipHeaders([]), body: new Uint8Array(0) };
}

describe("INVITE client (17.1.1)", () => {
  const start = (isReliable = false) => {
    const machine = new InviteClientTransaction(REQUEST, isReliable, () => ACK);
    expect(describeOutputs(machine.start(0))).toEqual(["request"]);
    return machine;
  };

  test("sends at doubling intervals and gives up after 64·T1", () => {
    const machine = start();
    const sent = [500, 1500, 3500, 7500, 15_500, 31_500].map((ms) => `request@${ms}`);
    expect(runOut(machine)).toEqual([...sent, "timed-out@32000"]);
    expect(machine.isOver).toBe(true);
  });

  test("over TCP sends once", () => {
    expect(runOut(start(true))).toEqual(["timed-out@32000"]);
  });

  test("stops sending at a provisional answer, and waits on", () => {
    const machine = start();
    expect(describeOutputs(machine.receive(response(180), 700))).toEqual(["up 180"]);
    expect(runOut(machine)).toEqual(["timed-out@180700"]);
  });

  test("acknowledges a refusal as often as it comes, and tells of it once", () => {
    const machine = start();
    expect(describeOutputs(machine.receive(response(486), 10))).toEqual(["ack", "up 486"]);
    expect(describeOutputs(machine.receive(response(486), 500))).toEqual(["ack"]);
    expect(runOut(machine)).toEqual([]);
    expect(machine.isOver).toBe(true);
    expect(describeOutputs(machine.receive(response(486), 40_000))).toEqual([]);
  });

  test("passes on each 2xx, for its ACK (RFC 6026)", () => {
    const machine = start();
    expect(describeOutputs(machine.receive(response(200), 10))).toEqual(["up 200"]);
    expect(describeOutputs(machine.receive(response(200), 510))).toEqual(["up 200"]);
    expect(describeOutputs(machine.receive(response(180), 520))).toEqual([]);
    expect(describeOutputs(machine.receive(response(486), 530))).toEqual([]);
    expect(runOut(machine)).toEqual([]);
    expect(machine.isOver).toBe(true);
  });
});

describe("other client (17.1.2)", () => {
  const start = (isReliable = false) => {
    const machine = new PlainClientTransaction(REQUEST, isReliable);
    machine.start(0);
    return machine;
  };

  test("sends at intervals up to T2 and gives up after 64·T1", () => {
    const sent = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(runOut(start())).toEqual([...sent.map((ms) => `request@${ms}`), "timed-out@32000"]);
    expect(runOut(start(true))).toEqual(["timed-out@32000"]);
  });

  test("goes on every T2 after a provisional answer", () => {
    const machine = start();
    expect(describeOutputs(machine.receive(response(100), 100))).toEqual(["up 100"]);
    expect(runOut(machine, 12_100)).toEqual(["request@4100", "request@8100", "request@12100"]);
  });

  test("tells of the final answer once, and lingers for T4", () => {
    const machine = start();
    expect(describeOutputs(machine.receive(response(200), 100))).toEqual(["up 200"]);
    expect(describeOutputs(machine.receive(response(200), 200))).toEqual([]);
    expect(machine.deadlineMs).toBe(5100);
    expect(runOut(machine)).toEqual([]);
    expect(machine.isOver).toBe(true);
  });

  test("over TCP ends at the final answer", () => {
    const machine = start(true);
    machine.receive(response(200), 100);
    expect(machine.isOver).toBe(true);
  });
});

describe("INVITE server (17.2.1)", () => {
  const respond = (machine: InviteServerTransaction, status: number, nowMs: number) =>
    describeOutputs(machine.respond(status, toWireBytes(String(status)), nowMs));

  test("answers an INVITE that comes again as it did last", () => {
    const machine = new InviteServerTransaction(false);
    expect(describeOutputs(machine.receive("INVITE", 0))).toEqual([]);
    respond(machine, 100, 0);
    expect(describeOutputs(machine.receive("INVITE", 500))).toEqual(["100"]);
    respond(machine, 180, 600);
    expect(describeOutputs(machine.receive("INVITE", 1500))).toEqual(["180"]);
    expect(runOut(machine)).toEqual([]);
  });

  test("sends a refusal until the ACK comes, or no more after 64·T1", () => {
    const machine = new InviteServerTransaction(false);
    expect(respond(machine, 486, 0)).toEqual(["486"]);
    expect(describeOutputs(machine.receive("INVITE", 100))).toEqual(["486"]);
    const sent = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(runOut(machine)).toEqual([...sent.map((ms) => `486@${ms}`), "timed-out@32000"]);
    expect(machine.isOver).toBe(true);
  });

  test("absorbs the ACK, and what comes late, for T4", () => {
    const machine = new InviteServerTransaction(false);
    respond(machine, 486, 0);
    machine.receive("ACK", 200);
    expect(describeOutputs(machine.receive("INVITE", 300))).toEqual([]);
    expect(machine.deadlineMs).toBe(5200);
    expect(runOut(machine)).toEqual([]);
    expect(machine.isOver).toBe(true);
  });

  test("over TCP does not repeat a refusal, and ends at the ACK", () => {
    const machine = new InviteServerTransaction(true);
    respond(machine, 486, 0);
    expect(machine.deadlineMs).toBe(32_000);
    machine.receive("ACK", 10);
    expect(machine.isOver).toBe(true);
  });

  test("leaves a 2xx to its user, and absorbs the INVITE (RFC 6026)", () => {
    const machine = new InviteServerTransaction(false);
    expect(respond(machine, 200, 0)).toEqual(["200"]);
    expect(respond(machine, 200, 500)).toEqual(["200"]);
    expect(respond(machine, 486, 600)).toEqual([]);
    expect(describeOutputs(machine.receive("INVITE", 600))).toEqual([]);
    expect(runOut(machine)).toEqual([]);
    expect(machine.isOver).toBe(true);
  });
});

describe("other server (17.2.2)", () => {
  test("answers again what comes again, for 64·T1", () => {
    const machine = new PlainServerTransaction(false);
    expect(machine.receive()).toEqual([]);
    expect(describeOutputs(machine.respond(200, toWireBytes("200"), 0))).toEqual(["200"]);
    expect(machine.respond(481, toWireBytes("481"), 1)).toEqual([]);
    expect(describeOutputs(machine.receive())).toEqual(["200"]);
    expect(machine.deadlineMs).toBe(32_000);
    expect(runOut(machine)).toEqual([]);
    expect(machine.isOver).toBe(true);
  });

  test("over TCP ends at once", () => {
    const machine = new PlainServerTransaction(true);
    machine.respond(200, toWireBytes("200"), 0);
    expect(machine.isOver).toBe(true);
  });
});
