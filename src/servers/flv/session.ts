import { isPeerFault } from "../../errors.ts";
import type { WireFormat } from "../../media/frame.ts";
import { STREAM_KEY_RULE, STREAM_REFUSED, type StreamAction } from "../../media/gate.ts";
import { ChunkedDecoder, encodeChunk, encodeLastChunk } from "../../protocols/http/chunked.ts";
import { bodyLength, type RequestHead, RequestHeadReader } from "../../protocols/http/request-head.ts";
import { CloseCode } from "../../protocols/websocket/close.ts";
import { Opcode } from "../../protocols/websocket/frame.ts";
import { isUpgrade } from "../../protocols/websocket/handshake.ts";
import { findClient } from "../access/entry.ts";
import type { Attachment } from "../streams/attachment.ts";
import type { MediaSession } from "../streams/media-listener.ts";
import type { SignsOfReading } from "../tcp/delivery-watch.ts";
import { encodePing, WebSocketChannel } from "../tcp/web-socket-channel.ts";
import { chunkedFlvFormat, chunkedFlvTrickle, plainFlvFormat, webSocketFlvFormat } from "./from-stream.ts";
import { type FlvEnd, FlvPlayer } from "./player.ts";
import { FlvPublisher } from "./publisher.ts";
import {
  ANY_ORIGIN,
  answer,
  continueHead,
  corsFor,
  type FlvRequest,
  parseFlvRequest,
  playHead,
  preflightHead,
} from "./request.ts";

const WEB_SOCKET_LIMITS = { maxMessageBytes: 4 * 1024 * 1024 };

/** How FLV travels to a player. */
type Carrier = {
  readonly format: WireFormat;
  sendHeader(header: Uint8Array): void;
  sendEnd(end: FlvEnd): void;
  readonly signs: SignsOfReading;
};

const CLOSES: Readonly<Record<FlvEnd, { readonly code: number; readonly reason: string }>> = {
  ended: { code: CloseCode.normal, reason: "the stream ended" },
  changed: { code: CloseCode.serviceRestart, reason: "the tracks changed: connect again" },
};

/** One HTTP connection: it plays or publishes one stream, over plain HTTP or a WebSocket. */
export class FlvSession implements MediaSession {
  #head: RequestHeadReader | undefined = new RequestHeadReader();
  #receiveBody: (bytes: Uint8Array) => void = () => {};
  /** No response head went out yet: a mistake of the peer's is answered by one. */
  #owesAnswer = true;
  #player: FlvPlayer | undefined;
  #cors = ANY_ORIGIN;

  constructor(readonly attachment: Attachment) {}

  receive(bytes: Uint8Array): void {
    try {
      this.#receiveRequest(bytes);
    } catch (error) {
      if (!this.#owesAnswer || !isPeerFault(error)) throw error;
      this.attachment.log.warn("flv.bad-request", { reason: error.message });
      this.#finish(400, `The request is not valid: ${error.message}.`);
    }
  }

  stop(): void {
    this.#player?.stop();
    this.attachment.leave();
  }

  /** Starts once the head is whole. */
  #receiveRequest(bytes: Uint8Array): void {
    if (this.#head === undefined) {
      this.#receiveBody(bytes);
      return;
    }
    const request = this.#head.push(bytes);
    if (request === undefined) return;
    this.#head = undefined;
    if (this.#letIn(request.head)) this.#route(request.head);
    if (request.rest.length > 0) this.#receiveBody(request.rest);
  }

  #letIn({ headers }: RequestHead): boolean {
    const { entry } = this.attachment.options;
    this.attachment.address = findClient(this.attachment.address, headers.get("x-forwarded-for"), entry);
    const isAdmitted = entry.admits(this.attachment.address);
    if (!isAdmitted) this.#finish(403, "This address may not connect.");
    return isAdmitted;
  }

  #route(head: RequestHead): void {
    this.#cors = corsFor(head);
    const request = parseFlvRequest(head);
    if (request === "bad-key") {
      this.#finish(404, `There is no such stream. ${STREAM_KEY_RULE}`);
    } else if (request === undefined) {
      this.#finish(404, "There is no such page. Streams are at /live/<key>.flv?token=<token>.");
    } else if (head.method === "OPTIONS") {
      this.attachment.outbound.sendControl(preflightHead(head));
      this.attachment.outbound.end();
    } else if (head.method !== "GET" && head.method !== "HEAD" && head.method !== "POST") {
      this.#finish(405, "Use GET to play, POST to publish.");
    } else {
      this.#admit(head, request);
    }
  }

  #admit(head: RequestHead, request: FlvRequest): void {
    const key = this.attachment.admit(request.action, request.key, request.token);
    if (key === undefined) {
      this.#finish(403, STREAM_REFUSED);
    } else if (head.method === "HEAD") {
      this.attachment.outbound.sendControl(playHead(head.version === "1.1", this.#cors));
      this.attachment.outbound.end();
    } else if (isUpgrade(head)) {
      this.#openWebSocket(head, request.action, key);
    } else if (request.action === "publish") {
      this.#publishHttp(head, key);
    } else {
      this.#playHttp(key, head.version === "1.1");
    }
  }

  #playHttp(key: string, isChunked: boolean): void {
    const send = (bytes: Uint8Array) => this.attachment.outbound.sendControl(bytes);
    this.#owesAnswer = false;
    send(playHead(isChunked, this.#cors));
    this.#play(key, {
      format: isChunked ? chunkedFlvFormat : plainFlvFormat,
      sendHeader: (header) => send(isChunked ? encodeChunk(header) : header),
      sendEnd: () => isChunked && send(encodeLastChunk()),
      signs: isChunked ? { trickle: chunkedFlvTrickle } : {},
    });
  }

  #openWebSocket(head: RequestHead, action: StreamAction, key: string): void {
    let publisher: FlvPublisher | undefined;
    const channel = new WebSocketChannel(head, WEB_SOCKET_LIMITS, {
      write: (bytes) => this.attachment.outbound.sendControl(bytes),
      onMessage(opcode, payload) {
        // Text is not for us: some players send their statistics
        if (opcode === Opcode.binary) publisher?.receive(payload);
      },
      onPong: () => this.attachment.answered(),
    });
    this.#owesAnswer = false;
    this.#receiveBody = (bytes) => {
      if (!channel.receive(bytes)) this.#end();
    };
    if (action === "play") {
      this.#play(key, {
        format: webSocketFlvFormat,
        sendHeader: (header) => channel.send(header),
        sendEnd: (end) => channel.close(CLOSES[end].code, CLOSES[end].reason),
        signs: { makePing: encodePing },
      });
      return;
    }
    publisher = this.#publish(key, () => channel.close(CloseCode.goingAway, "taken over or ended"));
  }

  #play(key: string, { format, sendHeader, sendEnd, signs }: Carrier): void {
    const { outbound, options } = this.attachment;
    this.#player = new FlvPlayer({
      stream: options.streams.open(key),
      outbound,
      clock: options.clock,
      format,
      sendHeader,
      onEnd: (end) => {
        this.attachment.log.info("flv.play-over", { end });
        sendEnd(end);
        this.#end();
      },
    });
    this.attachment.play(key, this.#player, signs);
  }

  #publishHttp(head: RequestHead, key: string): void {
    const length = bodyLength(head);
    if (length === 0) {
      this.#finish(411, "Send the FLV stream as a chunked body, or with its Content-Length.");
      return;
    }
    const publisher = this.#publish(key, () =>
      this.#finish(409, "The stream was taken over or its call ended."),
    );
    if (head.headers.get("expect")?.toLowerCase() === "100-continue")
      this.attachment.outbound.sendControl(continueHead());
    this.#receiveBody =
      length === "chunked" ? this.#chunkedBody(publisher) : this.#countedBody(publisher, length);
  }

  #chunkedBody(publisher: FlvPublisher): (bytes: Uint8Array) => void {
    const chunked = new ChunkedDecoder();
    return (bytes) => {
      if (chunked.push(bytes, (data) => publisher.receive(data))) this.#finish(200, "");
    };
  }

  #countedBody(publisher: FlvPublisher, length: number): (bytes: Uint8Array) => void {
    let remaining = length;
    return (bytes) => {
      publisher.receive(bytes.subarray(0, remaining));
      remaining -= bytes.length;
      if (remaining <= 0) this.#finish(200, "");
    };
  }

  #publish(key: string, onReplaced: () => void): FlvPublisher {
    const publication = this.attachment.publish(key, () => {
      onReplaced();
      this.#end();
    });
    return new FlvPublisher(publication);
  }

  #finish(status: number, sentence: string): void {
    this.#receiveBody = () => {};
    this.attachment.outbound.sendControl(answer(status, sentence, this.#cors));
    this.#end();
  }

  #end(): void {
    this.stop();
    this.attachment.outbound.end();
  }
}
