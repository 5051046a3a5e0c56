import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { startGateway } from "../../peers/gateway.ts";
import { waitFor } from "../../peers/wait.ts";

const NOBODY = "192.0.2.99";
const OWN = Object.values(networkInterfaces()).flatMap((found) =>
  (found ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => address),
);

/** Asks the gateway over SIP from an address of this machine, again and again. */
async function askFrom(address: string, port: number) {
  const answers: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: address,
    port: 0,
    socket: { data: (_, bytes) => void answers.push(bytes.toString()), error() {} },
  });
  const ask = () =>
    socket.send(
      [
        `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${address}:${socket.port};rport;branch=z9hG4bK${crypto.randomUUID()}`,
        "Max-Forwards: 70",
        `From: <sip:ask@${address}>;tag=1`,
        `To: <sip:127.0.0.1:${port}>`,
        `Call-ID: ${crypto.randomUUID()}`,
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
      port,
      "127.0.0.1",
    );
  return { answers, ask, [Symbol.dispose]: () => socket.close() };
}

test("FreeSWITCH on this machine may call from any of its addresses, as its SIP profile has the outer one", async () => {
  await using gateway = await startGateway({
    config: { server: { fs_esl_ip: "127.0.0.1:1" }, sip: { allow: NOBODY } },
  });
  for (const address of OWN) {
    using peer = await askFrom(address, gateway.ports.sip);
    const answer = await waitFor(`an answer to ${address}`, () => {
      peer.ask();
      return peer.answers[0];
    });
    expect(answer).toStartWith("SIP/2.0 200 ");
  }
});

test("FreeSWITCH elsewhere lets nobody of this machine in", async () => {
  await using gateway = await startGateway({
    config: { server: { fs_esl_ip: `${NOBODY}:8021` }, sip: { allow: NOBODY } },
  });
  for (const address of OWN) {
    using peer = await askFrom(address, gateway.ports.sip);
    peer.ask();
    await waitFor(`${address} to be noted`, () =>
      gateway.log().includes(` sip.not-allowed from=${address}\n`),
    );
    expect(peer.answers).toEqual([]);
  }
});
