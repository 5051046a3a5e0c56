import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { Code } from "../protocols/signaling/codes.ts";
import type { Request } from "../protocols/signaling/message.ts";
import { Call, type CallSnapshot, type CallTimes } from "./call.ts";
import type { CallSounds } from "./call-sounds.ts";
import { CallStreams, type ChosenStream, type StreamServices } from "./call-streams.ts";
import { Cause } from "./causes.ts";
import { type CallSetup, ClientParty } from "./client-party.ts";
import { EchoParty } from "./echo-party.ts";
import { LiveCalls, sideOf } from "./live-calls.ts";
import type { Side } from "./machine.ts";
import { accept, type Outcome, refuse, refuseWithCause } from "./outcome.ts";
import type { CallParty, ClientDirectory, ClientLink } from "./ports.ts";
import { type Extensions, type Route, route } from "./routing.ts";
import { SoundParty } from "./sound-party.ts";
import { makeSecret } from "./stream-keys.ts";

export type CallRegistryOptions = StreamServices & {
  readonly clients: ClientDirectory;
  readonly extensions: Extensions;
  /** Offered where a client names none; no video codec, no video. */
  readonly codecs: { readonly audio: string; readonly video: string | undefined };
  /** The kind of client to assume where one does not say. */
  readonly defaultAppname: string;
  readonly sounds: CallSounds;
  readonly limits: { readonly maxCalls: number; readonly maxCallsPerUser: number };
  readonly times: CallTimes;
  readonly clock: Clock;
  readonly log: Logger;
};

const CALL_ID_CHARS = 16;

type Found = { readonly call: Call; readonly side: Side };

/** All live calls, and what clients ask of them. Each request is judged here and ends in one outcome. */
export class CallRegistry {
  readonly #options: CallRegistryOptions;
  readonly #live: LiveCalls;

  constructor(options: CallRegistryOptions) {
    this.#options = options;
    this.#live = new LiveCalls(options.clock);
    options.clients.watch(this.#live);
  }

  get size(): number {
    return this.#live.size;
  }

  snapshot(): CallSnapshot[] {
    return this.#live.list().map((call) => call.snapshot());
  }

  /** `isUser`: whether the callee's number is a user of the directory, registered or not. */
  invite(caller: ClientLink, request: Request, isUser: boolean): Outcome {
    const { sessionid, data } = request;
    const { callee_number: number = "", caller_number = "" } = data;
    if (caller_number !== caller.user)
      return refuse(Code.forbidden, "caller_number is not the registered user");
    if (this.#live.find(caller.user, sessionid) !== undefined)
      return refuse(Code.unfit, "invite: the session is already open");
    const found = route(number, isUser, this.#options);
    if (found.to === "nowhere") return refuseWithCause(found.cause);
    const refusal = this.#checkLimits(caller, found, sessionid);
    if (refusal !== undefined) return refusal;
    const chosen = this.#readChosen(caller, request);
    if (chosen === undefined) return refuse(Code.forbidden, "URL is under none of our base URLs");
    return this.#open(caller, found, this.#readSetup(request), chosen);
  }

  answer(client: ClientLink, request: Request): Outcome {
    const found = this.#find(client, request);
    if ("data" in found) return found;
    const { call, side } = found;
    if (side !== "callee") return refuse(Code.unfit, "answer: only the callee answers");
    if (call.state === "talking") return refuse(Code.unfit, "answer: the session is not ringing");
    client.withdraw(request.sessionid, "invite");
    call.dispatch({ name: "calleeAnswered" });
    return accept();
  }

  cancel(client: ClientLink, request: Request): Outcome {
    const found = this.#find(client, request);
    if ("data" in found) return found;
    if (found.side !== "caller") return refuse(Code.unfit, "cancel: only the caller cancels");
    found.call.dispatch({ name: "callerCancelled" });
    return accept();
  }

  bye(client: ClientLink, request: Request): Outcome {
    const found = this.#find(client, request);
    if ("data" in found) return found;
    client.withdraw(request.sessionid, "invite");
    found.call.dispatch({ name: found.side === "caller" ? "callerHungUp" : "calleeHungUp" });
    return accept();
  }

  /** In a session the text or the digits go to the other party, otherwise to `callee_number`. */
  message(client: ClientLink, request: Request): Outcome {
    const { msg, dtmf } = request.data;
    const digits = client.hasEvents ? dtmf : undefined;
    if (msg === undefined && digits === undefined) return refuse(Code.unparsable, "data.msg: required");
    if (digits !== undefined && !/^[0-9*#A-D]{1,64}$/.test(digits)) {
      return refuse(Code.unparsable, "data.dtmf: must be 0-9*#A-D");
    }
    if (this.#live.find(client.user, request.sessionid) === undefined)
      return this.#messageOutOfCall(client, request);
    const found = this.#find(client, request);
    if ("data" in found) return found;
    const other = found.side === "caller" ? found.call.callee : found.call.caller;
    if (digits !== undefined) other.dtmf(digits);
    if (msg !== undefined && (digits === undefined || msg !== "")) other.message(msg);
    return accept();
  }

  /** Ends every call with SYSTEM_SHUTDOWN. */
  endAll(): void {
    for (const call of this.#live.list()) call.dispatch({ name: "shutdown" });
  }

  #open(caller: ClientLink, found: Reachable, setup: CallSetup, chosen: Chosen): Outcome {
    const { clock, log, times, urls, sounds } = this.#options;
    const wanted = { callId: setup.callId, attribute: setup.mediaAttribute, chosen };
    const streams = CallStreams.open(this.#options, wanted);
    if (streams === undefined) return refuse(Code.forbidden, "URL is in use by another call");
    const callee = this.#openCallee(found, setup, streams);
    const parties = { caller: new ClientParty(caller, "caller", setup, streams), callee };
    const onEnded = (ended: Call) => this.#live.remove(ended);
    const seesAllMedia = urls.isEmbedded;
    const call = new Call({ setup, ...parties, streams, sounds, times, seesAllMedia, clock, log, onEnded });
    this.#live.add(call);
    const { callId, sessionid, codecs } = setup;
    log.info("call.created", { call: callId, session: sessionid, caller: caller.user, callee: callee.name });
    const media = { callee_audio: codecs.audio, callee_video: codecs.video };
    const data = { ...media, ...streams.urlsFor("caller", caller.host) };
    return accept(data, () => call.dispatch({ name: "started" }));
  }

  #openCallee(found: Reachable, setup: CallSetup, streams: CallStreams): CallParty {
    const { sounds } = this.#options;
    switch (found.to) {
      case "client":
        return new ClientParty(found.link, "callee", setup, streams);
      case "echo":
        return new EchoParty(setup.calleeNumber, streams, sounds.silence);
      case "sound":
        return new SoundParty(setup.calleeNumber, streams, sounds.extensions[found.extension]);
    }
  }

  #readSetup({ sessionid, data }: Request): CallSetup {
    const { audio, video } = this.#options.codecs;
    return {
      callId: makeSecret().slice(0, CALL_ID_CHARS),
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

  /** Glare too: whoever invites second finds the first busy with the call between the two. */
  #checkLimits(caller: ClientLink, found: Route, sessionid: string): Outcome | undefined {
    const { maxCalls, maxCallsPerUser } = this.#options.limits;
    if (this.#live.size >= maxCalls) return refuseWithCause(Cause.switchCongestion);
    if (found.to === "client") {
      const callee = found.link.user;
      if (callee === caller.user || this.#live.isCalling(callee, caller.user))
        return refuseWithCause(Cause.userBusy);
      if (this.#live.countOf(callee) >= maxCallsPerUser || this.#live.find(callee, sessionid) !== undefined)
        return refuseWithCause(Cause.userBusy);
    }
    if (this.#live.countOf(caller.user) >= maxCallsPerUser) return refuse(Code.forbidden, "too many calls");
    return undefined;
  }

  #readChosen({ host }: ClientLink, { data }: Request): Chosen | undefined {
    const chosen: { [side in Side]?: ChosenStream } = {};
    const wishes: [Side, string | undefined][] = [
      ["caller", data.caller_url],
      ["callee", data.callee_url],
    ];
    for (const [side, url] of wishes) {
      if (!url) continue;
      const key = this.#options.urls.findKey(host, url);
      if (key === undefined) return undefined;
      chosen[side] = { url, key };
    }
    return chosen;
  }

  /** The call and the client's side in it, or why it has none. */
  #find(client: ClientLink, { sessionid, method, data }: Request): Found | Outcome {
    const call = this.#live.find(client.user, sessionid);
    const side = call && sideOf(call, client);
    if (call === undefined || side === undefined) {
      // A bye or cancel that crossed ours asks for what has happened already.
      const isCrossed = (method === "bye" || method === "cancel") && client.isBeingEnded(sessionid);
      if (isCrossed) return accept();
      if (this.#live.isOpen(sessionid)) return refuse(Code.forbidden, "session of somebody else");
      const what = method === "answer" ? "the session is not ringing" : "no such session";
      return refuse(Code.unfit, `${method}: ${what}`);
    }
    const { callerNumber, calleeNumber } = call.setup;
    const number = data.caller_number;
    if (number && number !== client.user && number !== callerNumber && number !== calleeNumber) {
      return refuse(Code.forbidden, "caller_number is not the registered user");
    }
    return { call, side };
  }

  #messageOutOfCall(client: ClientLink, { sessionid, data }: Request): Outcome {
    const { callee_number, msg, caller_number } = data;
    if (!callee_number) return refuse(Code.unparsable, "data.callee_number: required");
    if (msg === undefined) return refuse(Code.unfit, "message: data.dtmf needs a call");
    if (caller_number && caller_number !== client.user) {
      return refuse(Code.forbidden, "caller_number is not the registered user");
    }
    const target = this.#options.clients.find(callee_number);
    if (target === undefined) return refuseWithCause(Cause.userNotRegistered);
    // The target would take the text for the other party's.
    if (this.#live.find(callee_number, sessionid) !== undefined)
      return refuse(Code.forbidden, "session of somebody else");
    target.send({ method: "message", sessionid, data: { caller_number: client.user, callee_number, msg } });
    return accept();
  }
}

type Reachable = Exclude<Route, { to: "nowhere" }>;
type Chosen = Readonly<Partial<Record<Side, ChosenStream>>>;
