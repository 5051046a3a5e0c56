import { expect } from "bun:test";
import { requirePrograms } from "../../peers/programs.ts";
import { runSipp } from "../../peers/sipp.ts";
import { waitFor } from "../../peers/wait.ts";
import { type LoopbackAgent, startLoopbackAgent } from "./loopback-agent.ts";
import {
  answerRequest,
  expectAnswer,
  expectAnswerToBye,
  expectRequest,
  scenario,
  sendRequest,
  sendWithBranchOf,
} from "./sipp-scenario.ts";

const testSipp = requirePrograms("sipp");

const CALL = scenario(
  sendRequest("INVITE", { sequence: 1, hasSdp: true }),
  expectAnswer(100, true),
  expectAnswer(180, true),
  expectAnswer(200),
  sendRequest("ACK", { sequence: 1, isInDialog: true }),
  sendRequest("INVITE", { sequence: 2, isInDialog: true, hasSdp: true }),
  expectAnswer(100, true),
  expectAnswer(200),
  sendRequest("ACK", { sequence: 2, isInDialog: true }),
  sendRequest("OPTIONS", { sequence: 3, isInDialog: true }),
  expectAnswer(200),
  sendRequest("BYE", { sequence: 4, isInDialog: true }),
  expectAnswerToBye(200),
);

/** All calls ended, once each, and nothing is left of them once the last timers have run. */
async function expectNothingLeft({ agent, events }: LoopbackAgent, callCount: number): Promise<void> {
  await waitFor("all calls to end", () => agent.callCount === 0, 10_000);
  expect(events.filter(({ kind }) => kind === "ended")).toHaveLength(callCount);
  expect(events.filter(({ kind }) => kind === "closed")).toHaveLength(callCount);
  const nowMs = performance.now();
  for (let seconds = 0; seconds < 80; seconds++) agent.tick(nowMs + seconds * 1000);
  expect(agent.transactionCount).toBe(0);
}

testSipp("sipp calls, renegotiates and hangs up over UDP", async () => {
  await using agent = await startLoopbackAgent();
  await runSipp(agent.port, CALL, 100);
  await expectNothingLeft(agent, 100);
});

testSipp("and over TCP, all on one connection", async () => {
  await using agent = await startLoopbackAgent();
  await runSipp(agent.port, CALL, 100, "-t", "t1");
  await expectNothingLeft(agent, 100);
});

testSipp(
  "with every twentieth datagram lost, whichever it is, each call still comes to its end",
  async () => {
    await using agent = await startLoopbackAgent();
    await runSipp(agent.port, CALL, 40, "-lost", "5");
    await expectNothingLeft(agent, 40);
  },
);

testSipp("sipp gives up while it rings", async () => {
  const cancel = scenario(
    sendRequest("INVITE", { sequence: 1, hasSdp: true }),
    expectAnswer(100, true),
    expectAnswer(180),
    sendWithBranchOf("CANCEL", 3),
    expectAnswer(200),
    expectAnswer(487),
    sendWithBranchOf("ACK", 6),
  );
  await using agent = await startLoopbackAgent((invite, nowMs) => invite.ring(nowMs));
  await runSipp(agent.port, cancel, 20);
  await expectNothingLeft(agent, 20);
});

testSipp("we hang up as soon as we have answered; sipp sees the BYE after its ACK", async () => {
  const hungUp = scenario(
    sendRequest("INVITE", { sequence: 1, hasSdp: true }),
    expectAnswer(100, true),
    expectAnswer(200),
    sendRequest("ACK", { sequence: 1, isInDialog: true }),
    expectRequest("BYE"),
    answerRequest(200),
  );
  await using agent = await startLoopbackAgent((invite, nowMs) => {
    invite.answer(invite.request.body, nowMs);
    invite.call.hangUp(nowMs);
  });
  await runSipp(agent.port, hungUp, 50);
  await expectNothingLeft(agent, 50);
});

testSipp("requests out of any dialog are answered, and leave no call", async () => {
  const noise = scenario(
    sendRequest("BYE", { sequence: 1 }),
    expectAnswerToBye(481),
    sendRequest("UPDATE", { sequence: 2 }),
    expectAnswer(481),
    sendRequest("OPTIONS", { sequence: 3 }),
    expectAnswer(200),
    sendRequest("PRACK", { sequence: 4 }),
    expectAnswer(501),
    sendRequest("ACK", { sequence: 5 }),
  );
  await using agent = await startLoopbackAgent();
  await runSipp(agent.port, noise, 50);
  await expectNothingLeft(agent, 0);
  expect(agent.agent.counters.stray).toBe(50);
});
