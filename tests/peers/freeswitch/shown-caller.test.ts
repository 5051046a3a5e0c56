import { expect, test } from "bun:test";
import { readFixture } from "../../protocols/fixtures.ts";
import { callerOf } from "./shown-caller.ts";

const NUMBER = "01088880001";
const NAME = "lihao";
const SESSION = "call-secret";

/** Of each recorded INVITE: how the caller was named, by which way it went, and its `From` without the tag. */
function readInvites(): { how: string; isGateway: boolean; from: string }[] {
  const text = Buffer.from(readFixture("freeswitch/sip/sip_far_leg_invites.txt")).toString("utf8");
  let how = "";
  return text.split(/^--- /m).flatMap((part) => {
    const [title = "", ...lines] = part.split("\n");
    const from = lines.find((line) => line.startsWith("From: "));
    if (from === undefined) return [];
    if (!title.startsWith("the same")) how = title.split(/ on our leg| in the/)[0] ?? "";
    const inBraces = /second leg's braces/.test(title) ? " in braces" : "";
    if (inBraces !== "") how += inBraces;
    return [
      { how, isGateway: title.includes("gateway"), from: from.slice("From: ".length).split(";")[0] ?? "" },
    ];
  });
}

const names = (kind: string) => ({ [`${kind}_number`]: NUMBER, [`${kind}_name`]: NAME });

test("the telephone sees the caller that was recorded for each way of naming it", () => {
  const invites = readInvites();
  expect(invites).toHaveLength(8);
  for (const { how, isGateway, from } of invites) {
    const inBraces = how.endsWith("in braces");
    const kind = how.split("_*")[0] ?? "";
    const variables = { ...names("origination_caller_id"), ...(inBraces ? {} : names(kind)) };
    const far = inBraces ? names(kind) : {};
    const bridge = isGateway ? { variables: far, gateway: "gw1", number: "13800000000" } : undefined;
    const originate = { variables, bridge, session: SESSION, profile: "", address: "", extension: "" };
    const { name, number } = callerOf(originate);
    expect([how, isGateway, `"${name}" <sip:${number}@127.0.0.1>`]).toEqual([how, isGateway, from]);
  }
});
