import { decodeMessage } from "../../src/protocols/sip/message.ts";
import { SipUserAgent } from "../../src/protocols/sip/user-agent.ts";
import { toWireBytes } from "../../src/protocols/sip/wire-text.ts";
import { RECORDINGS, readRecording } from "../protocols/sip/recorded.ts";
import { draft, OFFER, PEER, SDP } from "../protocols/sip/rig.ts";
import { TORTURE } from "../protocols/sip/torture-table.ts";
import type { FuzzTarget } from "./fuzz.ts";

const INVITE = draft({
  body: OFFER,
  branch: "z9hG4bK-f1",
  headers: ["Session-Expires: 600", "Supported: timer"],
});
const inCall = (method: string, sequence: number, body = "") =>
  draft({ method, sequence, body, toTag: "t1", branch: `z9hG4bK-f${sequence}${method}` });

/**
 * Gives each input to a user agent that is in a call, so that requests within it are reached. Whatever comes, it throws
 * nothing, what it sends is SIP, and (tried with some inputs only, for speed) all is over some time later.
 */
export const target: FuzzTarget = {
  name: "sip",
  seeds: [
    ...RECORDINGS.flatMap((name) => readRecording(name).map(({ bytes }) => bytes)).slice(0, 30),
    ...TORTURE.filter(({ text }) => text.length < 2000).map(({ text }) =>
      toWireBytes(text.replaceAll("\n", "\r\n")),
    ),
    INVITE,
    inCall("ACK", 1),
    inCall("INVITE", 2, OFFER),
    inCall("UPDATE", 2, OFFER),
    inCall("INFO", 2),
    inCall("BYE", 2),
    draft({ method: "CANCEL", branch: "z9hG4bK-f1" }),
  ],
  run(input) {
    let tokenCount = 0;
    const sent: Uint8Array[] = [];
    const agent = new SipUserAgent({
      address: "192.0.2.1",
      port: 25_560,
      software: "fuzz",
      maxCalls: 4,
      maxTransactions: 16,
      token: () => `t${++tokenCount}`,
      random: () => 0.5,
      send: (bytes) => sent.push(bytes),
      onInvite: (invite) => {
        invite.call.listen((event) => event.kind === "reoffered" && invite.call.accept(SDP, 0));
        invite.answer(SDP, 0);
      },
      onBug: (thrown) => {
        throw thrown;
      },
    });
    agent.receiveDatagram(INVITE, PEER, 0);
    sent.length = 0;
    agent.receiveDatagram(input, PEER, 0);
    agent.receiveDatagram(input, PEER, 1);
    for (const bytes of sent) decodeMessage(bytes);
    if (input.length % 16 === 0) runOut(agent);
    // What is refused counts as refused; without this every input would count as accepted.
    decodeMessage(input);
  },
};

function runOut(agent: SipUserAgent): void {
  for (let turn = 0; turn < 200 && agent.nextDeadlineMs < 600_000; turn++) agent.tick(agent.nextDeadlineMs);
  if (agent.nextDeadlineMs < 600_000) throw new Error(`still busy at ${agent.nextDeadlineMs} ms`);
}
