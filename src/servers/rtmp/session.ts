import { randomBytes } from "node:crypto";
import { AppError, expectPeerFault } from "../../errors.ts";
import type { Subscriber } from "../../media/audience.ts";
import { STREAM_KEY_RULE, STREAM_REFUSED, type StreamAction } from "../../media/gate.ts";
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
import { NetStreams } from "./net-streams.ts";
import { messageReply, type Status, statusReply, userControlReply } from "./replies.ts";
import { parseStreamName, type StreamName } from "./stream-name.ts";
import { messageToFrame } from "./to-stream.ts";

const RANDOM_BYTES = 1528;
/** Publishers that announce no window expect acknowledgements all the same. */
const DEFAULT_WINDOW_BYTES = 1_250_000;

/** A connection that has a stream may ask for another in vain so often. */
const MOST_REFUSALS = 3;

/** One connection, from handshake to end; it publishes at most one stream, and plays at most one. */
export class RtmpSession implements CommandTarget, MediaSession {
  app = "";
  #handshake: ServerHandshake | undefined = new ServerHandshake(randomBytes(RANDOM_BYTES), hmacSha256);
  readonly #introduction = new Introduction();
  readonly #decoder = new ChunkDecoder(this.#introduction.limits);
  readonly #onMessage = (message: Message) => this.#receiveMessage(message);
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #acknowledgedBytes = 0;
  readonly #streams = new NetStreams();
  #isIgnoringLogged = false;
  #refusalCount = 0;

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

  createStream(): number | undefined {
    return this.#streams.create();
  }

  deleteStream(streamId: number): void {
    this.closeStream(streamId);
    this.#streams.delete(streamId);
  }

  closeStream(streamId: number): void {
    if (this.#streams.published?.streamId === streamId) this.#stopPublishing();
    if (this.#streams.playedOn === streamId) this.#stopPlaying();
  }

  unpublish(name: string): void {
    const named = parseStreamName(name, this.app)?.key;
    if (named !== undefined && this.#streams.published?.named === named) this.#stopPublishing();
  }

  publish(streamId: number, name: string): void {
    const target = parseStreamName(name, this.app);
    const key = this.#admit(streamId, target, "publish");
    if (key === undefined) return;
    this.#decoder.limits = this.#introduction.complete();
    this.attachment.publish(key, () => this.#endPublishing(streamId));
    this.#streams.published = { streamId, named: target?.key };
    this.send(userControlReply(UserControlEvent.streamBegin, streamId));
    this.send(status(streamId, "NetStream.Publish.Start", "Publishing."));
  }

  play(streamId: number, name: string): void {
    const key = this.#admit(streamId, parseStreamName(name, this.app), "play");
    if (key === undefined) return;
    this.#decoder.limits = this.#introduction.complete();
    this.send(userControlReply(UserControlEvent.streamBegin, streamId));
    this.send(status(streamId, "NetStream.Play.Reset", "Playing and resetting."));
    this.send(status(streamId, "NetStream.Play.Start", "Playing."));
    this.#streams.playedOn = streamId;
    const { outbound, options } = this.attachment;
    outbound.format = rtmpFormat(streamId);
    const player: Subscriber = {
      droppedFrameCount: () => outbound.droppedFrameCount,
      onFrame: outbound.sendFrame,
      onEnd: () => this.#endPlaying(streamId),
    };
    this.attachment.play(key, player, {
      makePing: () => userControlReply(UserControlEvent.pingRequest, Math.round(options.clock.nowMs()) >>> 0),
    });
  }

  stop(): void {
    this.#stopPublishing();
    this.#stopPlaying();
  }

  #stopPublishing(): void {
    this.attachment.stopPublishing();
    this.#streams.published = undefined;
  }

  #stopPlaying(): void {
    this.attachment.stopPlaying();
    this.#streams.playedOn = undefined;
  }

  #receiveChunks(bytes: Uint8Array): void {
    this.#introduction.countBytes(bytes.length);
    this.#decoder.push(bytes, this.#onMessage);
    const received = this.#decoder.receivedByteCount;
    if (received - this.#acknowledgedBytes < this.#windowBytes) return;
    this.#acknowledgedBytes = received;
    this.send(messageReply(encodeAcknowledgement(received)));
  }

  /** What is no media and cannot be read, or asks for what is not to be had, costs a stream that lives nothing. */
  #receiveMessage(message: Message): void {
    if (!this.attachment.outbound.isOpen) return;
    this.#introduction.countMessage();
    try {
      this.#take(message);
    } catch (thrown) {
      const fault = expectPeerFault(thrown);
      if (this.app === "") throw fault;
      if (this.#isIgnoringLogged) return;
      this.#isIgnoringLogged = true;
      this.attachment.log.warn("rtmp.message-ignored", { type: message.typeId, reason: fault.message });
    }
  }

  #take(message: Message): void {
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
      case MessageType.setChunkSize:
      case MessageType.abort:
        throw new AppError("peer", "rtmp.bad-control");
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

  /** The stream's key; undefined, and the peer told, if that cannot be. If the gate says no, the connection ends. */
  #admit(streamId: number, target: StreamName | undefined, action: StreamAction): string | undefined {
    if (!this.#streams.has(streamId)) throw new AppError("peer", "rtmp.no-such-message-stream", { streamId });
    const isTaken =
      action === "publish" ? this.attachment.publication !== undefined : this.attachment.isPlaying;
    if (isTaken || this.#streams.isBusy(streamId)) {
      this.send(
        refusal(streamId, action, `This connection can ${action} no other stream beside the one it has.`),
      );
      return undefined;
    }
    const key = this.attachment.admit(action, target?.key, target?.token);
    if (key !== undefined) return key;
    this.send(refusal(streamId, action, target === undefined ? STREAM_KEY_RULE : STREAM_REFUSED));
    this.#refusalCount += 1;
    if (this.#refusalCount >= MOST_REFUSALS) this.attachment.outbound.end();
    else this.#endUnlessAttached();
    return undefined;
  }

  #endPublishing(streamId: number): void {
    this.#stopPublishing();
    this.send(
      status(streamId, "NetStream.Unpublish.Success", "The stream was taken over or its call ended."),
    );
    this.#endUnlessAttached();
  }

  #endPlaying(streamId: number): void {
    this.#stopPlaying();
    this.send(userControlReply(UserControlEvent.streamEof, streamId));
    this.send(status(streamId, "NetStream.Play.UnpublishNotify", "The stream ended."));
    this.send(status(streamId, "NetStream.Play.Stop", "Stopped playing."));
    this.#endUnlessAttached();
  }

  #endUnlessAttached(): void {
    if (!this.attachment.isAttached) this.attachment.outbound.end();
  }
}

function status(streamId: number, code: string, description: string): Uint8Array {
  return statusReply(streamId, { level: "status", code, description });
}

function refusal(streamId: number, action: StreamAction, description: string): Uint8Array {
  const code = action === "publish" ? "NetStream.Publish.BadName" : "NetStream.Play.Failed";
  const refused: Status = { level: "error", code, description };
  return statusReply(streamId, refused);
}
