import { LEG_CODECS, type LegCodec, type LegCodecName } from "./leg-codecs.ts";

export const DTMF_PAYLOAD_TYPE = 101;
const DIGITS = "0123456789*#ABCD";
const EVENT_PACKET_COUNT = 8;
const EVENT_END_COUNT = 3;
const EVENT_VOLUME = 10;

export type HeardPacket = {
  readonly atMs: number;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly rtpTimestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
};

/** FreeSWITCH's end of the RTP with us: sends what the telephone says every 20 ms, and keeps what comes. */
export class RtpLeg {
  readonly packets: HeardPacket[] = [];
  /** Of the packets dropped by `keepNothing`. */
  packetCount = 0;
  lastHeardMs: number | undefined;
  /** The first type of each RTCP datagram. */
  readonly reportTypes: number[] = [];
  /** Whether packets are kept; a soak has no need of them. */
  keeps = true;
  /** Whether what comes goes back. */
  isEcho = false;
  codec: LegCodec = LEG_CODECS.PCMA;
  ptimeMs = 20;
  onPacket: (packet: HeardPacket) => void = () => {};
  #speech: Float32Array = new Float32Array(0);
  #spoken = 0;
  readonly #events: { readonly digit: number; sentCount: number; rtpTimestamp: number }[] = [];
  #remote: { readonly host: string; readonly port: number } | undefined;
  #isSending = false;
  #isMarked = true;
  #sequenceNumber = 1000;
  #rtpTimestamp = 160_000;
  #onSpoken: (() => void) | undefined;
  readonly #ssrc = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

  private constructor(
    readonly socket: Bun.udp.Socket<"buffer">,
    readonly rtcpSocket: Bun.udp.Socket<"buffer">,
  ) {}

  /** RFC 3550, section 11: an even port, and the next for RTCP. */
  static async open(): Promise<RtpLeg> {
    for (;;) {
      let leg: RtpLeg | undefined;
      const socket = await openSocket(0, (bytes) => leg?.receive(bytes));
      const rtcpSocket =
        socket.port % 2 === 0
          ? await openSocket(socket.port + 1, (bytes) => leg?.receiveReport(bytes)).catch(() => undefined)
          : undefined;
      if (rtcpSocket === undefined) {
        socket.close();
        continue;
      }
      leg = new RtpLeg(socket, rtcpSocket);
      return leg;
    }
  }

  get port(): number {
    return this.socket.port;
  }

  connect(
    remote: { readonly host: string; readonly port: number },
    codec: LegCodecName,
    payloadType?: number,
  ): void {
    this.#remote = remote;
    this.codec = { ...LEG_CODECS[codec], payloadType: payloadType ?? LEG_CODECS[codec].payloadType };
  }

  /** What the telephone says is passed on from now on; silence when it says nothing. */
  startSending(): void {
    this.#isSending = true;
  }

  /** On hold nothing is sent. */
  stopSending(): void {
    this.#isSending = false;
    this.#isMarked = true;
  }

  /** Says samples of the leg's own rate; resolves when they are sent. */
  say(samples: Float32Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#speech = samples;
    this.#spoken = 0;
    this.#onSpoken = resolve;
    return promise;
  }

  /** RFC 4733: eight packets and two more of its end. */
  press(digit: string): void {
    this.#events.push({ digit: DIGITS.indexOf(digit), sentCount: 0, rtpTimestamp: 0 });
  }

  /** The telephone-events that came, each once. */
  get digits(): string {
    const ended = new Map<string, string>();
    for (const { payloadType, rtpTimestamp, ssrc, payload } of this.packets) {
      if (payloadType !== DTMF_PAYLOAD_TYPE || ((payload[1] ?? 0) & 0x80) === 0) continue;
      ended.set(`${ssrc} ${rtpTimestamp}`, DIGITS[payload[0] ?? 0] ?? "?");
    }
    return [...ended.values()].join("");
  }

  /** What was heard, each packet at its place. */
  readSound(from = 0): Float32Array {
    const { bytesPerSample, payloadType, decode } = this.codec;
    const voice = this.packets.slice(from).filter((packet) => packet.payloadType === payloadType);
    const first = voice[0]?.rtpTimestamp ?? 0;
    const placeOf = ({ rtpTimestamp }: HeardPacket) => (rtpTimestamp - first) | 0;
    const end = Math.max(
      0,
      ...voice.map((packet) => placeOf(packet) + packet.payload.length / bytesPerSample),
    );
    const sound = new Float32Array(end);
    for (const packet of voice) {
      const place = placeOf(packet);
      if (place < 0) continue;
      decode(packet.payload, sound.subarray(place, place + packet.payload.length / bytesPerSample));
    }
    return sound;
  }

  /** Called for every 20 ms of this machine's clock. */
  beat(): void {
    if (this.#remote === undefined || !this.#isSending) return;
    const sampleCount = (this.codec.sampleRate * this.ptimeMs) / 1000;
    if (this.#events.length > 0) this.#sendEvent(sampleCount);
    else this.#sendVoice(sampleCount);
    this.#rtpTimestamp = (this.#rtpTimestamp + sampleCount) >>> 0;
  }

  close(): void {
    this.#isSending = false;
    this.#onSpoken?.();
    this.socket.close();
    this.rtcpSocket.close();
  }

  receiveReport(datagram: Buffer): void {
    this.reportTypes.push(datagram[1] ?? 0);
  }

  receive(datagram: Buffer): void {
    const bytes = new Uint8Array(datagram);
    const view = new DataView(bytes.buffer);
    if (bytes.length < 12) return;
    const second = view.getUint8(1);
    const packet: HeardPacket = {
      atMs: performance.now(),
      payloadType: second & 0x7f,
      marker: second > 0x7f,
      sequenceNumber: view.getUint16(2),
      rtpTimestamp: view.getUint32(4),
      ssrc: view.getUint32(8),
      payload: bytes.subarray(12),
    };
    this.packetCount++;
    this.lastHeardMs = packet.atMs;
    if (this.keeps) this.packets.push(packet);
    this.onPacket(packet);
    if (this.isEcho) this.#send(packet.payloadType, packet.rtpTimestamp, packet.payload, packet.marker);
  }

  #sendVoice(sampleCount: number): void {
    const samples = new Float32Array(sampleCount);
    samples.set(this.#speech.subarray(this.#spoken, this.#spoken + sampleCount));
    this.#spoken += sampleCount;
    const payload = new Uint8Array(sampleCount * this.codec.bytesPerSample);
    this.codec.encode(samples, payload);
    this.#send(this.codec.payloadType, this.#rtpTimestamp, payload, this.#isMarked);
    this.#isMarked = false;
    if (this.#spoken < this.#speech.length) return;
    this.#onSpoken?.();
    this.#onSpoken = undefined;
  }

  #sendEvent(sampleCount: number): void {
    const [event] = this.#events;
    if (event === undefined) return;
    if (event.sentCount === 0) event.rtpTimestamp = this.#rtpTimestamp;
    event.sentCount++;
    const isEnd = event.sentCount >= EVENT_PACKET_COUNT;
    const duration = event.sentCount * sampleCount;
    const payload = Uint8Array.of(
      event.digit,
      (isEnd ? 0x80 : 0) | EVENT_VOLUME,
      duration >> 8,
      duration & 0xff,
    );
    for (let n = 0; n < (isEnd ? EVENT_END_COUNT : 1); n++)
      this.#send(DTMF_PAYLOAD_TYPE, event.rtpTimestamp, payload, event.sentCount === 1);
    if (isEnd) this.#events.shift();
  }

  #send(payloadType: number, rtpTimestamp: number, payload: Uint8Array, isMarked: boolean): void {
    if (this.#remote === undefined) return;
    const packet = new Uint8Array(12 + payload.length);
    const view = new DataView(packet.buffer);
    view.setUint8(0, 0x80);
    view.setUint8(1, payloadType | (isMarked ? 0x80 : 0));
    view.setUint16(2, this.#sequenceNumber);
    view.setUint32(4, rtpTimestamp);
    view.setUint32(8, this.#ssrc);
    packet.set(payload, 12);
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.socket.send(packet, this.#remote.port, this.#remote.host);
  }
}

async function openSocket(port: number, onData: (bytes: Buffer) => void): Promise<Bun.udp.Socket<"buffer">> {
  return await Bun.udpSocket({
    hostname: "127.0.0.1",
    port,
    // ICMP tells that the gateway has closed its port.
    socket: { data: (_, bytes) => onData(bytes), error: () => {} },
  });
}
