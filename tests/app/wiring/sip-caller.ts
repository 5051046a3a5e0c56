import { waitFor } from "../../peers/wait.ts";
import type { RunningApp } from "../running-app.ts";

const ECHO = "9196";
const OFFER = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=audio 4000 RTP/AVP 8 0",
  "",
].join("\r\n");

/**
 * A telephone on this machine calls the echo: the final answer, or undefined where it may not call.
 * @param talk gets the port of the gateway's RTP; the call is over when it is
 */
export async function callEcho(
  app: RunningApp,
  talk: (rtpPort: number) => Promise<void> = async () => {},
): Promise<string | undefined> {
  const [hostname = "", port = ""] = app.addr("sip")?.split(":") ?? [];
  const got: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    port: 0,
    connect: { hostname, port: Number(port) },
    socket: { data: (_, bytes) => void got.push(bytes.toString()), error() {} },
  });
  const write = (method: string, sequence: number, to: string, body = "") =>
    socket.send(
      [
        `${method} sip:${ECHO}@${hostname} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${socket.port};rport;branch=z9hG4bK${method}`,
        "Max-Forwards: 70",
        "From: <sip:139@127.0.0.1>;tag=t1",
        `To: ${to}`,
        "Call-ID: wiring",
        `CSeq: ${sequence} ${method}`,
        `Contact: <sip:139@127.0.0.1:${socket.port}>`,
        ...(body === "" ? [] : ["Content-Type: application/sdp"]),
        `Content-Length: ${body.length}`,
        "",
        body,
      ].join("\r\n"),
    );
  const answerTo = (method: string) =>
    got.find(
      (text) =>
        text.startsWith("SIP/2.0 200") && text.includes(`CSeq: ${method === "BYE" ? 2 : 1} ${method}`),
    );
  write("INVITE", 1, `<sip:${ECHO}@${hostname}>`, OFFER);
  const isRefused = () => app.lines.some((line) => line.includes("sip.not-allowed"));
  await waitFor("an answer", () => isRefused() || answerTo("INVITE"));
  const answer = answerTo("INVITE");
  const to = /^To: (.*)\r$/m.exec(answer ?? "")?.[1];
  if (to !== undefined) {
    write("ACK", 1, to);
    await talk(Number(/m=audio (\d+)/.exec(answer ?? "")?.[1]));
    write("BYE", 2, to);
    await waitFor("the end of the call", () => answerTo("BYE"));
  }
  socket.close();
  return answer;
}

/** Whether a telephone's sound that comes from this address is taken: it gets sound back, or stands in the log. */
export async function isHeardFrom(app: RunningApp, address: string): Promise<boolean> {
  let isAnswered = false;
  await callEcho(app, async (rtpPort) => {
    const socket = await Bun.udpSocket({
      hostname: address,
      port: 0,
      connect: { hostname: "127.0.0.1", port: rtpPort },
      socket: {
        data() {
          isAnswered = true;
        },
        error() {},
      },
    });
    socket.send(Uint8Array.of(0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...new Uint8Array(160)));
    const isRefused = () => app.lines.some((line) => line.includes("rtp.foreign-source"));
    await waitFor("what becomes of it", () => isAnswered || isRefused());
    socket.close();
  });
  return isAnswered;
}
