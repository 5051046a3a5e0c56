import { expect, test } from "bun:test";
import { waitFor } from "../peers/wait.ts";
import { startExchange } from "./exchange-lab.ts";

const HOST = "127.0.0.1";

/** A telephone that leaves the offer to us, written by hand: FreeSWITCH always offers. */
async function openTelephone(sipPort: number) {
  const got: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: HOST,
    port: 0,
    connect: { hostname: HOST, port: sipPort },
    socket: { data: (_, bytes) => void got.push(bytes.toString()), error() {} },
  });
  const rtp = { packetCount: 0 };
  const media = await Bun.udpSocket({
    hostname: HOST,
    port: 0,
    socket: { data: () => void rtp.packetCount++, error() {} },
  });
  const answer = [
    "v=0",
    `o=- 1 1 IN IP4 ${HOST}`,
    "s=-",
    `c=IN IP4 ${HOST}`,
    "t=0 0",
    `m=audio ${media.port} RTP/AVP 8`,
    "a=rtpmap:8 PCMA/8000",
    "",
  ].join("\r\n");

  function send(method: string, sequence: number, tag: string, body = ""): void {
    const to = tag === "" ? `<sip:lihao@${HOST}>` : `<sip:lihao@${HOST}>;tag=${tag}`;
    const lines = [
      `${method} sip:lihao@${HOST}:${sipPort} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${socket.port};rport;branch=z9hG4bK${method}${sequence}`,
      "Max-Forwards: 70",
      `From: <sip:139@${HOST}>;tag=mine`,
      `To: ${to}`,
      `Call-ID: late-offer-${socket.port}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:139@${HOST}:${socket.port}>`,
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${body.length}`,
      "",
      body,
    ];
    socket.send(lines.join("\r\n"));
  }

  /** The answer to a request, by its CSeq; the last tag of To comes with it. */
  async function nextAnswer(status: number, cseq: string): Promise<{ text: string; tag: string }> {
    const text = await waitFor(`${status} to ${cseq}`, () =>
      got.find((one) => one.startsWith(`SIP/2.0 ${status}`) && one.includes(`CSeq: ${cseq}\r\n`)),
    );
    return { text, tag: /^To: .*;tag=(\S+)/m.exec(text)?.[1] ?? "" };
  }

  return {
    got,
    rtp,
    answer,
    send,
    nextAnswer,
    [Symbol.dispose]() {
      socket.close();
      media.close();
    },
  };
}

test("an INVITE without an offer gets ours, and sound after the answer in its ACK", async () => {
  await using lab = await startExchange();
  using telephone = await openTelephone(lab.sip.port);
  telephone.send("INVITE", 1, "");
  const taken = await waitFor("the call", () => lab.taken[0]);
  taken.leg.answer();
  const { text, tag } = await telephone.nextAnswer(200, "1 INVITE");
  expect(text).toMatch(/^m=audio \d+ RTP\/AVP 8 0 96 /m);
  telephone.send("ACK", 1, tag, telephone.answer);
  await waitFor("RTP", () => telephone.rtp.packetCount > 2);
  expect(taken.leg.media?.codec).toBe("PCMA");

  telephone.send("INVITE", 2, tag);
  const again = await telephone.nextAnswer(200, "2 INVITE");
  expect(again.text).toMatch(/^m=audio /m);
  telephone.send("ACK", 2, tag, telephone.answer.replace("a=rtpmap", "a=sendonly\r\na=rtpmap"));
  await waitFor("the hold", () => lab.lines.some((line) => line.includes("direction=recvonly")));
  telephone.send("BYE", 3, tag);
  await telephone.nextAnswer(200, "3 BYE");
  await lab.expectNothingLeft();
  expect(taken.events.map(({ kind }) => kind)).toEqual(["ended"]);
});

test("an ACK without an answer ends the call", async () => {
  await using lab = await startExchange();
  using telephone = await openTelephone(lab.sip.port);
  telephone.send("INVITE", 1, "");
  const taken = await waitFor("the call", () => lab.taken[0]);
  taken.leg.answer();
  const { tag } = await telephone.nextAnswer(200, "1 INVITE");
  telephone.send("ACK", 1, tag);
  await waitFor("the BYE", () => telephone.got.some((text) => text.startsWith("BYE ")));
  expect(taken.events.map(({ kind }) => kind)).toEqual(["ended"]);
});
