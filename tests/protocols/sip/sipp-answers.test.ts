import { expect } from "bun:test";
import type { SipCall } from "../../../src/protocols/sip/call.ts";
import type { SipCallEvent } from "../../../src/protocols/sip/call-event.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { answerWithSipp } from "../../peers/sipp.ts";
import { waitFor } from "../../peers/wait.ts";
import { type LoopbackAgent, startLoopbackAgent } from "./loopback-agent.ts";
import { OFFER } from "./rig.ts";
import { answerInvite, answerRequest, expectRequest, scenario } from "./sipp-scenario.ts";

const testSipp = requirePrograms("sipp");
const CALL_COUNT = 20;

type OnEvent = (call: SipCall, event: SipCallEvent, nowMs: number) => void;

/** Calls sipp so many times at once, and waits until nothing of the calls is left. */
async function callSipp(caller: LoopbackAgent, port: number, onEvent: OnEvent): Promise<void> {
  for (let count = 0; count < CALL_COUNT; count++) {
    const call = caller.invite(
      {
        to: { displayName: "", uri: `sip:sipp@127.0.0.1:${port}` },
        from: { displayName: "Gateway", uri: `sip:gateway@127.0.0.1:${caller.port}` },
        sdp: new TextEncoder().encode(OFFER),
        destination: { transport: "UDP", address: "127.0.0.1", port },
      },
      (event, nowMs) => onEvent(call, event, nowMs),
    );
  }
  await waitFor("all calls to end", () => caller.agent.callCount === 0, 15_000);
}

function countEvents({ events }: LoopbackAgent, kind: SipCallEvent["kind"]): number {
  return events.filter((event) => event.kind === kind).length;
}

testSipp("sipp rings, answers our calls, and gets our BYE", async () => {
  await using caller = await startLoopbackAgent();
  const answers = scenario(
    expectRequest("INVITE"),
    answerInvite(180),
    answerInvite(200, true),
    expectRequest("ACK"),
    expectRequest("BYE"),
    answerRequest(200),
  );
  await answerWithSipp(answers, CALL_COUNT, (port) =>
    callSipp(caller, port, (call, event, nowMs) => {
      if (event.kind === "answered") call.hangUp(nowMs);
    }),
  );
  const kinds = ["progress", "answered", "ended", "closed"] as const;
  expect(kinds.map((kind) => countEvents(caller, kind))).toEqual(kinds.map(() => CALL_COUNT));
});

testSipp("sipp is busy", async () => {
  await using caller = await startLoopbackAgent();
  const answers = scenario(expectRequest("INVITE"), answerInvite(486), expectRequest("ACK"));
  await answerWithSipp(answers, CALL_COUNT, (port) => callSipp(caller, port, () => {}));
  expect(caller.events.filter((event) => event.kind === "ended" && event.status === 486)).toHaveLength(
    CALL_COUNT,
  );
});

testSipp("we give up while sipp rings", async () => {
  await using caller = await startLoopbackAgent();
  const answers = scenario(
    expectRequest("INVITE"),
    answerInvite(180),
    expectRequest("CANCEL"),
    answerRequest(200),
    answerInvite(487).replace("[last_CSeq:]", "CSeq: 1 INVITE"),
    expectRequest("ACK"),
  );
  await answerWithSipp(answers, CALL_COUNT, (port) =>
    callSipp(caller, port, (call, event, nowMs) => {
      if (event.kind === "progress") call.hangUp(nowMs);
    }),
  );
  expect(countEvents(caller, "closed")).toBe(CALL_COUNT);
});
