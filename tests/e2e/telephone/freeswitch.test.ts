import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { OrderedCall } from "../../../src/servers/http/call-order.ts";
import { findSpeech } from "../../peers/correlation.ts";
import { type Gateway, startGateway } from "../../peers/gateway.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { waitFor } from "../../peers/wait.ts";
import { keyOf, readCalls, tokenOf, waitForStream } from "../calls/gateway-state.ts";
import { decodeSound, makeFolder, pushSpeech, recordWithCurl, speak, speakLater } from "../calls/speech.ts";
import { register } from "../calls/two-people.ts";
import { type AnyFreeswitch, openFreeswitch } from "./any-freeswitch.ts";
import { readEnd, waitUntilLinked } from "./laboratory.ts";

/** FreeSWITCH's own echo, in the dialplan that it is shipped with. */
const ECHO = "9196";
const NOBODY = "no-such-extension-0429";
const CALL_COUNT = 20;
const LIKE = 0.85;
const MICROPHONE_SECONDS = 1.5;
const TOKEN = "0123456789abcdef";
const CALLER_NUMBER = "01088880001";
/** How long a test waits for what takes FreeSWITCH milliseconds, without its dialplan's sleep. */
const PATIENCE_MS = 5000;

type Stage = {
  readonly freeswitch: AnyFreeswitch;
  readonly gateway: Gateway;
  /** lihao's, registered. */
  readonly app: SignalingClient;
  /** Registers another user, who waits as long as this FreeSWITCH needs. */
  readonly enter: (user: string) => Promise<SignalingClient>;
};

/** What goes with any FreeSWITCH: `make test-freeswitch` runs it against a real one, all else against the test peer. */
async function withFreeswitch(
  server: Readonly<Record<string, string | boolean>>,
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  await using freeswitch = await openFreeswitch();
  const { host, port, password, ownHost } = freeswitch;
  const users = Array.from({ length: CALL_COUNT }, (_, n) => [
    [`user${n + 1}`, nameOf(n)],
    [`password${n + 1}`, "1234"],
  ]).flat();
  await using stack = new AsyncDisposableStack();
  const gateway = await startGateway({
    config: {
      server: { addr: "127.0.0.1:0", fs_esl_ip: `${host}:${port}`, fs_auth: password, ...server },
      sip: { addr: `${ownHost}:0` },
      api: { addr: "127.0.0.1:0", token: TOKEN },
      dialing: { caller_number: CALLER_NUMBER },
      extensions: { echo: "0196", tone: "0197", welcome: "0198" },
      users: Object.fromEntries(users),
    },
  });
  stack.defer(() => freeswitch.hangUp(gateway.ports.sip));
  stack.use(gateway);
  await waitUntilLinked(gateway, 1);
  const timeoutMs = PATIENCE_MS + freeswitch.sleepMs;
  const enter = (user: string) => register(gateway, user, { timeoutMs });
  await using app = await enter("lihao");
  await run({ freeswitch, gateway, app, enter });
  await waitFor("the end of all calls", async () => (await readCalls(gateway)).length === 0);
  await waitFor(
    "the end of all channels",
    async () => (await freeswitch.countChannels(gateway.ports.sip)) === 0,
    10_000,
  );
  expect(gateway.process.stderr()).not.toMatch(/ error /);
}

function nameOf(index: number): string {
  return index === 0 ? "lihao" : `user-${index}`;
}

async function callEcho(app: SignalingClient): Promise<{ sessionid: string; push: string; pull: string }> {
  const { sessionid, response } = await app.invite(ECHO);
  expect(response.data.code).toBe("200ok");
  await app.nextRequest("answer", sessionid);
  const { caller_url: push = "", callee_url: pull = "" } = response.data;
  return { sessionid, push, pull };
}

describe("with any FreeSWITCH", () => {
  requirePrograms("ffmpeg", "espeak-ng", "curl")(
    "its dialplan's echo is heard",
    async () => {
      using folder = makeFolder();
      const says = await speak(folder.path, "en", "The quick brown fox jumps over the lazy dog.");
      await withFreeswitch({ use_callout: false }, async ({ app, gateway }) => {
        const { sessionid, push, pull } = await callEcho(app);
        const file = join(folder.path, "echo.flv");
        await using listens = recordWithCurl(gateway.urls.flv(keyOf(pull), tokenOf(pull)), file);
        await waitForStream(gateway, pull, "a player", ({ playerCount }) => playerCount === 1);
        await using speaks = pushSpeech(push, await speakLater(says, MICROPHONE_SECONDS));
        expect(await speaks.waitForExit(30_000)).toBe(0);
        await app.bye(sessionid);
        expect(await listens.waitForExit()).toBe(0);
        const reference = await decodeSound(says.wav, 8000);
        const { likeness } = findSpeech(reference, await decodeSound(file, 8000), 8000);
        console.log("echo through FreeSWITCH:", likeness);
        expect(likeness).toBeGreaterThanOrEqual(LIKE);
      });
    },
    60_000,
  );

  test("it hangs up: the app is told", async () => {
    await withFreeswitch({ use_callout: false }, async ({ app, gateway, freeswitch }) => {
      const { sessionid } = await callEcho(app);
      const list = await waitFor("the channel", async () => {
        const text = await freeswitch.api("show channels as json");
        return text.includes(`:${gateway.ports.sip}"`) && text;
      });
      const rows: { uuid: string; name: string }[] = JSON.parse(list).rows;
      const row = rows.find(({ name }) => name.endsWith(`:${gateway.ports.sip}`));
      expect(await freeswitch.api(`uuid_kill ${row?.uuid}`)).toStartWith("+OK");
      expect(await readEnd(app, sessionid)).toBe("200ok NORMAL_CLEARING");
    });
  });

  test("an extension that its dialplan does not know: the cause is told", async () => {
    await withFreeswitch({ use_callout: false }, async ({ app, freeswitch }) => {
      if (freeswitch.takesAllNumbers) {
        console.log(
          "its dialplan takes every number, as FreeSWITCH's example does: nothing is refused there",
        );
        return;
      }
      const { sessionid } = await app.invite(NOBODY);
      expect(await readEnd(app, sessionid)).toMatch(/^480 [A-Z_]+$/);
    });
  });

  test("a gateway that it does not know", async () => {
    const server = { use_callout: true, callout_gateway: "no-such-gateway-0429" };
    await withFreeswitch(server, async ({ app }) => {
      const { sessionid } = await app.invite("13800000000");
      expect(await readEnd(app, sessionid)).toBe("480 INVALID_GATEWAY");
    });
  });

  test("the app cancels while its gateway dials, with FS_NUMBER", async () => {
    const { gateway, number } = await describeTelephones();
    if (number === undefined) return skip("FS_NUMBER");
    await withFreeswitch({ use_callout: true, callout_gateway: gateway }, async ({ app }) => {
      const { sessionid } = await app.invite(number);
      await app.nextRequest("message", sessionid);
      expect((await app.cancel(sessionid)).data.code).toBe("200ok");
    });
  });

  describe("the telephone sees who calls", () => {
    test("through its gateway, with FS_NUMBER", async () => {
      const { gateway, number } = await describeTelephones();
      if (number === undefined) return skip("FS_NUMBER");
      await withFreeswitch({ use_callout: true, callout_gateway: gateway }, async (stage) => {
        await callAsLihao(stage, number);
      });
    });

    test("through its dialplan, with FS_EXTENSION", async () => {
      const { extension } = await describeTelephones();
      if (extension === undefined) return skip("FS_EXTENSION");
      await withFreeswitch({ use_callout: false }, async (stage) => await callAsLihao(stage, extension));
    });

    test("when the API orders the call, with FS_NUMBER", async () => {
      const { gateway: via, number } = await describeTelephones();
      if (number === undefined) return skip("FS_NUMBER");
      await withFreeswitch({ use_callout: false }, async ({ gateway, freeswitch }) => {
        const calls = `${gateway.urls.api}/api/calls`;
        const headers = { authorization: `Bearer ${TOKEN}` };
        const order = { caller_name: "lihao", gateway: via, destination_number: number };
        const placed = await fetch(calls, { method: "POST", headers, body: JSON.stringify(order) });
        expect(placed.status).toBe(201);
        const { callId } = OrderedCall.parse(await placed.json());
        await expectCaller(freeswitch, gateway);
        expect((await fetch(`${calls}/${callId}`, { method: "DELETE", headers })).status).toBe(204);
      });
    });
  });

  test("it calls a user, who answers and hangs up", async () => {
    await withFreeswitch({}, async ({ app, gateway, freeswitch }) => {
      await freeswitch.callIn("lihao", gateway.ports.sip);
      const { sessionid } = await app.nextRequest("invite");
      await app.answer(sessionid);
      await waitFor("the conversation", async () =>
        (await readCalls(gateway)).some(({ state }) => state === "talking"),
      );
      expect((await app.bye(sessionid)).data.code).toBe("200ok");
    });
  });

  test(`${CALL_COUNT} calls at once`, async () => {
    await withFreeswitch({ use_callout: false }, async ({ app, gateway, enter }) => {
      await using others = new AsyncDisposableStack();
      const apps = [app];
      for (let n = 1; n < CALL_COUNT; n++) apps.push(others.use(await enter(nameOf(n))));
      const calls = await Promise.all(apps.map(async (one) => ({ one, call: await callEcho(one) })));
      expect(await readCalls(gateway)).toHaveLength(CALL_COUNT);
      await Promise.all(calls.map(({ one, call }) => one.bye(call.sessionid)));
    });
  }, 180_000);
});

async function describeTelephones(): Promise<Pick<AnyFreeswitch, "gateway" | "number" | "extension">> {
  await using freeswitch = await openFreeswitch();
  const { gateway, number, extension } = freeswitch;
  return { gateway, number, extension };
}

function skip(variable: string): void {
  console.log(`no ${variable}: no telephone is called there`);
}

async function callAsLihao({ app, freeswitch, gateway }: Stage, number: string): Promise<void> {
  const { sessionid } = await app.invite(number);
  await expectCaller(freeswitch, gateway);
  expect((await app.cancel(sessionid)).data.code).toBe("200ok");
}

async function expectCaller(freeswitch: AnyFreeswitch, { ports }: Gateway): Promise<void> {
  const caller = await waitFor(
    "the telephone's channel",
    () => freeswitch.findCaller(ports.sip),
    PATIENCE_MS + freeswitch.sleepMs,
  );
  expect(caller).toBe(`lihao <${CALLER_NUMBER}>`);
}
