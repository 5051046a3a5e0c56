import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { makeToneBody } from "../../../src/probe/test-sound.ts";
import { waitFor } from "../../peers/wait.ts";
import { startSecureGateway } from "../tls/secure-gateway.ts";

setDefaultTimeout(30_000);

const PASSWORD = "sesame-of-lihao";
const WRONG_PASSWORD = "sesame-guessed";
const WRONG_TOKEN = "0123456789abcdef".repeat(2);
const API_TOKEN = "token-of-the-api-0123456789";
const ESL_PASSWORD = "sesame-of-freeswitch";
const TRUST = { rejectUnauthorized: false };

test("no secret is in the log, the records, the arguments or what the start prints", async () => {
  await using gateway = await startSecureGateway({
    users: { user1: "lihao", password1: PASSWORD },
    api: { addr: "127.0.0.1:0", token: API_TOKEN },
    server: { addr: "127.0.0.1:0", fs_esl_ip: "127.0.0.1:1", fs_auth: ESL_PASSWORD },
    records: { dir: "records" },
    log: { level: "debug" },
  });
  const url = gateway.urls.signaling;
  await using client = await SignalingClient.connect({
    url,
    user: "lihao",
    appname: "hd-machine",
    trust: TRUST,
  });
  expect((await client.register(WRONG_PASSWORD)).data.code).not.toBe("200ok");
  expect((await client.register(PASSWORD)).data.code).toBe("200ok");
  const { sessionid, response } = await client.invite("9196", { caller_audio: "G711A" });
  const { caller_url = "", callee_url = "" } = response.data;
  let heard = 0;
  const player = await playRtmp(parseRtmpUrl(callee_url, TRUST), { onMedia: () => heard++ });
  const publisher = await publishRtmp(parseRtmpUrl(caller_url, TRUST));
  publisher.sendAudio(0, makeToneBody(0));
  await waitFor("sound", () => heard > 0);

  const plainUrl = caller_url.replace("rtmps://", "rtmp://").replace(/:\d+/, `:${gateway.ports.rtmp}`);
  const guessed = plainUrl.replace(/token=\w+/, `token=${WRONG_TOKEN}`);
  await expect(playRtmp(parseRtmpUrl(guessed), { onMedia: () => {} })).rejects.toThrow();
  const headers = { authorization: "Bearer token-guessed-0123456789" };
  const refused = await fetch(`${gateway.urls.plainApi}/api/calls/x`, { method: "DELETE", headers });
  expect(refused.status).toBe(401);
  await client.bye(sessionid);
  player.close();
  publisher.close();
  const records = join(gateway.folder, "records");
  const file = join(records, "calls.jsonl");
  await waitFor("the record", () => existsSync(file) && readFileSync(file, "utf8").includes("9196"));

  const tokens = [caller_url, callee_url].map((text) => new URL(text).searchParams.get("token") ?? "none");
  const keyLine = readFileSync(gateway.key, "utf8").split("\n")[1] ?? "none";
  const passwords = [PASSWORD, WRONG_PASSWORD, ESL_PASSWORD];
  const secrets = [...passwords, API_TOKEN, "token-guessed", WRONG_TOKEN, ...tokens, keyLine];
  const told = [
    gateway.log(),
    readFileSync(`/proc/${gateway.pid}/cmdline`, "latin1"),
    ...readdirSync(records).map((name) => readFileSync(join(records, name), "latin1")),
  ].join("\n");
  expect(told).toContain("signaling.bad-password");
  expect(secrets.filter((secret) => secret.length < 10)).toEqual([]);
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
});
