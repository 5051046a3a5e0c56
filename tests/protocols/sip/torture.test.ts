import { describe, expect, test } from "bun:test";
import { readIdentity } from "../../../src/protocols/sip/identity.ts";
import { decodeMessage } from "../../../src/protocols/sip/message.ts";
import { toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { Rig } from "./rig.ts";
import { TORTURE } from "./torture-table.ts";

const bytesOf = (text: string) => toWireBytes(text.replaceAll("\n", "\r\n"));

describe("RFC 4475", () => {
  test("has its 49 messages but one", () => {
    expect(new Set(TORTURE.map(({ name }) => name)).size).toBe(48);
  });

  test.each(TORTURE.map((message) => [message.name, message] as const))("%s", (_, { text, reaction }) => {
    const rig = new Rig();
    const answered = rig.exchange(bytesOf(text));
    const { malformed, stray } = rig.agent.counters;
    if (reaction === "invited")
      expect({ answered, events: rig.eventKinds() }).toEqual({ answered: [100], events: ["invited"] });
    else expect(rig.events).toEqual([]);
    if (typeof reaction === "number") expect(answered).toEqual([reaction]);
    if (reaction === "stray") expect({ answered, stray }).toEqual({ answered: [], stray: 1 });
    if (reaction === "dropped") expect({ answered, malformed }).toEqual({ answered: [], malformed: 1 });
  });

  test.each(TORTURE.map((message) => [message.name, message] as const))("%s cut anywhere", (_, { text }) => {
    const bytes = bytesOf(text);
    const rig = new Rig({ maxTransactions: 10_000, maxCalls: 10_000 });
    for (let length = 0; length < bytes.length; length++) rig.receive(bytes.subarray(0, length));
    expect(rig.events.length).toBeLessThan(2);
  });

  test("wsinv is read as it is meant", () => {
    const message = decodeMessage(bytesOf(TORTURE[0]?.text ?? ""));
    const identity = readIdentity(message.headers);
    expect(identity).toMatchObject({
      from: { displayName: 'J Rosenberg \\"', uri: "sip:jdrosen@example.com" },
      fromTag: "98asjd8",
      toTag: "1918181833n",
      cseq: { number: 9, method: "INVITE" },
      via: { transport: "UDP", host: "192.0.2.2" },
    });
    expect(message.headers.list("via")).toHaveLength(3);
    expect(message.headers.first("newfangledheader")).toBe("newfangled value continued newfangled value");
    expect(message.headers.first("unknownheaderwithunusualvalue")).toBe(";;,,;;,;");
    expect(message.body).toHaveLength(150);
  });
});
