import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/clock.ts";
import { AppError } from "../../../src/errors.ts";
import type { IncomingInvite } from "../../../src/protocols/sip/incoming-invite.ts";
import { waitFor } from "../../peers/wait.ts";
import { HOST, makeRequest, openUdp, startServer } from "./lab.ts";

describe("over UDP", () => {
  test("answers who may ask", async () => {
    using lab = await startServer();
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got[0]);
    expect(peer.got[0]).toStartWith("SIP/2.0 200 OK\r\n");
  });

  test("says nothing to strangers, and one line to the log, until they are allowed", async () => {
    using lab = await startServer({ allow: ["10.0.0.0/8"] });
    using peer = await openUdp(lab.server);
    for (let count = 0; count < 20; count++) peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("the line", () => lab.lines.length > 0);
    lab.server.allow(HOST);
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got[0]);
    expect(peer.got.length).toBe(1);
    expect(lab.lines.filter((line) => line.includes("sip.not-allowed"))).toHaveLength(1);
  });

  test("survives what is no SIP", async () => {
    using lab = await startServer();
    using peer = await openUdp(lab.server);
    for (const text of ["\0", "\r\n\r\n", "INVITE", "INVITE sip:a SIP/2.0\r\n\r\n", "x".repeat(60_000)]) {
      peer.send(text);
    }
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got.some((text) => text.startsWith("SIP/2.0 200")));
    expect(lab.lines.filter((line) => / error /.test(line))).toEqual([]);
  });

  test("refuses calls while nobody takes them, and again once nobody does", async () => {
    using lab = await startServer();
    const taken: IncomingInvite[] = [];
    lab.server.takeInvites((invite) => void taken.push(invite))[Symbol.dispose]();
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("INVITE", { port: peer.port }));
    await waitFor("a refusal", () => peer.got.find((text) => text.startsWith("SIP/2.0 503")));
    expect(taken).toEqual([]);
  });

  test("hears a flood of one source for a while, says so once, and goes on hearing others", async () => {
    using lab = await startServer();
    using flooder = await openUdp(lab.server);
    using peer = await openUdp(lab.server);
    const told = () => lab.lines.filter((line) => line.includes("sip.too-many-messages"));
    await waitFor("the line", () => {
      for (let count = 0; count < 50; count++) flooder.send(makeRequest("OPTIONS", { port: flooder.port }));
      return told().length > 0;
    });
    for (let count = 0; count < 50; count++) flooder.send(makeRequest("OPTIONS", { port: flooder.port }));
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got[0]);
    expect(told()).toHaveLength(1);
  });

  test("calls that are never acknowledged do not fill the house: more are refused, and forgotten at once", async () => {
    using lab = await startServer({ maxCalls: 1000 });
    lab.server.takeInvites((invite) =>
      invite.answer(new TextEncoder().encode("v=0\r\n"), systemClock.nowMs()),
    );
    using peer = await openUdp(lab.server);
    await waitFor("a refusal", () => {
      for (let count = 0; count < 10; count++) peer.send(makeRequest("INVITE", { port: peer.port }));
      return peer.got.find((text) => text.startsWith("SIP/2.0 503"));
    });
    expect([lab.server.callCount, lab.server.transactionCount]).toEqual([120, 120]);
  });

  test("keeps its deadlines: an answer that is not acknowledged is sent again", async () => {
    using lab = await startServer();
    lab.server.takeInvites((invite) =>
      invite.answer(new TextEncoder().encode("v=0\r\n"), systemClock.nowMs()),
    );
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("INVITE", { port: peer.port }));
    await waitFor(
      "the answer again",
      () => peer.got.filter((text) => text.startsWith("SIP/2.0 200")).length > 1,
    );
  });

  test("a bug in a handler costs the one call", async () => {
    using lab = await startServer();
    lab.server.takeInvites(() => {
      throw new TypeError("a bug");
    });
    using peer = await openUdp(lab.server);
    peer.send(makeRequest("INVITE", { port: peer.port }));
    peer.send(makeRequest("OPTIONS", { port: peer.port }));
    await waitFor("an answer", () => peer.got.some((text) => text.startsWith("SIP/2.0 200")));
    expect(lab.lines.some((line) => line.includes('error sip.bug event=invited reason="a bug"'))).toBe(true);
    expect(peer.got.some((text) => text.startsWith("SIP/2.0 500"))).toBe(true);
    expect(lab.server.callCount).toBe(0);
  });
});

test("a port that is taken is the environment's fault", async () => {
  using lab = await startServer();
  const refused = await startServer({ port: lab.server.port }).catch((thrown) => thrown);
  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({ fault: "environment", code: "sip.cannot-listen" });
});

test("stopping frees the ports, and twice is safe", async () => {
  const lab = await startServer();
  const { port } = lab.server;
  lab.server[Symbol.dispose]();
  lab.server[Symbol.dispose]();
  using again = await startServer({ port });
  expect(again.server.port).toBe(port);
});
