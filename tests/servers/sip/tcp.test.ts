import { describe, expect, test } from "bun:test";
import type { SipCall } from "../../../src/protocols/sip/call.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { HOST, makeRequest, openTcp, startServer } from "./lab.ts";

describe("over TCP, on the same port", () => {
  test("answers on the connection, however the bytes are split", async () => {
    using lab = await startServer();
    using peer = openTcp(lab.server);
    const text = makeRequest("OPTIONS", { transport: "TCP" });
    peer.send(text.slice(0, 100));
    peer.send(text.slice(100));
    await waitFor("an answer", () => peer.state.got.includes("\r\n\r\n"));
    expect(peer.state.got).toStartWith("SIP/2.0 200 OK\r\n");
    peer.state.got = "";
    peer.send("\r\n\r\n");
    await waitFor("the pong", () => peer.state.got === "\r\n");
  });

  test("closes on what is no SIP, and refuses strangers", async () => {
    using lab = await startServer();
    using peer = openTcp(lab.server);
    peer.send("nonsense\r\n\r\n");
    await waitFor("the end", () => peer.state.isClosed);
    using closed = await startServer({ allow: [] });
    using stranger = openTcp(closed.server);
    await waitFor("the end", () => stranger.state.isClosed);
    expect(stranger.state.got).toBe("");
  });

  test("has no more than 100 connections: one that has said nothing yet makes room", async () => {
    using lab = await startServer();
    using stack = new DisposableStack();
    const peers = Array.from({ length: 100 }, () => stack.use(openTcp(lab.server)));
    for (const peer of peers.slice(0, 50)) peer.send(makeRequest("OPTIONS", { transport: "TCP" }));
    await waitFor("the answers", () => peers.slice(0, 50).every(({ state }) => state.got !== ""));
    using late = openTcp(lab.server);
    late.send(makeRequest("OPTIONS", { transport: "TCP" }));
    await waitFor("an answer", () => late.state.got.startsWith("SIP/2.0 200"));
    await waitFor("one to go", () => peers.some(({ state }) => state.isClosed));
    expect(peers.map(({ state }) => state.isClosed).lastIndexOf(true)).toBeGreaterThanOrEqual(50);
  });

  test("a peer that says nothing goes after 30 s, one that has spoken 255 s after its last word", async () => {
    const clock = new FakeClock();
    using lab = await startServer({ clock });
    using silent = openTcp(lab.server);
    using half = openTcp(lab.server);
    using speaker = openTcp(lab.server);
    half.send(makeRequest("OPTIONS", { transport: "TCP" }).slice(0, 100));
    speaker.send(makeRequest("OPTIONS", { transport: "TCP" }));
    await waitFor("an answer", () => speaker.state.got !== "");
    speaker.state.got = "";
    clock.advance(35_000);
    await waitFor("their end", () => silent.state.isClosed && half.state.isClosed);
    clock.advance(215_000);
    speaker.send("\r\n\r\n");
    await waitFor("the pong", () => speaker.state.got === "\r\n");
    clock.advance(254_000);
    speaker.send("\r\n\r\n");
    await waitFor("the pong", () => speaker.state.got === "\r\n\r\n");
    clock.advance(260_000);
    await waitFor("its end", () => speaker.state.isClosed);
  });

  test("a flood ends its connection", async () => {
    using lab = await startServer();
    using peer = openTcp(lab.server);
    for (let count = 0; count < 400; count++) peer.send(makeRequest("OPTIONS", { transport: "TCP" }));
    await waitFor("its end", () => peer.state.isClosed);
    expect(lab.lines.some((line) => line.includes("sip.too-many-messages"))).toBe(true);
  });

  test("a call keeps its silent connection; when that is lost the BYE goes to the Contact by another", async () => {
    const clock = new FakeClock();
    using lab = await startServer({ clock });
    const calls: SipCall[] = [];
    lab.server.takeInvites((invite) => {
      calls.push(invite.call);
      invite.answer(new TextEncoder().encode("v=0\r\n"), clock.nowMs());
    });
    const got: string[] = [];
    using contact = Bun.listen({
      hostname: HOST,
      port: 0,
      socket: { data: (_, bytes) => void got.push(bytes.toString()) },
    });
    using peer = openTcp(lab.server);
    const dialog = {
      transport: "TCP",
      contact: `<sip:139@${HOST}:${contact.port};transport=tcp>`,
      call: 4711,
    };
    peer.send(makeRequest("INVITE", dialog));
    const toTag = await waitFor("the answer", () => /^To: .*;tag=(\S+)/m.exec(peer.state.got)?.[1]);
    peer.send(makeRequest("ACK", { ...dialog, toTag }));
    peer.state.got = "";
    peer.send("\r\n\r\n");
    await waitFor("the pong", () => peer.state.got.endsWith("\r\n"));
    clock.advance(600_000);
    peer.send("\r\n\r\n");
    await waitFor("the pong again", () => peer.state.got.endsWith("\r\n\r\n"));
    peer[Symbol.dispose]();
    await waitFor("its end", () => lab.server.connectionCount === 0);
    calls[0]?.hangUp(clock.nowMs());
    await waitFor("the BYE", () => got.join("").startsWith("BYE sip:139@"));
  });
});
