import type { Playlist } from "../media/audio/clips/playlist.ts";
import type { EncodedCodec } from "../media/audio/coding/audio-encoder.ts";
import type { AudioCodec } from "../media/frame.ts";
import type { SoundListener } from "../media/sound/sound-tap.ts";
import type { Speech } from "../media/sound/stream-speech.ts";
import type { Subscription } from "../media/stream.ts";
import type { ApiFields } from "../protocols/nway-api/command.ts";
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
  /** Tells the codec of each publisher's sound, when it begins and when it changes. */
  watchAudioCodec(watch: (codec: AudioCodec) => void): Subscription;
  /** Plays this instead of what was played before until somebody pushes sound, and nothing if somebody does already. */
  play(playlist: Playlist): void;
  /** The codec in which its sound comes from `speak` and is played without being converted. */
  readonly heardCodec: EncodedCodec;
  /** What is played here goes to a telephone too, until the subscription ends or the stream is closed. */
  listen(listener: SoundListener): Subscription;
  /** Publishes sound that comes from elsewhere, such as a telephone's, in place of whoever published before. */
  speak(from: string): Speech;
  /** Players get nothing of what is pushed from now on, though it counts as pushed. What `play` plays goes on. */
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
  /** In place of `max_calls_per_user`. */
  readonly maxCalls?: number | undefined;
  /** What telephones are shown in place of its name. */
  readonly displayName?: string | undefined;
  /** Whether it speaks 1.1 and is told events, with keys among them. */
  readonly hasEvents: boolean;
  /** The name or address by which it reached us, as it stands in a URL. */
  readonly host: string;
  /** Whether its signaling is encrypted. */
  readonly isSecure: boolean;
  /** Where its signaling comes from, or came from last. */
  readonly address: string;
  /** Sends, or keeps until the client is back; repeated until answered, within bounds. */
  send(request: ClientRequest): void;
  /** Whether a text of this sender can be sent; false while too many of them wait for a client that is slow, or away. */
  hasRoomFor(sender: string, text: string): boolean;
  /** Stops repeating a request that no longer matters; its `onOutcome` is not called. */
  withdraw(sessionid: string, method: ClientRequest["method"]): void;
  /** Whether a bye or cancel for this session is on its way to the client: its own then crossed ours. */
  isBeingEnded(sessionid: string): boolean;
}

export interface ClientDirectory {
  find(user: string): ClientLink | undefined;
  /** Tells the one watcher of lost, returned and given-up clients, until the subscription is disposed of. */
  watch(watcher: ClientWatcher): Disposable;
}

export interface ClientWatcher {
  /** The socket is lost. Returns whether the client has calls, so that it should be waited for. */
  clientLost(user: string): boolean;
  /** The client has a new socket. Returns whether it has calls. */
  clientBack(user: string): boolean;
  clientGone(user: string): void;
}

export type Urls = { readonly caller_url: string; readonly callee_url: string };

/** What a telephone hears and where it speaks; undefined where `media_attribute` leaves that out. */
export type LegStreams = {
  readonly heard: CallStream | undefined;
  readonly spoken: CallStream | undefined;
};

export type DialRequest = {
  readonly callId: string;
  /** As it goes out, after the number rules. */
  readonly number: string;
  readonly callerNumber: string;
  /** Undefined: the number. */
  readonly callerName?: string | undefined;
  readonly streams: LegStreams;
  /** FreeSWITCH's dialplan or one of its gateways; undefined: the configured way. */
  readonly via?: DialWay | undefined;
  /** The same streams for one who pulls the app's and pushes the telephone's itself. */
  readonly urls: Urls;
  /** Words of an order that only the vendor's module heeds. */
  readonly vendor?: VendorWords | undefined;
};

export type VendorWords = Pick<ApiFields, "welcome_wav" | "welcome_h264" | "realm">;

export type DialWay = "dialplan" | { readonly gateway: string };

/** What becomes of a telephone that is called; each comes at most once, in this order, and nothing after `ended`. */
export type LegProgress =
  | { readonly kind: "ringing" }
  /** Its sound is in the stream from now on. */
  | { readonly kind: "early-media" }
  | { readonly kind: "answered" }
  /** The cause is undefined where nobody said more than that it is over. */
  | { readonly kind: "ended"; readonly cause: string | undefined };

/** The same of any leg of a telephone, and the keys that it presses. */
export type LegEvent = LegProgress | { readonly kind: "digits"; readonly digits: string };

export type ReportLeg = (event: LegEvent) => void;

/** What the media of one leg came to. */
export type LegMedia = {
  /** The codec of the RTP. */
  readonly codec: string;
  /** Sound that was invented or left out on the way to the telephone. */
  readonly concealedMs: number;
  readonly shortenedMs: number;
  readonly lengthenedMs: number;
  readonly droppedMs: number;
  /** The app's frames that came too late to be played, and those that could not be decoded. */
  readonly lateFrames: number;
  readonly damagedFrames: number;
  /** How much faster the app's clock is than ours, as measured last. */
  readonly driftPpm: number;
  /** RTP from the telephone. */
  readonly receivedPackets: number;
  readonly lostPackets: number;
  readonly latePackets: number;
  /** They came from elsewhere than the telephone that is heard. */
  readonly foreignPackets: number;
  /** They were no RTP, or of a type that nobody agreed on. */
  readonly badPackets: number;
  readonly jitterMs: number;
  /** RTP to the telephone; what its reports say of it, if it sends any. */
  readonly sentPackets: number;
  /** What of sentPackets the system did not take. */
  readonly unsentPackets: number;
  readonly lostPacketsThere: number | undefined;
  readonly roundTripMs: number | undefined;
};

/** One telephone channel. */
export interface TelephoneLeg {
  /** The names by which others know it: the channel in FreeSWITCH, the Call-ID in SIP. */
  readonly ids: readonly string[];
  /** Undefined before there is sound. */
  readonly media: LegMedia | undefined;
  /** Tells a telephone that calls that the callee is called. */
  ring(): void;
  /** Answers a telephone that calls. */
  answer(): void;
  /** Ends it in any state. Nothing is reported any more. It may be called twice. */
  hangUp(cause: string): void;
  sendDigits(digits: string): void;
}

/** A telephone that calls. */
export interface CallingTelephone {
  readonly callerNumber: string;
  readonly callerName: string;
  readonly calledNumber: string;
  /** Connects it with the streams of a call; what it does is reported, not before this returns. */
  accept(callId: string, streams: LegStreams, report: ReportLeg): TelephoneLeg;
  refuse(cause: string): void;
}

/** What calls need of the telephone side. */
export interface Telephony {
  /** Why no call can go out at present; undefined if it can. */
  readonly problem: string | undefined;
  /** What becomes of it is reported, the end also before this returns. */
  dial(request: DialRequest, report: ReportLeg): TelephoneLeg;
}

/** What is written down about a party. */
export type NotedParty = {
  readonly kind: "client" | "app" | "extension" | "telephone";
  readonly name: string;
  readonly appName?: string;
  readonly legIds?: string[];
};

/** What a party answers for itself, so that nobody asks what kind of party it is. */
type PartyTraits = {
  /** The registered user that it is; undefined for everybody else. */
  readonly user: string | undefined;
  /** It pushes its stream over the network, where the stream may stop and come back. */
  readonly pushes: boolean;
  /** Somebody else tells it that it rings, so that it needs no sound of ours meanwhile. */
  readonly isTold: boolean;
  /** Its sound is there from the beginning and no other is to be played in its place. */
  readonly playsOwnSound: boolean;
  /** Nothing but the API can hang up for it. */
  readonly hangsUpByApi: boolean;
  /** The codec of what it pushes; undefined while it pushes nothing. */
  readonly pushedAudio: string | undefined;
  /** The counters of its telephone leg; undefined without one, or before there is sound. */
  readonly media: LegMedia | undefined;
};

/** One of the two parties of a call. */
export interface CallParty extends PartyTraits {
  /** The user or number, for logs and listings. */
  readonly name: string;
  describe(): NotedParty;
  /** Invites this party as the callee. What it does comes back through `report`, now or later. */
  invite(report: (event: CallEvent) => void): void;
  /** Tells this party, the caller, that the callee answered with these codecs. */
  answered(codecs: Codecs): void;
  cancel(cause: string): void;
  bye(ending: Ending): void;
  /** Returns the cause why the party can't take it; undefined if it does. */
  message(text: string): string | undefined;
  dtmf(digits: string): void;
  /** `about` says whose stream a media event is about. */
  event(event: SignalingEvent, about?: Side): void;
}
