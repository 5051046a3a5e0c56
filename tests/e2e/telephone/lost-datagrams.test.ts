import { describe, expect, test } from "bun:test";
import { requirePrograms } from "../../peers/programs.ts";
import { runSipp } from "../../peers/sipp.ts";
import { waitFor } from "../../peers/wait.ts";
import { expectAnswer, expectAnswerToBye, scenario, sendRequest } from "../../protocols/sip/sipp-scenario.ts";
import { readCalls, readStreams } from "../calls/gateway-state.ts";
import { connect, dial, expectNothingLeft, readEnd, startLaboratory } from "./laboratory.ts";

describe("FreeSWITCH and we understand each other though", () => {
  test.each<[what: string, isLost: (message: string) => boolean]>([
    ["its INVITE is lost", (message) => message.startsWith("INVITE ")],
    ["our answer is lost", (message) => /^SIP\/2\.0 200 [\s\S]*\nCSeq: \d+ INVITE/.test(message)],
    ["its ACK is lost", (message) => message.startsWith("ACK ")],
    ["a BYE is lost", (message) => message.startsWith("BYE ")],
    ["the BYE's answer is lost", (message) => /^SIP\/2\.0 200 [\s\S]*\nCSeq: \d+ BYE/.test(message)],
  ])("%s", async (_, isLost) => {
    await using laboratory = await startLaboratory();
    const { app, peer } = laboratory;
    for (const whoHangsUp of ["the app", "the telephone"]) {
      const before = peer.side.endpoint.lostCount;
      peer.side.endpoint.lose((message) => peer.side.endpoint.lostCount === before && isLost(message));
      const call = await dial(laboratory);
      await connect(laboratory, call);
      if (whoHangsUp === "the app") await app.bye(call.sessionid);
      else {
        call.leg.call.hangUpByTelephone();
        expect(await readEnd(app, call.sessionid)).toBe("200ok NORMAL_CLEARING");
      }
      await expectNothingLeft(laboratory);
      await waitFor("the loss", () => peer.side.endpoint.lostCount === before + 1);
    }
    expect(peer.calls).toHaveLength(2);
  });
});

const toEcho = (xml: string) => xml.replaceAll("sip:user@", "sip:9196@");

const CALL = toEcho(
  scenario(
    sendRequest("INVITE", { sequence: 1, hasSdp: true }),
    expectAnswer(100, true),
    expectAnswer(180, true),
    expectAnswer(200),
    sendRequest("ACK", { sequence: 1, isInDialog: true }),
    sendRequest("INVITE", { sequence: 2, isInDialog: true, hasSdp: true }),
    expectAnswer(100, true),
    expectAnswer(200),
    sendRequest("ACK", { sequence: 2, isInDialog: true }),
    sendRequest("BYE", { sequence: 3, isInDialog: true }),
    expectAnswerToBye(200),
  ),
);
const NOISE = toEcho(
  scenario(
    sendRequest("BYE", { sequence: 1 }),
    expectAnswerToBye(481),
    sendRequest("UPDATE", { sequence: 2 }),
    expectAnswer(481),
    sendRequest("OPTIONS", { sequence: 3 }),
    expectAnswer(200),
    sendRequest("PRACK", { sequence: 4 }),
    expectAnswer(501),
    sendRequest("ACK", { sequence: 5 }),
  ),
);

describe("sipp calls the echo", () => {
  const testSipp = requirePrograms("sipp");
  const cases: [what: string, xml: string, count: number, options: string[]][] = [
    ["over UDP", CALL, 50, []],
    ["over TCP", CALL, 50, ["-t", "t1"]],
    ["with every twentieth datagram lost", CALL, 30, ["-lost", "5"]],
    ["out of any dialog", NOISE, 50, []],
  ];
  for (const [what, xml, count, options] of cases) {
    testSipp(what, async () => {
      await using laboratory = await startLaboratory();
      const { gateway } = laboratory;
      await runSipp(gateway.ports.sip, xml, count, ...options);
      await waitFor("the end of all calls", async () => (await readCalls(gateway)).length === 0, 10_000);
      expect(await readStreams(gateway)).toEqual([]);
      await expectNothingLeft(laboratory);
    });
  }
});
