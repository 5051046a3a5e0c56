import { randomBytes } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { Subscriber } from "../../media/audience.ts";
import type { StreamAction } from "../../media/gate.ts";
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
import type { Attachment } from "../streams/attachment.ts";
import type { MediaSession } from "../streams/media-listener.ts";
import { type CommandTarget, runCommand } from "./commands.ts";
import { rtmpFormat } from "./from-stream.ts";
import { hmacSha256 } from "./hmac.ts";
import { Introduction } from "./introduction.ts";
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
  #handshake: ServerHandshake | undefined = new ServerHandshake(randomBytes(RANDOM_BYTES), hmacSha256);
  readonly #introduction = new Introduction();
  readonly #decoder = new ChunkDecoder(this.#introduction.limits);
  readonly #onMessage = (message: Message) => this.#receiveMessage(message);
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #acknowledgedBytes = 0;

  constructor(readonly attachment: Attachment) {}

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
    this.attachment.outbound.sendControl(bytes);
  }

  publish(streamId: number, name: string): void {
    const key = this.#admit(streamId, name, "publish");
    if (key === undefined) return;
    this.#decoder.limits = this.#introduction.complete();
    this.attachment.publish(key, () => this.#endPublishing(streamId));
    this.send(userControlReply(UserControlEvent.streamBegin, streamId));
    this.send(status(streamId, "NetStream.Publish.Start", "Publishing."));
  }

  play(streamId: number, name: string): void {
    const key = this.#admit(streamId, name, "play");
    if (key === undefined) return;
    this.#decoder.limits = this.#introduction.complete();
    this.send(userControlReply(UserControlEvent.streamBegin, streamId));
    this.send(status(streamId, "NetStream.Play.Reset", "Playing and resetting."));
    this.send(status(streamId, "NetStream.Play.Start", "Playing."));
    const { outbound, options } = this.attachment;
    outbound.format = rtmpFormat(streamId);
    const player: Subscriber = {
      droppedFrameCount: () => outbound.droppedFrameCount,
      onFrame: outbound.sendFrame,
      onEnd: () => this.#endPlaying(streamId),
    };
    this.attachment.play(key, player, () =>
      userControlReply(UserControlEvent.pingRequest, Math.round(options.clock.nowMs()) >>> 0),
    );
  }

  stop(): void {
    this.attachment.leave();
  }

  #receiveChunks(bytes: Uint8Array): void {
    this.#introduction.countBytes(bytes.length);
    this.#decoder.push(bytes, this.#onMessage);
    const received = this.#decoder.receivedByteCount;
    if (received - this.#acknowledgedBytes < this.#windowBytes) return;
    this.#acknowledgedBytes = received;
    this.send(messageReply(encodeAcknowledgement(received)));
  }

  #receiveMessage(message: Message): void {
    if (!this.attachment.outbound.isOpen) return;
    this.#introduction.countMessage();
    switch (message.typeId) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
        this.#receiveMedia(message);
        break;
      case MessageType.aggregate:
        if (this.attachment.publication === undefined) break;
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
    const { publication } = this.attachment;
    const frame = publication && messageToFrame(message);
    if (frame !== undefined) publication?.push(frame);
  }

  #receiveUserControl(message: Message): void {
    const { event, value } = decodeUserControl(message);
    if (event === UserControlEvent.pingResponse) this.attachment.answered();
    if (event === UserControlEvent.pingRequest) {
      this.send(userControlReply(UserControlEvent.pingResponse, value));
    }
  }

  /** The stream's key; undefined, and the connection told and ended, if the gate says no. */
  #admit(streamId: number, name: string, action: StreamAction): string | undefined {
    if (this.attachment.isAttached) throw new AppError("peer", "rtmp.already-in-use", { action });
    if (streamId < 1 || streamId > this.messageStreamCount) {
      throw new AppError("peer", "rtmp.no-such-message-stream", { streamId });
    }
    const target = parseStreamName(name, this.app);
    if (this.attachment.admit(action, target?.key, target?.token)) return target?.key;
    this.send(refusal(streamId, action));
    this.attachment.outbound.end();
    return undefined;
  }

  #endPublishing(streamId: number): void {
    this.stop();
    this.send(
      status(streamId, "NetStream.Unpublish.Success", "The stream was taken over or its call ended."),
    );
    this.attachment.outbound.end();
  }

  #endPlaying(streamId: number): void {
    this.stop();
    this.send(userControlReply(UserControlEvent.streamEof, streamId));
    this.send(status(streamId, "NetStream.Play.UnpublishNotify", "The stream ended."));
    this.send(status(streamId, "NetStream.Play.Stop", "Stopped playing."));
    this.attachment.outbound.end();
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
