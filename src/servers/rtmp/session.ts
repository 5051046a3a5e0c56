import { randomBytes } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { StreamAction } from "../../media/gate.ts";
import type { Publication, Subscription } from "../../media/stream.ts";
import { splitAggregate } from "../../protocols/rtmp/aggregate.ts";
import { ChunkDecoder } from "../../protocols/rtmp/chunk-decoder.ts";
import { decodeCommand } from "../../protocols/rtmp/command.ts";
import { ServerHandshake } from "../../protocols/rtmp/handshake.ts";
import {
  decodeUserControl,
  decodeWindowAckSize,
  encodeAcknowledgement,
  type Message,
  MessageType,
  UserControlEvent,
} from "../../protocols/rtmp/message.ts";
import type { MediaSession } from "../media/media-listener.ts";
import { MAX_QUEUED_BYTES, type MediaServerOptions, type PeerSocket } from "../media/media-server.ts";
import type { Watch } from "../tcp/delivery-watch.ts";
import { Outbound } from "../tcp/outbound.ts";
import { type CommandTarget, runCommand } from "./commands.ts";
import { rtmpFormat } from "./from-stream.ts";
import { hmacSha256 } from "./hmac.ts";
import { messageReply, type Status, statusReply, userControlReply } from "./replies.ts";
import { parseStreamName } from "./stream-name.ts";
import { messageToFrame } from "./to-stream.ts";

const RANDOM_BYTES = 1528;
/** Publishers that announce no window expect acknowledgements all the same. */
const DEFAULT_WINDOW_BYTES = 1_250_000;

/** One connection, from handshake to end; it publishes or plays one stream. */
export class RtmpSession implements CommandTarget, MediaSession {
  app = "";
  messageStreamCount = 0;
  readonly outbound: Outbound;
  #log: Logger;
  #handshake: ServerHandshake | undefined = new ServerHandshake(randomBytes(RANDOM_BYTES), hmacSha256);
  readonly #decoder = new ChunkDecoder();
  readonly #onMessage = (message: Message) => this.#receiveMessage(message);
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #acknowledgedBytes = 0;
  #publication: Publication | undefined;
  #subscription: Subscription | undefined;
  #watch: Watch | undefined;

  constructor(
    readonly socket: PeerSocket,
    readonly options: MediaServerOptions,
  ) {
    this.#log = options.log.with({ protocol: "rtmp", from: socket.remoteAddress });
    const queue = { maxAgeMs: options.slowReaderMs, maxBytes: MAX_QUEUED_BYTES };
    this.outbound = new Outbound(socket, { clock: options.clock, queue });
  }

  get isSetUp(): boolean {
    return this.#publication !== undefined || this.#subscription !== undefined;
  }

  get isPublishing(): boolean {
    return this.#publication !== undefined;
  }

  receive(bytes: Uint8Array): void {
    if (this.#handshake === undefined) {
      this.#receiveChunks(bytes);
      return;
    }
    const { reply, rest } = this.#handshake.push(bytes);
    if (reply !== undefined) this.send(reply);
    if (rest === undefined) return;
    this.#handshake = undefined;
    if (rest.length > 0) this.#receiveChunks(rest);
  }

  send(bytes: Uint8Array): void {
    this.outbound.sendControl(bytes);
  }

  publish(streamId: number, name: string): void {
    const admitted = this.#admit(streamId, name, "publish");
    if (admitted === undefined) return;
    const stream = this.options.streams.open(admitted.key);
    this.#publication = stream.publish({
      from: this.socket.remoteAddress,
      protocol: "rtmp",
      onReplaced: () => this.#endPublishing(streamId),
    });
    this.send(userControlReply(UserControlEvent.streamBegin, streamId));
    this.send(status(streamId, "NetStream.Publish.Start", "Publishing."));
    this.#log.info("stream.published");
  }

  play(streamId: number, name: string): void {
    const admitted = this.#admit(streamId, name, "play");
    if (admitted === undefined) return;
    this.send(userControlReply(UserControlEvent.streamBegin, streamId));
    this.send(status(streamId, "NetStream.Play.Reset", "Playing and resetting."));
    this.send(status(streamId, "NetStream.Play.Start", "Playing."));
    this.outbound.format = rtmpFormat(streamId);
    this.#watch = this.options.delivery.add(this.outbound, this.#log, () =>
      userControlReply(UserControlEvent.pingRequest, Math.round(this.options.clock.nowMs()) >>> 0),
    );
    this.#subscription = this.options.streams.open(admitted.key).subscribe({
      droppedFrameCount: () => this.outbound.droppedFrameCount,
      onFrame: (frame) => this.outbound.sendFrame(frame),
      onEnd: () => this.#endPlaying(streamId),
    });
    this.#log.info("stream.played");
  }

  stop(): void {
    if (!this.isSetUp) return;
    this.#publication?.end();
    this.#publication = undefined;
    this.#subscription?.end();
    this.#subscription = undefined;
    this.outbound.endFrames();
    this.#watch?.end();
    this.#watch = undefined;
    this.#log.info("stream.left", { dropped: this.outbound.droppedFrameCount });
  }

  #receiveChunks(bytes: Uint8Array): void {
    this.#decoder.push(bytes, this.#onMessage);
    const received = this.#decoder.receivedByteCount;
    if (received - this.#acknowledgedBytes < this.#windowBytes) return;
    this.#acknowledgedBytes = received;
    this.send(messageReply(encodeAcknowledgement(received)));
  }

  #receiveMessage(message: Message): void {
    if (!this.outbound.isOpen) return;
    switch (message.typeId) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
        this.#receiveMedia(message);
        break;
      case MessageType.aggregate:
        for (const part of splitAggregate(message)) this.#receiveMedia(part);
        break;
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        runCommand(this, decodeCommand(message), message.streamId);
        break;
      case MessageType.windowAckSize:
        this.#windowBytes = Math.max(1, decodeWindowAckSize(message));
        break;
      case MessageType.userControl:
        this.#receiveUserControl(message);
        break;
    }
  }

  #receiveMedia(message: Message): void {
    if (this.#publication === undefined) return;
    const frame = messageToFrame(message);
    if (frame !== undefined) this.#publication.push(frame);
  }

  #receiveUserControl(message: Message): void {
    const { event, value } = decodeUserControl(message);
    if (event === UserControlEvent.pingResponse) this.#watch?.answered();
    if (event === UserControlEvent.pingRequest) {
      this.send(userControlReply(UserControlEvent.pingResponse, value));
    }
  }

  #admit(streamId: number, name: string, action: StreamAction): { key: string } | undefined {
    if (this.isSetUp) throw new AppError("peer", "rtmp.already-in-use", { action });
    if (streamId < 1 || streamId > this.messageStreamCount) {
      throw new AppError("peer", "rtmp.no-such-message-stream", { streamId });
    }
    const target = parseStreamName(name, this.app);
    const from = this.socket.remoteAddress;
    const grant = target && this.options.gate.authorize({ ...target, action, from });
    if (target !== undefined && grant !== undefined) {
      this.#log = this.#log.with({ call: grant.callId, stream: target.key });
      return { key: target.key };
    }
    this.#log.warn("stream.refused", { action, stream: target?.key });
    this.send(refusal(streamId, action));
    this.outbound.end();
    return undefined;
  }

  #endPublishing(streamId: number): void {
    this.stop();
    this.send(
      status(streamId, "NetStream.Unpublish.Success", "The stream was taken over or its call ended."),
    );
    this.outbound.end();
  }

  #endPlaying(streamId: number): void {
    this.stop();
    this.send(userControlReply(UserControlEvent.streamEof, streamId));
    this.send(status(streamId, "NetStream.Play.UnpublishNotify", "The stream ended."));
    this.send(status(streamId, "NetStream.Play.Stop", "Stopped playing."));
    this.outbound.end();
  }
}

function status(streamId: number, code: string, description: string): Uint8Array {
  return statusReply(streamId, { level: "status", code, description });
}

function refusal(streamId: number, action: StreamAction): Uint8Array {
  const description = "No call allows this stream: its key or token is wrong, or the call ended.";
  const code = action === "publish" ? "NetStream.Publish.BadName" : "NetStream.Play.Failed";
  const refused: Status = { level: "error", code, description };
  return statusReply(streamId, refused);
}
