import { Code, isSuccess } from "../protocols/signaling/codes.ts";
import type { MediaAttribute, RequestData, SignalingEvent } from "../protocols/signaling/message.ts";
import type { CallStreams } from "./call-streams.ts";
import { Cause, readCause } from "./causes.ts";
import type { CallEvent, Codecs, Ending, Side } from "./machine.ts";
import type { CallParty, ClientLink, ClientRequest } from "./ports.ts";

/** What every request within a call repeats. */
export type CallSetup = {
  readonly callId: string;
  readonly sessionid: string;
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly mediaAttribute: MediaAttribute;
  /** What the caller pushes. */
  readonly codecs: Codecs;
};

/** A registered client as one party of a call. */
export class ClientParty implements CallParty {
  readonly kind = "client";

  constructor(
    readonly link: ClientLink,
    readonly side: Side,
    readonly setup: CallSetup,
    readonly streams: CallStreams,
  ) {}

  get name(): string {
    return this.link.user;
  }

  invite(report: (event: CallEvent) => void): void {
    this.#send("invite", this.#mediaData(), (response) => {
      if (response === undefined) report({ name: "calleeRefused", cause: Cause.noUserResponse });
      else if (!isSuccess(response.code)) report({ name: "calleeRefused", cause: readCause(response.msg) });
      else report({ name: "calleeRinging", codecs: this.#chooseCodecs(response) });
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

  message(text: string): void {
    this.#send("message", { msg: text });
  }

  dtmf(digits: string): void {
    if (this.link.hasEvents) this.#send("message", { msg: "", dtmf: digits });
  }

  event(event: SignalingEvent, about?: Side): void {
    if (this.link.hasEvents) this.#send("message", { msg: about ?? "", event });
  }

  #mediaData(): RequestData {
    const { mediaAttribute, codecs } = this.setup;
    const { audio: caller_audio, video: caller_video } = codecs;
    const urls = this.streams.urlsFor(this.side, this.link.host);
    return { ...urls, caller_audio, caller_video, media_attribute: mediaAttribute };
  }

  /** What the client names, else what it was offered; no video where none was offered. */
  #chooseCodecs(response: { callee_audio?: string | undefined; callee_video?: string | undefined }): Codecs {
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
