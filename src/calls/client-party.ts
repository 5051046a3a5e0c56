import { Code, isSuccess } from "../protocols/signaling/codes.ts";
import type { RequestData, ResponseData, SignalingEvent } from "../protocols/signaling/message.ts";
import type { CallSetup } from "./call-setup.ts";
import type { CallStreams } from "./call-streams.ts";
import { Cause, readCause } from "./causes.ts";
import type { Destination } from "./destination.ts";
import { chooseHeardCodec } from "./heard-codec.ts";
import type { CallEvent, Codecs, Ending, Side } from "./machine.ts";
import type { CallParty, ClientLink, ClientRequest, NotedParty } from "./ports.ts";

export function reachClient(link: ClientLink): Destination {
  return {
    client: link,
    makeParty: ({ setup, streams }) => new ClientParty(link, "callee", setup, streams),
  };
}

/** A registered client as one party of a call. */
export class ClientParty implements CallParty {
  readonly pushes = true;
  readonly isTold = false;
  readonly playsOwnSound = false;
  readonly hangsUpByApi = false;
  readonly media = undefined;
  #declaredAudio: string | undefined;
  #pushedAudio: string | undefined;

  constructor(
    readonly link: ClientLink,
    readonly side: Side,
    readonly setup: CallSetup,
    readonly streams: CallStreams,
  ) {
    if (side === "caller") this.#declaredAudio = setup.declaredAudio;
    this.#updateHeardCodec();
    streams.get(side)?.watchAudioCodec((codec) => {
      this.#pushedAudio = codec;
      this.#updateHeardCodec();
    });
  }

  get name(): string {
    return this.link.user;
  }

  get user(): string {
    return this.link.user;
  }

  get pushedAudio(): string | undefined {
    return this.#pushedAudio;
  }

  describe(): NotedParty {
    return { kind: "client", name: this.name, appName: this.link.appname };
  }

  invite(report: (event: CallEvent) => void): void {
    this.#send("invite", this.#mediaData(), (response) => {
      if (response === undefined) report({ name: "calleeRefused", cause: Cause.noUserResponse });
      else if (!isSuccess(response.code)) report({ name: "calleeRefused", cause: readCause(response.msg) });
      else this.#accept(response, report);
    });
  }

  answered({ audio, video }: Codecs): void {
    this.#send("answer", { ...this.#mediaData(), callee_audio: audio, callee_video: video });
  }

  cancel(cause: string): void {
    this.link.withdraw(this.setup.sessionid, "invite");
    this.#send("cancel", { code: Code.unavailable, msg: cause, cause });
  }

  bye({ cause }: Ending): void {
    const code = cause === Cause.normalClearing ? Code.ok : Code.unavailable;
    this.#send("bye", { code, msg: cause, cause });
  }

  message(text: string): string | undefined {
    if (!this.link.hasRoomFor(this.setup.callerNumber, text)) return Cause.switchCongestion;
    this.#send("message", { msg: text });
    return undefined;
  }

  dtmf(digits: string): void {
    if (this.link.hasEvents) this.#send("message", { msg: "", event: "dtmf", dtmf: digits });
  }

  event(event: SignalingEvent, about?: Side): void {
    if (this.link.hasEvents) this.#send("message", { msg: about ?? "", event });
  }

  #accept(response: ResponseData, report: (event: CallEvent) => void): void {
    this.#declaredAudio = response.callee_audio;
    this.#updateHeardCodec();
    report({ name: "calleeRinging", codecs: this.#chooseCodecs(response) });
  }

  /** What this side hears is the stream that the other one pushes. */
  #updateHeardCodec(): void {
    const { appname } = this.link;
    const listener = { appname, declared: this.#declaredAudio, pushed: this.#pushedAudio };
    const heard = this.streams.get(this.side === "caller" ? "callee" : "caller");
    heard?.convertAudioTo(chooseHeardCodec(listener, this.setup.defaults));
  }

  #mediaData(): RequestData {
    const { mediaAttribute, codecs } = this.setup;
    const { audio: caller_audio, video: caller_video } = codecs;
    const urls = this.streams.urlsFor(this.side, this.link);
    return { ...urls, caller_audio, caller_video, media_attribute: mediaAttribute };
  }

  /** What the client names, else what it was offered; no video where none was offered. */
  #chooseCodecs(response: ResponseData): Codecs {
    const { audio, video } = this.setup.codecs;
    return {
      audio: response.callee_audio || audio,
      video: video === "" ? "" : (response.callee_video ?? video),
    };
  }

  #send(method: ClientRequest["method"], data: RequestData, onOutcome?: ClientRequest["onOutcome"]): void {
    const { sessionid, callerNumber, calleeNumber } = this.setup;
    const { cause, ...plain } = data;
    const full = {
      caller_number: callerNumber,
      callee_number: calleeNumber,
      ...plain,
      ...(cause !== undefined && this.link.hasEvents && { cause }),
    };
    this.link.send({ method, sessionid, data: full, ...(onOutcome && { onOutcome }) });
  }
}
