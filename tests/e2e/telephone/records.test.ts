import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord } from "../../../src/records/call-record.ts";
import { RecordsView } from "../../../src/servers/http/record-views.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { makeFolder } from "../calls/speech.ts";
import { connect, dial, expectNothingLeft, NUMBER, readEnd, startLaboratory } from "./laboratory.ts";

const CALLER = "13900000001";

async function waitForRecord(gateway: Gateway): Promise<CallRecord> {
  return await waitFor("the record", async () => {
    const response = await fetch(`${gateway.urls.api}/api/records`, { keepalive: false });
    return RecordsView.parse(await response.json()).records[0];
  });
}

function timesOf({
  startedAt,
  ringingAt,
  earlyMediaAt,
  answeredAt,
  endedAt,
}: CallRecord): (string | undefined)[] {
  return [startedAt, ringingAt, earlyMediaAt, answeredAt, endedAt];
}

test("a call out is recorded with its legs, moments and counters", async () => {
  using folder = makeFolder();
  await using laboratory = await startLaboratory({}, { records: { dir: folder.path } });
  const { gateway, app } = laboratory;
  const { leg, sessionid } = await dial(laboratory);
  leg.call.ring();
  leg.call.sendEarlyMedia();
  leg.call.answer();
  await app.nextRequest("answer", sessionid);
  await waitFor("RTP", () => leg.media.packetCount > 20);
  leg.call.hangUpByTelephone();
  await readEnd(app, sessionid);
  const record = await waitForRecord(gateway);
  expect(record).toMatchObject({
    sessionid,
    caller: { kind: "client", name: "lihao" },
    callee: { kind: "telephone", name: NUMBER },
    endedBy: "callee",
    cause: "NORMAL_CLEARING",
    codecs: { telephone: "PCMA" },
  });
  expect(record.callee.legIds?.[0]).toBe(leg.call.ourLeg.uuid);
  expect(timesOf(record)).not.toContain(undefined);
  expect(timesOf(record).toSorted()).toEqual(timesOf(record));
  expect(record.media.sentPackets).toBeGreaterThan(20);
  expect(record.media.receivedPackets).toBeGreaterThan(5);
  await expectNothingLeft(laboratory);
});

test("a refused call out is recorded with the telephone's cause", async () => {
  using folder = makeFolder();
  await using laboratory = await startLaboratory({}, { records: { dir: folder.path } });
  const { leg, sessionid } = await dial(laboratory);
  leg.call.refuse("USER_BUSY", 486);
  await readEnd(laboratory.app, sessionid);
  const record = await waitForRecord(laboratory.gateway);
  expect(record).toMatchObject({ endedBy: "callee", cause: "USER_BUSY", talkSeconds: 0 });
  expect(record.answeredAt).toBeUndefined();
});

test("a call in is recorded with the SIP call's id", async () => {
  using folder = makeFolder();
  await using laboratory = await startLaboratory({}, { records: { dir: folder.path } });
  const { gateway, peer, app } = laboratory;
  const at = { host: "127.0.0.1", port: gateway.ports.sip };
  const call = await peer.callIn({ user: "lihao", gateway: at, callerNumber: CALLER });
  const { sessionid } = await app.nextRequest("invite");
  await app.answer(sessionid);
  await waitFor("RTP", () => call.media.packetCount > 10);
  await app.bye(sessionid);
  const record = await waitForRecord(gateway);
  expect(record).toMatchObject({
    caller: { kind: "telephone", name: CALLER },
    callee: { kind: "client", name: "lihao" },
    endedBy: "callee",
    cause: "NORMAL_CLEARING",
    codecs: { telephone: "PCMA" },
  });
  expect(record.caller.legIds).toHaveLength(1);
  expect(record.media.sentPackets).toBeGreaterThan(5);
});

test("a call to a telephone outlives a killed gateway in the records", async () => {
  using folder = makeFolder();
  const config = { records: { dir: folder.path } };
  const killed = { sessionid: "", legId: "" };
  {
    await using laboratory = await startLaboratory({}, config);
    const call = await dial(laboratory);
    await connect(laboratory, call);
    Object.assign(killed, { sessionid: call.sessionid, legId: call.leg.call.ourLeg.uuid });
    await waitFor("the answer in the journal", () =>
      readFileSync(join(folder.path, "open-calls.jsonl"), "utf8").includes("answeredAt"),
    );
    laboratory.gateway.process.kill("SIGKILL");
    await laboratory.gateway.process.waitForExit();
  }
  await using next = await startGateway({ config });
  const record = await waitForRecord(next);
  expect(record).toMatchObject({
    sessionid: killed.sessionid,
    endedBy: "gateway",
    cause: "GATEWAY_RESTART",
    callee: { kind: "telephone", name: NUMBER },
  });
  expect(record.answeredAt).toBeDefined();
  expect(record.callee.legIds?.[0]).toBe(killed.legId);
});
