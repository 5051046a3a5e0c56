import { expect, setDefaultTimeout, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect } from "node:tls";
import { systemClock } from "../../../src/clock.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { FRAME_MS, makeToneBody, readToneIndex } from "../../../src/probe/test-sound.ts";
import { waitFor } from "../../peers/wait.ts";
import { type SecureGateway, startSecureGateway, writePair } from "./secure-gateway.ts";

setDefaultTimeout(60_000);

const CALL_COUNT = 20;
const TRUST = { rejectUnauthorized: false };
const PORTS = ["wss", "rtmps", "https-flv", "https-api"] as const;

type EchoCall = Awaited<ReturnType<typeof callEcho>>;

/** One call to the echo, over wss and rtmps, that talks from now on. */
async function callEcho(gateway: SecureGateway, user: string, stack: AsyncDisposableStack) {
  const url = gateway.urls.signaling;
  const client = stack.use(
    await SignalingClient.connect({ url, user, appname: "hd-machine", trust: TRUST, timeoutMs: 20_000 }),
  );
  let isClosed = false;
  const onClose = () => {
    isClosed = true;
  };
  void client.closed.then(onClose);
  await client.register("1234");
  const { response } = await client.invite("9196", { caller_audio: "G711A" });
  const { caller_url = "", callee_url = "" } = response.data;
  let sent = 0;
  const heard = new Set<number | undefined>();
  const player = await playRtmp(parseRtmpUrl(callee_url, TRUST), {
    onMedia: ({ typeId, payload }) => typeId === TagType.audio && heard.add(readToneIndex(payload)),
    onClose,
  });
  stack.defer(() => player.close());
  const publisher = await publishRtmp(parseRtmpUrl(caller_url, TRUST), onClose);
  const talk = systemClock.every(FRAME_MS, () => {
    publisher.sendAudio(sent * FRAME_MS, makeToneBody(sent));
    sent += 1;
  });
  stack.defer(() => talk.cancel());
  return {
    urls: [caller_url, callee_url],
    stop: () => talk.cancel(),
    isClosed: () => isClosed,
    sent: () => sent,
    missing: () => Array.from({ length: sent }, (_, index) => index).filter((index) => !heard.has(index)),
    heardCount: () => heard.size,
  };
}

test("a new certificate goes to new connections, and 20 calls lose no frame", async () => {
  const users = Array.from({ length: CALL_COUNT }, (_, index) => `user-${index}`);
  const listed = users.flatMap((user, index) => [
    [`user${index + 1}`, user],
    [`password${index + 1}`, "1234"],
  ]);
  await using gateway = await startSecureGateway({
    users: Object.fromEntries(listed),
    media: { slow_reader_ms: 10_000 },
  });
  await using stack = new AsyncDisposableStack();
  const calls: EchoCall[] = [];
  for (const user of users) calls.push(await callEcho(gateway, user, stack));
  for (const { urls } of calls) for (const url of urls) expect(url).toStartWith("rtmps://");
  await waitFor("sound in each call", () => calls.every((call) => call.heardCount() > 10));

  const first = fingerprint(gateway);
  expect(await shownFingerprints(gateway)).toEqual(PORTS.map(() => first));

  await writeFile(gateway.key, "no key");
  await waitFor("the refusal", () => / warn tls\.not-renewed file=\S+tls\.key /.test(gateway.log()), 15_000);
  expect(await shownFingerprints(gateway)).toEqual(PORTS.map(() => first));

  await writePair(gateway);
  await waitFor("the new certificate", () => gateway.log().includes(" info tls.renewed "), 15_000);
  const second = fingerprint(gateway);
  expect(second).not.toBe(first);
  expect(await shownFingerprints(gateway)).toEqual(PORTS.map(() => second));

  const soFar = calls.map((call) => call.sent());
  await waitFor("a second more of sound", () =>
    calls.every((call, index) => call.sent() > (soFar[index] ?? 0) + 1000 / FRAME_MS),
  );
  for (const call of calls) call.stop();
  await waitFor("the last frames", () => calls.every((call) => call.missing().length === 0));
  expect(calls.filter((call) => call.isClosed())).toEqual([]);
  const { calls: live } = (await (await fetch(`${gateway.urls.plainApi}/api/calls`)).json()) as {
    calls: unknown[];
  };
  expect(live).toHaveLength(CALL_COUNT);
});

function fingerprint({ cert }: SecureGateway): string {
  return new X509Certificate(readFileSync(cert)).fingerprint256;
}

/** Of the certificate that each encrypted port shows to a new connection. */
function shownFingerprints({ ports }: SecureGateway): Promise<string[]> {
  return Promise.all(
    PORTS.map((name) => {
      const shown = Promise.withResolvers<string>();
      const socket = connect({ host: "127.0.0.1", port: ports[name], ...TRUST }, () => {
        shown.resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on("error", shown.reject);
      return shown.promise;
    }),
  );
}
