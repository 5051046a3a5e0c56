import { expect, test } from "bun:test";
import { startGateway } from "../../peers/gateway.ts";
import { within } from "../../peers/wait.ts";
import { pushTone } from "./tone.ts";
import { startCall } from "./two-people.ts";

const SOON_MS = 2_000;

test("SIGTERM in mid-call: both hear bye, sockets close with 1001, the program ends with 0", async () => {
  await using gateway = await startGateway();
  await using call = await startCall(gateway);
  using forth = await pushTone(call.caller.push);
  using back = await pushTone(call.callee.push);
  gateway.process.kill("SIGTERM");
  expect(await gateway.process.waitForExit(SOON_MS)).toBe(0);
  for (const { client } of [call.caller, call.callee]) {
    const { data } = await client.nextRequest("bye", call.sessionid);
    expect(data).toMatchObject({ code: "480", msg: "SYSTEM_SHUTDOWN" });
    expect(await within("the socket to close", client.closed)).toEqual({ code: 1001, reason: "shutdown" });
  }
  await within("the publishers to be closed", Promise.all([forth.closed, back.closed]));
});

test("a second signal ends it at once, before the calls have ended in order", async () => {
  await using gateway = await startGateway();
  // Its BYE is never answered, so that ending in order takes a while.
  using _telephone = await callWithoutEnd(gateway.ports.sip);
  // Stopped, it gets both in the same moment.
  gateway.process.kill("SIGSTOP");
  gateway.process.kill("SIGTERM");
  gateway.process.kill("SIGINT");
  gateway.process.kill("SIGCONT");
  expect([128 + 2, 128 + 15]).toContain(await gateway.process.waitForExit(SOON_MS));
  expect(gateway.log()).not.toContain("info stopped");
});

/** A telephone that calls the clip and is answered, and that answers nothing itself. */
async function callWithoutEnd(sipPort: number): Promise<Disposable> {
  const answered = Promise.withResolvers<string>();
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: {
      data: (_, bytes) => {
        const text = bytes.toString();
        if (text.startsWith("SIP/2.0 200 ")) answered.resolve(text);
      },
    },
  });
  const send = (method: string, to: string, body: string) =>
    socket.send(
      [
        `${method} sip:9198@127.0.0.1:${sipPort} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${socket.port};branch=z9hG4bK${method}`,
        "Max-Forwards: 70",
        "From: <sip:139@127.0.0.1>;tag=139",
        to,
        "Call-ID: without-end",
        `CSeq: 1 ${method}`,
        `Contact: <sip:139@127.0.0.1:${socket.port}>`,
        ...(body === "" ? [] : ["Content-Type: application/sdp"]),
        `Content-Length: ${body.length}`,
        "",
        body,
      ].join("\r\n"),
      sipPort,
      "127.0.0.1",
    );
  const offer = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    "m=audio 9 RTP/AVP 8",
  ];
  send("INVITE", "To: <sip:9198@127.0.0.1>", offer.map((line) => `${line}\r\n`).join(""));
  const [to = ""] = /^To:.*$/m.exec(await within("the answer", answered.promise)) ?? [];
  send("ACK", to.trimEnd(), "");
  return { [Symbol.dispose]: () => socket.close() };
}
