import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CallRecord, decodeRecords } from "../../../src/records/call-record.ts";
import { RecordsView } from "../../../src/servers/http/record-views.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { makeFolder } from "./speech.ts";
import { register, startCall } from "./two-people.ts";

async function readRecords(gateway: Gateway, query = ""): Promise<RecordsView> {
  const response = await fetch(`${gateway.urls.api}/api/records${query}`);
  return RecordsView.parse(await response.json());
}

async function waitForRecords(gateway: Gateway, count: number): Promise<readonly CallRecord[]> {
  return await waitFor(`${count} records`, async () => {
    const { records } = await readRecords(gateway);
    return records.length >= count ? records : undefined;
  });
}

function readFileRecords(folder: string): CallRecord[] {
  return decodeRecords(readFileSync(join(folder, "calls.jsonl"), "utf8"));
}

test("each call is recorded once, however it ends, in the file and over the API", async () => {
  using folder = makeFolder();
  await using gateway = await startGateway({ config: { records: { dir: join(folder.path, "records") } } });
  {
    await using call = await startCall(gateway);
    const { client } = call.caller;
    await client.bye(call.sessionid);
    await waitForRecords(gateway, 1);
    const echo = await client.invite("9196");
    await client.nextRequest("answer", echo.sessionid);
    await client.bye(echo.sessionid);
    await waitForRecords(gateway, 2);
    const refused = await client.invite("nway");
    await call.callee.client.nextRequest("invite", refused.sessionid);
    await client.cancel(refused.sessionid);
  }
  const [cancelled, echo, talk, ...others] = await waitForRecords(gateway, 3);
  expect(others).toEqual([]);
  const lihao = { kind: "client", name: "lihao" };
  expect(talk).toMatchObject({
    caller: lihao,
    callee: { kind: "client", name: "nway" },
    endedBy: "caller",
    cause: "NORMAL_CLEARING",
    reconnects: 0,
  });
  const { startedAt = "", ringingAt = "", answeredAt = "", endedAt = "" } = talk ?? {};
  expect([startedAt, ringingAt, answeredAt, endedAt].toSorted()).toEqual([
    startedAt,
    ringingAt,
    answeredAt,
    endedAt,
  ]);
  expect(talk?.talkSeconds).toBe((Date.parse(endedAt) - Date.parse(answeredAt)) / 1000);
  expect(echo).toMatchObject({
    caller: lihao,
    callee: { kind: "extension", name: "9196" },
    endedBy: "caller",
  });
  expect(cancelled).toMatchObject({ cause: "ORIGINATOR_CANCEL", talkSeconds: 0 });
  expect(cancelled?.answeredAt).toBeUndefined();

  expect((await readRecords(gateway, "?limit=1")).records).toEqual([cancelled as CallRecord]);
  expect((await readRecords(gateway, "?party=9196")).records).toEqual([echo as CallRecord]);
  const written = await waitFor("the file", () => {
    const records = readFileRecords(join(folder.path, "records"));
    return records.length === 3 ? records : undefined;
  });
  expect(written).toEqual([talk, echo, cancelled] as CallRecord[]);
});

test("a client that lost its connection is counted", async () => {
  using folder = makeFolder();
  await using gateway = await startGateway({ config: { records: { dir: folder.path } } });
  await using call = await startCall(gateway);
  await call.caller.client[Symbol.asyncDispose]();
  await waitFor("the loss", () => gateway.log().includes("call.callerLost"));
  await using back = await register(gateway, "lihao");
  await back.bye(call.sessionid);
  const [record] = await waitForRecords(gateway, 1);
  expect(record).toMatchObject({ reconnects: 1, cause: "NORMAL_CLEARING" });
});

test("a killed gateway's calls are recorded by the next one", async () => {
  using folder = makeFolder();
  const config = { records: { dir: folder.path } };
  let talking = "";
  {
    await using gateway = await startGateway({ config });
    await using call = await startCall(gateway);
    talking = call.sessionid;
    const lihao = call.caller.client;
    await waitFor("the journal", () => readdirSync(folder.path).includes("open-calls.jsonl"));
    await waitFor("the answer in it", () =>
      readFileSync(join(folder.path, "open-calls.jsonl"), "utf8").includes("answeredAt"),
    );
    gateway.process.kill("SIGKILL");
    await gateway.process.waitForExit();
    await lihao.closed;
  }
  await using next = await startGateway({ config });
  const [record, ...others] = await waitForRecords(next, 1);
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    sessionid: talking,
    caller: { name: "lihao" },
    callee: { name: "nway" },
    endedBy: "gateway",
    cause: "GATEWAY_RESTART",
  });
  expect(record?.answeredAt).toBeDefined();
  expect(next.log()).toContain(" warn records.recovered calls=1 ");
  await using call = await startCall(next);
  await call.callee.client.bye(call.sessionid);
  expect((await waitForRecords(next, 2))[0]).toMatchObject({ endedBy: "callee" });
});

test("a stopping gateway records the calls that it ends", async () => {
  using folder = makeFolder();
  {
    await using gateway = await startGateway({ config: { records: { dir: folder.path } } });
    await using _ = await startCall(gateway);
    gateway.process.kill("SIGTERM");
    expect(await gateway.process.waitForExit()).toBe(0);
  }
  expect(readFileRecords(folder.path)).toMatchObject([{ endedBy: "gateway", cause: "SYSTEM_SHUTDOWN" }]);
});

test("without a folder nothing is written", async () => {
  await using gateway = await startGateway();
  await using call = await startCall(gateway);
  await call.caller.client.bye(call.sessionid);
  expect(await readRecords(gateway)).toEqual({ records: [] });
  expect(readdirSync(gateway.folder)).toEqual(["nway_wx.ini"]);
});
