import { expect, test } from "bun:test";
import { startGateway } from "../../peers/gateway.ts";
import { within } from "../../peers/wait.ts";
import { readCalls, readStreams } from "./gateway-state.ts";
import { pushTone } from "./tone.ts";
import { startCall } from "./two-people.ts";

const SOON = { calls: { media_lost_seconds: 1, media_timeout_seconds: 3 } };

test("a stream that stops is reported to both, its return too, and for too long it ends the call", async () => {
  await using gateway = await startGateway({ config: SOON });
  await using call = await startCall(gateway);
  const clients = [call.caller.client, call.callee.client];
  const expectEvent = async (event: string) => {
    for (const client of clients) {
      const { data } = await client.nextRequest("message", call.sessionid);
      expect({ event: data.event, about: data.msg }).toEqual({ event, about: "caller" });
    }
  };
  // The caller was told that it rang at the other end
  expect((await call.caller.client.nextRequest("message")).data.event).toBe("ringing");

  using back = await pushTone(call.callee.push);
  const first = await pushTone(call.caller.push);
  first[Symbol.dispose]();
  await expectEvent("media_lost");
  const second = await pushTone(call.caller.push);
  await expectEvent("media_restored");
  second[Symbol.dispose]();
  await expectEvent("media_lost");
  for (const client of clients) {
    const { data } = await client.nextRequest("bye", call.sessionid);
    expect(data).toMatchObject({ code: "480", msg: "MEDIA_TIMEOUT", cause: "MEDIA_TIMEOUT" });
  }
  await within("the other publisher to be closed", back.closed);
  expect([await readCalls(gateway), await readStreams(gateway)]).toEqual([[], []]);
}, 180_000);

test("a call that nobody ever pushes into ends as well", async () => {
  await using gateway = await startGateway({
    config: { calls: { media_lost_seconds: 1, media_timeout_seconds: 1 } },
  });
  await using call = await startCall(gateway);
  const { data } = await call.callee.client.nextRequest("bye", call.sessionid);
  expect(data).toMatchObject({ code: "480", msg: "MEDIA_TIMEOUT" });
}, 180_000);
