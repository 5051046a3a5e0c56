import { systemClock, type Timer } from "../../../src/clock.ts";
import { headerOf, methodOf, needHeader, readSip, type SipText, statusOf, writeSip } from "./sip-text.ts";

/** What the user agent of the recordings answered to an INVITE. */
export type LabAnswer = "answer" | "ring-and-answer" | "busy" | "reject" | "ring";

const SILENCE = new Uint8Array(160).fill(0xd5);
const ANSWERS = {
  answer: ["200 OK"],
  "ring-and-answer": ["180 Ringing", "200 OK"],
  busy: ["486 Busy Here"],
  reject: ["180 Ringing", "480 Temporarily Unavailable"],
  ring: ["180 Ringing"],
} as const;

/** The user agent that the recordings in tests/fixtures/freeswitch/sip were made with, as far as they show it. */
export class LabPhone implements AsyncDisposable {
  /** What FreeSWITCH sent, in order. */
  readonly received: SipText[] = [];
  rtpCount = 0;
  readonly #socket: Bun.udp.Socket<"buffer">;
  readonly #rtpSocket: Bun.udp.Socket<"buffer">;
  #talk: Timer | undefined;
  #invite: SipText | undefined;
  #peerPort = 0;

  private constructor(
    socket: Bun.udp.Socket<"buffer">,
    rtpSocket: Bun.udp.Socket<"buffer">,
    readonly does: LabAnswer,
  ) {
    this.#socket = socket;
    this.#rtpSocket = rtpSocket;
  }

  static async open(does: LabAnswer): Promise<LabPhone> {
    let phone: LabPhone | undefined;
    const socket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      socket: { data: (_, bytes, port) => phone?.receive(bytes.toString("utf8"), port), error: () => {} },
    });
    const rtpSocket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      socket: { data: () => phone?.countRtp(), error: () => {} },
    });
    phone = new LabPhone(socket, rtpSocket, does);
    return phone;
  }

  get port(): number {
    return this.#socket.port;
  }

  get callId(): string {
    return this.#invite === undefined ? "" : needHeader(this.#invite, "Call-ID");
  }

  countRtp(): void {
    this.rtpCount++;
  }

  receive(text: string, port: number): void {
    const message = readSip(text);
    this.received.push(message);
    this.#peerPort = port;
    const method = methodOf(message);
    if (statusOf(message) !== undefined || method === "ACK") return;
    if (method === "INVITE") {
      this.#invite = message;
      this.#answer(message, "100 Trying");
      for (const status of ANSWERS[this.does]) this.#answer(message, status);
    } else {
      this.#answer(message, "200 OK");
      if (method === "CANCEL" && this.#invite !== undefined)
        this.#answer(this.#invite, "487 Request Terminated");
    }
  }

  /** Sends silence, which keeps FreeSWITCH awake. */
  talk(): void {
    const port = Number(/^m=audio (\d+)/m.exec(this.#invite?.body ?? "")?.[1]);
    const packet = new Uint8Array(172);
    packet.set([0x80, 8]);
    packet.set(SILENCE, 12);
    this.#talk = systemClock.every(20, () => this.#rtpSocket.send(packet, port, "127.0.0.1"));
  }

  hangUp(): void {
    const invite = this.#invite;
    if (invite === undefined) throw new Error("nobody called");
    const headers = [
      ["Via", `SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK${Math.trunc(performance.now())}`],
      ["Max-Forwards", "70"],
      ["From", `${needHeader(invite, "To")};tag=88c3969c`],
      ["To", needHeader(invite, "From")],
      ["Call-ID", this.callId],
      ["CSeq", "2 BYE"],
      ["Content-Length", "0"],
    ] as const;
    const bye = { start: `BYE sip:mod_sofia@127.0.0.1:${this.#peerPort} SIP/2.0`, headers, body: "" };
    this.#socket.send(writeSip(bye), this.#peerPort, "127.0.0.1");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#talk?.cancel();
    this.#socket.close();
    this.#rtpSocket.close();
  }

  #answer(request: SipText, status: string): void {
    const body = status === "200 OK" && methodOf(request) === "INVITE" ? this.#writeSdp(request.body) : "";
    const to = needHeader(request, "To");
    const echoed = ["Via", "From", "To", "Call-ID", "CSeq"].map(
      (name) => [name, headerOf(request, name) ?? ""] as const,
    );
    const headers = [
      ...echoed.map(
        ([name, value]) => [name, name === "To" && status !== "100 Trying" ? tagged(to) : value] as const,
      ),
      ["Contact", `<sip:phone@127.0.0.1:${this.port}>`] as const,
      ["Content-Length", String(body.length)] as const,
    ];
    this.#socket.send(writeSip({ start: `SIP/2.0 ${status}`, headers, body }), this.#peerPort, "127.0.0.1");
  }

  #writeSdp(offer: string): string {
    const lines = [
      "v=0",
      "o=lab 1 1 IN IP4 127.0.0.1",
      "s=lab",
      "c=IN IP4 127.0.0.1",
      "t=0 0",
      `m=audio ${this.#rtpSocket.port} RTP/AVP 8 101`,
      "a=rtpmap:8 PCMA/8000",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-16",
      "a=ptime:20",
      "a=sendrecv",
      ...(offer.includes("m=video") ? ["m=video 0 RTP/AVP 97"] : []),
    ];
    return lines.map((line) => `${line}\r\n`).join("");
  }
}

function tagged(to: string): string {
  return to.includes(";tag=") ? to : `${to};tag=88c3969c`;
}
