import type { Playlist } from "../media/audio/clips/playlist.ts";
import type { EncodedCodec } from "../media/audio/coding/audio-encoder.ts";
import type { AudioCodec } from "../media/frame.ts";
import type { Method, RequestData, ResponseData, SignalingEvent } from "../protocols/signaling/message.ts";
import type { CallEvent, Codecs, Ending, Side } from "./machine.ts";

/** What calls need of the media server. */
export interface CallMedia {
  /** Undefined: the key is in use by another call. */
  open(key: string, callId: string): CallStream | undefined;
}

export interface CallStream {
  readonly key: string;
  /** `clock.nowMs` of the newest frame that somebody pushed, undefined before the first. */
  lastFrameAtMs(): number | undefined;
  /** From now on whoever plays the stream gets its sound in this codec, whatever is pushed. */
  convertAudioTo(codec: EncodedCodec): void;
  /** Told of the codec of each publisher's sound, when it begins and when it changes. */
  watchAudioCodec(watch: (codec: AudioCodec) => void): void;
  /** Plays instead of what was played before; until somebody's sound is pushed, and not at all where it is already. */
  play(playlist: Playlist): void;
  /** Nobody who plays the stream gets what is pushed, though it counts as pushed; what is played goes on. */
  holdBack(): void;
  letThrough(): void;
  /** Echo: what is pushed into `source` is played here. */
  relayFrom(source: CallStream): void;
  close(): void;
}

/** A request of the server to a client. */
export type ClientRequest = {
  readonly method: Exclude<Method, "register" | "option">;
  readonly sessionid: string;
  readonly data: RequestData;
  /** Called once: with the response, or with undefined when none came however often it was sent. */
  readonly onOutcome?: (response: ResponseData | undefined) => void;
};

/** A registered client, whether its socket is there or expected back. */
export interface ClientLink {
  readonly user: string;
  /** Its kind: wx, hd-machine and so on. */
  readonly appname: string;
  /** Whether it speaks 1.1: `data.event` messages and `data.dtmf`. */
  readonly hasEvents: boolean;
  /** The name or address by which it reached us, as it stands in a URL. */
  readonly host: string;
  /** Sends, or keeps until the client is back; repeated until answered, within bounds. */
  send(request: ClientRequest): void;
  /** Stops repeating a request that no longer matters; its `onOutcome` is not called. */
  withdraw(sessionid: string, method: ClientRequest["method"]): void;
  /** Whether a bye or cancel for this session is on its way to the client: its own then crossed ours. */
  isBeingEnded(sessionid: string): boolean;
}

export interface ClientDirectory {
  find(user: string): ClientLink | undefined;
  /** Who is told of lost, returned and given-up clients. */
  watch(watcher: ClientWatcher): void;
}

export interface ClientWatcher {
  /** The socket is lost. Returns whether the client has calls, so that it should be waited for. */
  clientLost(user: string): boolean;
  /** The client has a new socket. Returns whether it has calls. */
  clientBack(user: string): boolean;
  clientGone(user: string): void;
}

export type Urls = { readonly caller_url: string; readonly callee_url: string };

/** One of the two parties of a call: a client, a built-in extension, later a telephone. */
export interface CallParty {
  readonly kind: "client" | "extension";
  /** The user or number, for logs and listings. */
  readonly name: string;
  /** Towards the callee; what it does about it comes back through `report`, now or later. */
  invite(report: (event: CallEvent) => void): void;
  /** Towards the caller: the callee answered, with these codecs. */
  answered(codecs: Codecs): void;
  cancel(cause: string): void;
  bye(ending: Ending): void;
  message(text: string): void;
  dtmf(digits: string): void;
  /** `about` says whose stream a media event is about. */
  event(event: SignalingEvent, about?: Side): void;
}
