import { decodeALaw, encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import {
  createRtpHeader,
  decodeRtp,
  encodeRtpHeader,
  RTP_HEADER_BYTE_COUNT,
} from "../../../src/protocols/rtp/packet.ts";
import { waitFor } from "../../peers/wait.ts";
import { encodeTelephoneSpeech } from "../audio/speech.ts";
import { nameUser } from "../callers.ts";
import { makePhoneBurst, OnsetFinder, PHONE_RATE } from "../telephone/bursts.ts";
import { Pacing } from "./pacing.ts";
import { PacketLine, quantilesOf } from "./packet-line.ts";
import { type Dialog, readAnswer, renderOffer, renderRequest } from "./sip-text.ts";
import { arrivalMs, realtimeMs } from "./stamps.ts";

/** In the first calls marks are said instead of speech, to find out how long they take. */
export const MARKED_CALLS = 4;
/** Between marks; no multiple of what frames last. */
const MARK_PACKETS = 21;
const PTIME_MS = 20;
const PACKET_BYTES = 160;
const PCMA = 8;
const GOLDEN = 0.6180339887;
const QUIET = new Uint8Array(PACKET_BYTES).fill(0xd5);

export type TelephonesReport = {
  readonly lateMs: { readonly p50Ms: number; readonly p99Ms: number };
  readonly lost: number;
  readonly leftOut: number;
  readonly packetCount: number;
  readonly setUpMs: { readonly p50Ms: number; readonly p99Ms: number };
  readonly ownLateP99Ms: number;
  /** By call. */
  readonly saidMs: readonly (readonly number[])[];
  readonly heardMs: readonly (readonly number[])[];
};

type Telephone = {
  readonly dialog: Dialog;
  readonly rtp: Bun.udp.Socket<"buffer">;
  readonly finder: OnsetFinder | undefined;
  readonly invitedAtMs: number;
  line: PacketLine;
  saidMs: number[];
  heardMs: number[];
  remotePort: number;
};

/** Telephones that call users over SIP, speak PCMA over RTP and measure what comes. */
export class Telephones {
  readonly #pacing = new Pacing();
  readonly #telephones: Telephone[] = [];
  readonly #setUpMs: number[] = [];
  readonly #header = createRtpHeader();
  readonly #packet = new Uint8Array(RTP_HEADER_BYTE_COUNT + PACKET_BYTES);
  readonly #samples = new Float32Array(PACKET_BYTES);
  readonly #speech = encodeTelephoneSpeech();
  readonly #mark = encodeMark();
  #sip: Bun.udp.Socket<"buffer"> | undefined;
  #gatewayPort = 0;
  #refusedCount = 0;

  /** All have been answered once it resolves, or refused: gives how many. */
  async dial(gatewayPort: number, count: number, perSecond: number): Promise<number> {
    this.#gatewayPort = gatewayPort;
    const sip = await Bun.udpSocket({
      hostname: "127.0.0.1",
      socket: { data: (_, bytes) => this.#receiveSip(bytes.toString()) },
    });
    this.#sip = sip;
    for (let index = 0; index < count; index++) {
      await this.#invite(index, sip);
      await Bun.sleep(1000 / perSecond);
    }
    await waitFor(
      "all calls to be answered",
      () => this.#setUpMs.length + this.#refusedCount >= count,
      60_000,
    );
    return this.#refusedCount;
  }

  startRecording(): void {
    for (const telephone of this.#telephones) {
      telephone.line = new PacketLine();
      telephone.saidMs = [];
      telephone.heardMs = [];
    }
    this.#pacing.isRecording = true;
  }

  stopRecording(): TelephonesReport {
    this.#pacing.isRecording = false;
    const lines = this.#telephones.map(({ line }) => line.finish());
    const latenessMs = lines.flatMap((line) => line.latenessMs);
    const marked = this.#telephones.slice(0, MARKED_CALLS);
    return {
      lateMs: quantilesOf(latenessMs),
      packetCount: latenessMs.length,
      lost: lines.reduce((sum, { lost }) => sum + lost, 0),
      leftOut: lines.reduce((sum, { leftOut }) => sum + leftOut, 0),
      setUpMs: quantilesOf(this.#setUpMs),
      ownLateP99Ms: quantilesOf(this.#pacing.latenessMs).p99Ms,
      saidMs: marked.map(({ saidMs }) => saidMs),
      heardMs: marked.map(({ heardMs }) => heardMs),
    };
  }

  hangUp(): void {
    this.#pacing.stop();
    for (const { dialog, rtp } of this.#telephones) {
      this.#send(renderRequest(dialog, "BYE"));
      rtp.close();
    }
  }

  async #invite(index: number, sip: Bun.udp.Socket<"buffer">): Promise<void> {
    const telephone: Telephone = {
      dialog: {
        index,
        user: nameUser(index),
        gatewayPort: this.#gatewayPort,
        sipPort: sip.port,
        to: "",
        contact: "",
      },
      rtp: await Bun.udpSocket({
        hostname: "127.0.0.1",
        socket: { data: (socket, bytes) => this.#receive(telephone, arrivalMs(socket.fd), bytes) },
      }),
      finder: index < MARKED_CALLS ? new OnsetFinder(PHONE_RATE) : undefined,
      invitedAtMs: performance.now(),
      line: new PacketLine(),
      saidMs: [],
      heardMs: [],
      remotePort: 0,
    };
    arrivalMs(telephone.rtp.fd);
    this.#telephones.push(telephone);
    this.#send(renderRequest(telephone.dialog, "INVITE", renderOffer(telephone.rtp.port)));
  }

  #send(text: string): void {
    this.#sip?.send(text, this.#gatewayPort, "127.0.0.1");
  }

  #receiveSip(text: string): void {
    const answer = readAnswer(text);
    const telephone = answer && this.#telephones[answer.index];
    if (answer === undefined || telephone === undefined) return;
    const { dialog } = telephone;
    dialog.to = answer.to;
    dialog.contact = answer.contact;
    this.#send(renderRequest(dialog, "ACK"));
    if (answer.status !== 200) {
      this.#refusedCount += 1;
    } else if (telephone.remotePort === 0) {
      this.#setUpMs.push(performance.now() - telephone.invitedAtMs);
      telephone.remotePort = answer.rtpPort;
      this.#speak(telephone);
    }
  }

  #speak(telephone: Telephone): void {
    const { rtp, remotePort } = telephone;
    const { index } = telephone.dialog;
    let count = 0;
    this.#pacing.add(PTIME_MS, index * GOLDEN, () => {
      const isMark = index < MARKED_CALLS && count % MARK_PACKETS === 0;
      if (isMark) telephone.saidMs.push(realtimeMs());
      const header = {
        payloadType: PCMA,
        marker: count === 0,
        sequenceNumber: count & 0xffff,
        rtpTimestamp: (count * PACKET_BYTES) >>> 0,
        ssrc: index + 1,
      };
      encodeRtpHeader(header, this.#packet);
      this.#packet.set(this.#payloadOf(index, count, isMark), RTP_HEADER_BYTE_COUNT);
      rtp.send(this.#packet, remotePort, "127.0.0.1");
      count += 1;
    });
  }

  #payloadOf(index: number, count: number, isMark: boolean): Uint8Array {
    if (index < MARKED_CALLS) return isMark ? this.#mark : QUIET;
    return this.#speech[(count + index * 37) % this.#speech.length] ?? QUIET;
  }

  #receive(telephone: Telephone, atMs: number, bytes: Uint8Array): void {
    const header = this.#header;
    decodeRtp(bytes, header);
    if (header.payloadType !== PCMA) return;
    if (this.#pacing.isRecording) telephone.line.add(atMs, header.sequenceNumber, header.rtpTimestamp);
    if (telephone.finder === undefined) return;
    decodeALaw(bytes.subarray(header.payloadStart, header.payloadEnd), this.#samples);
    if (telephone.finder.find(this.#samples) !== undefined) telephone.heardMs.push(atMs);
  }
}

function encodeMark(): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  encodeALaw(makePhoneBurst(), bytes);
  return bytes;
}
