import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Request } from "../protocols/signaling/message.ts";
import { AppParty } from "./app-party.ts";
import { Call, type CallTimes } from "./call.ts";
import type { CallBook } from "./call-notes.ts";
import type { CallSetup } from "./call-setup.ts";
import { type CallSounds, replaceClip } from "./call-sounds.ts";
import { CallStreams, type ChosenStream, type StreamServices, type StreamsWanted } from "./call-streams.ts";
import { ClientParty } from "./client-party.ts";
import type { Destination } from "./destination.ts";
import type { LiveCalls } from "./live-calls.ts";
import type { Side } from "./machine.ts";
import type { CallingTelephone, CallParty, ClientLink } from "./ports.ts";
import { guestsByFirstCome, guestsFromClients } from "./stream-guests.ts";
import { makeSecret } from "./stream-keys.ts";
import { type TelephoneOrder, wayOf } from "./telephone-order.ts";
import { TelephoneParty } from "./telephone-party.ts";

export type CallMakerOptions = StreamServices & {
  /** What a client is offered that names no codecs itself. Without a video codec there is no video. */
  readonly codecs: { readonly audio: string; readonly video: string | undefined };
  /** The kind that a client is taken for which does not say its kind. */
  readonly defaultAppname: string;
  readonly sounds: CallSounds;
  readonly times: CallTimes;
  /** Undefined: calls are not written down. */
  readonly book?: CallBook | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The streams that a client named itself. */
export type Chosen = Readonly<Partial<Record<Side, ChosenStream>>>;

const CALL_ID_CHARS = 16;
/** The caller of an order that names none. */
const ANONYMOUS = "anonymous";

/** Makes calls with their streams and parties; they live until they end by themselves. */
export class CallMaker {
  readonly #options: CallMakerOptions;
  readonly #live: LiveCalls;

  constructor(options: CallMakerOptions, live: LiveCalls) {
    this.#options = options;
    this.#live = live;
  }

  /** Undefined: a URL that the client chose is in use by another call. */
  makeForClient(client: ClientLink, request: Request, found: Destination, chosen: Chosen): Call | undefined {
    const setup = { ...this.#readSetup(request), callerName: client.displayName };
    const clients = { caller: client, ...(found.client && { callee: found.client }) };
    const streams = this.#openStreams(setup, chosen, (side) => guestsFromClients(side, clients));
    if (streams === undefined) return undefined;
    const caller = new ClientParty(client, "caller", setup, streams);
    const onDigits = (digits: string) => call.caller.dtmf(digits);
    const { sounds } = this.#options;
    const callee = found.makeParty({ setup, streams, sounds, host: client.host, onDigits });
    const call = this.#make(setup, streams, caller, callee);
    return call;
  }

  /** Makes the call of a telephone. Undefined: the streams could not be opened. */
  makeForTelephone(telephone: CallingTelephone, found: Destination): Call | undefined {
    const setup = this.#makeSetup(telephone);
    const streams = this.#openStreams(setup, {});
    if (streams === undefined) return undefined;
    const { sounds } = this.#options;
    const callee = found.makeParty({ setup, streams, sounds, host: "", onDigits: () => {} });
    if (!callee.pushes) keepPlain(streams);
    const legStreams = { heard: streams.get("callee"), spoken: streams.get("caller") };
    const caller = new TelephoneParty({
      name: telephone.callerNumber,
      side: "caller",
      streams: legStreams,
      connect: (report) => telephone.accept(setup.callId, legStreams, report),
      onDigits: (digits) => call.callee.dtmf(digits),
      report: (event) => call.dispatch(event),
    });
    caller.connect();
    const call = this.#make(setup, streams, caller, callee);
    return call;
  }

  /** Undefined: a URL of the order is in use by another call. */
  makeForOrder(order: TelephoneOrder, found: Destination, chosen: Chosen, host: string): Call | undefined {
    const { callId = makeCallId(), callerName = ANONYMOUS, number, clip, vendor } = order;
    const setup = this.#makeSetup({ callerNumber: callerName, calledNumber: number }, callId);
    const guests = guestsByFirstCome();
    const streams = this.#openStreams(setup, chosen, () => guests);
    if (streams === undefined) return undefined;
    const caller = new AppParty(callerName, streams, setup.defaults);
    const { sounds } = this.#options;
    const callee = found.makeParty({
      setup,
      streams,
      sounds,
      host,
      onDigits: () => {},
      via: wayOf(order),
      vendor,
    });
    return this.#make(setup, streams, caller, callee, clip && replaceClip(sounds, clip));
  }

  #openStreams(
    { callId, mediaAttribute: attribute }: CallSetup,
    chosen: Chosen,
    guests?: StreamsWanted["guests"],
  ): CallStreams | undefined {
    return CallStreams.open(this.#options, { callId, attribute, chosen, ...(guests && { guests }) });
  }

  #make(
    setup: CallSetup,
    streams: CallStreams,
    caller: CallParty,
    callee: CallParty,
    sounds = this.#options.sounds,
  ): Call {
    const { clock, log, times, urls, book } = this.#options;
    const call = new Call({
      setup,
      caller,
      callee,
      streams,
      sounds,
      times,
      // A telephone and an extension hear and speak in streams of ours, wherever the base URLs point.
      seesAllMedia: urls.isEmbedded || !caller.pushes || !callee.pushes,
      book,
      clock,
      log,
      onEnded: (ended) => this.#live.remove(ended),
    });
    this.#live.add(call);
    const { callId, sessionid } = setup;
    log.info("call.created", { call: callId, session: sessionid, caller: caller.name, callee: callee.name });
    return call;
  }

  #readSetup({ sessionid, data }: Request): CallSetup {
    const { audio, video } = this.#options.codecs;
    return {
      callId: makeCallId(),
      sessionid,
      callerNumber: data.caller_number ?? "",
      calleeNumber: data.callee_number ?? "",
      mediaAttribute: data.media_attribute ?? "sendrecv",
      codecs: {
        audio: data.caller_audio || audio,
        // An empty codec is a client without a camera, an absent one leaves the choice to us.
        video: video === undefined ? "" : (data.caller_video ?? video),
      },
      declaredAudio: data.caller_audio,
      defaults: { appname: this.#options.defaultAppname, audio },
    };
  }

  #makeSetup(
    { callerNumber, calledNumber }: Pick<CallingTelephone, "callerNumber" | "calledNumber">,
    callId = makeCallId(),
  ): CallSetup {
    const { audio } = this.#options.codecs;
    return {
      callId,
      sessionid: makeSecret(),
      callerNumber,
      calleeNumber: calledNumber,
      mediaAttribute: "sendrecv",
      codecs: { audio, video: "" },
      declaredAudio: undefined,
      defaults: { appname: this.#options.defaultAppname, audio },
    };
  }
}

/** Between a telephone and an extension no player needs AAC, which would cost time and sound. */
function keepPlain(streams: CallStreams): void {
  streams.get("caller")?.convertAudioTo("L16");
  streams.get("callee")?.convertAudioTo("L16");
}

function makeCallId(): string {
  return makeSecret().slice(0, CALL_ID_CHARS);
}
