import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { type CallRecord, decodeRecords } from "../../../src/records/call-record.ts";
import { Random } from "../../fuzz/mutator.ts";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";
import { makeFolder } from "./speech.ts";
import { register } from "./two-people.ts";

/** More than the ten of every day: NWAY_WX_KILLS=200. */
const KILLS = Number(process.env.NWAY_WX_KILLS ?? 10);
const USERS = ["lihao", "nway", "third", "fourth"] as const;
const MAX_CALLS_BEFORE_KILL = 200;

/** What clients were told, by session. */
type Told = { readonly accepted: Set<string>; readonly ended: Set<string> };

/** Calls the echo and hangs up, again and again, until the gateway is gone. */
async function callOnAndOn(client: SignalingClient, told: Told): Promise<void> {
  const gone = client.closed.then(() => undefined);
  for (;;) {
    const invited = await Promise.race([client.invite("9196"), gone]);
    if (invited === undefined) return;
    expect(invited.response.data.code).toBe("200ok");
    told.accepted.add(invited.sessionid);
    const bye = await Promise.race([client.bye(invited.sessionid), gone]);
    if (bye === undefined) return;
    expect(bye.data.code).toBe("200ok");
    told.ended.add(invited.sessionid);
  }
}

function readAll(folder: string): CallRecord[] {
  const files = readdirSync(folder).filter((name) => name.startsWith("calls.jsonl"));
  return files.flatMap((name) => decodeRecords(readFileSync(join(folder, name), "utf8")));
}

test(
  `${KILLS} kills under calls: what clients were told is in the records, once`,
  async () => {
    using folder = makeFolder();
    const config = {
      users: { user3: "third", password3: "1234", user4: "fourth", password4: "1234" },
      records: { dir: folder.path },
    };
    const told = { accepted: new Set<string>(), ended: new Set<string>() };
    const random = new Random(9);
    for (let kill = 0; kill < KILLS; kill++) {
      await using gateway = await startGateway({ config });
      const clients = await Promise.all(USERS.map((user) => register(gateway, user)));
      const calling = Promise.all(clients.map((client) => callOnAndOn(client, told)));
      const enough = told.ended.size + 1 + random.below(MAX_CALLS_BEFORE_KILL);
      await waitFor("calls under way", () => told.ended.size >= enough);
      gateway.process.kill("SIGKILL");
      await gateway.process.waitForExit();
      await calling;
    }
    await using last = await startGateway({ config });
    last.process.kill("SIGTERM");
    expect(await last.process.waitForExit()).toBe(0);

    const records = readAll(folder.path);
    const bySession = new Map(records.map((record) => [record.sessionid, record]));
    expect(bySession.size).toBe(records.length);
    expect([...told.accepted].filter((session) => !bySession.has(session))).toEqual([]);
    const causes = [...told.ended].map((session) => bySession.get(session)?.cause);
    expect(causes.filter((cause) => cause !== "NORMAL_CLEARING")).toEqual([]);
    const restarts = records.filter(({ cause }) => cause === "GATEWAY_RESTART");
    console.log(
      `${KILLS} kills: ${told.accepted.size} calls accepted, ${told.ended.size} ends confirmed, ` +
        `${restarts.length} cut off`,
    );
    expect(restarts.length).toBeGreaterThan(0);
  },
  30_000 + KILLS * 10_000,
);
