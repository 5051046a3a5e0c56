import { Code } from "../protocols/signaling/codes.ts";
import type { Request } from "../protocols/signaling/message.ts";
import type { Call, CallSnapshot } from "./call.ts";
import { CallMaker, type CallMakerOptions, type Chosen } from "./call-maker.ts";
import type { ChosenStream } from "./call-streams.ts";
import { Cause } from "./causes.ts";
import type { CalledUser, Destination } from "./destination.ts";
import { LiveCalls, sideOf } from "./live-calls.ts";
import type { Side } from "./machine.ts";
import type { NumberRules } from "./number-rules.ts";
import { accept, type Outcome, refuse, refuseWithCause } from "./outcome.ts";
import type { CallingTelephone, ClientDirectory, ClientLink, DialWay, Telephony } from "./ports.ts";
import { type Extensions, type NoRoute, route, routeFromTelephone, routeToTelephone } from "./routing.ts";
import type { CallMeter } from "./spending/call-meter.ts";
import type { Spending } from "./spending/spending.ts";
import { type OrderRefusal, refuseOrder, type TelephoneOrder, wayOf } from "./telephone-order.ts";

export type CallRegistryOptions = CallMakerOptions & {
  readonly clients: ClientDirectory;
  readonly extensions: Extensions;
  /** Undefined without a telephone side. */
  readonly telephony: Telephony | undefined;
  readonly numberRules: NumberRules;
  /** Of a call that names no way to FreeSWITCH. */
  readonly usualWay: DialWay;
  readonly spending: Spending;
  /** The machine carries no more calls. */
  readonly isOverloaded: () => boolean;
  readonly limits: { readonly maxCalls: number; readonly maxCallsPerUser: number };
};

type Found = { readonly call: Call; readonly side: Side };

/** All live calls, and what clients ask of them. Each request is judged here and ends in one outcome. */
export class CallRegistry {
  readonly #options: CallRegistryOptions;
  readonly #live: LiveCalls;
  readonly #maker: CallMaker;
  #isStopping = false;

  constructor(options: CallRegistryOptions) {
    this.#options = options;
    this.#live = new LiveCalls(options.clock);
    this.#maker = new CallMaker(options, this.#live);
    options.clients.watch(this.#live);
  }

  get size(): number {
    return this.#live.size;
  }

  snapshot(): CallSnapshot[] {
    return this.#live.list().map((call) => call.snapshot());
  }

  /** `user`: whom the directory has under the callee's number, registered or not. */
  invite(caller: ClientLink, request: Request, user: CalledUser): Outcome {
    const { sessionid, data } = request;
    const { callee_number: number = "", caller_number = "" } = data;
    if (caller_number !== caller.user)
      return refuse(Code.forbidden, "caller_number is not the registered user");
    if (this.#live.find(caller.user, sessionid) !== undefined)
      return refuse(Code.unfit, "invite: the session is already open");
    const found = route(number, user, this.#options);
    if (found.to === "nowhere") return refuseWithCause(found.cause);
    if (found.to === "barred") return this.#bar(caller, number, found.rule);
    this.#live.endForgotten(caller.user);
    const refusal = this.#checkLimits(caller, found, sessionid);
    if (refusal !== undefined) return refusal;
    const chosen = this.#readChosen(caller, request);
    if (chosen === undefined) return refuse(Code.forbidden, "URL is under none of our base URLs");
    const meter = this.#options.spending.begin({ user: caller.user, number: found.number });
    if (meter === "user") return refuse(Code.forbidden, Cause.outgoingCallBarred);
    if (meter === "all") return refuseWithCause(Cause.switchCongestion);
    const call = this.#meter(meter, this.#maker.makeForClient(caller, request, found, chosen));
    if (call === undefined) return refuse(Code.forbidden, "URL is in use by another call");
    const { codecs } = call.setup;
    const media = { callee_audio: codecs.audio, callee_video: codecs.video };
    const urls = call.streams.urlsFor("caller", caller);
    return accept({ ...media, ...urls }, () => call.dispatch({ name: "started" }));
  }

  /** `user`: whom the directory has under the called number, registered or not. */
  receive(telephone: CallingTelephone, user: CalledUser): void {
    const found = routeFromTelephone(telephone.calledNumber, user, this.#options);
    if (found.to === "nowhere") telephone.refuse(found.cause);
    else if (this.#isFull()) telephone.refuse(Cause.switchCongestion);
    else if (found.client !== undefined && this.#isBusy(found.client)) telephone.refuse(Cause.userBusy);
    else {
      const meter = this.#options.spending.begin({ user: undefined, number: undefined });
      const call =
        typeof meter === "string"
          ? undefined
          : this.#meter(meter, this.#maker.makeForTelephone(telephone, found));
      if (call === undefined) telephone.refuse(Cause.switchCongestion);
      else call.dispatch({ name: "started" });
    }
  }

  /**
   * Begins a call between an app's two streams and a telephone.
   * @param hosts the names and addresses of this machine, the best to be reached by first
   */
  order(order: TelephoneOrder, hosts: readonly string[]): Call | OrderRefusal {
    const { book } = this.#options;
    if (this.#isFull()) {
      const why = "max_calls is reached, or this machine carries no more calls now";
      return refuseOrder("unavailable", Cause.switchCongestion, why);
    }
    const { callId } = order;
    const isTaken = callId !== undefined && (this.find(callId) ?? book?.find(callId)) !== undefined;
    if (isTaken) return refuseOrder("taken", "UUID_IN_USE", "give each call a uuid of its own");
    const found = routeToTelephone(order.number, this.#options, wayOf(order));
    if (found.to !== "party") return this.#refuseNumber(order.number, found);
    const chosen = this.#findChosen(hosts, { caller: order.pushUrl, callee: order.pullUrl });
    if (chosen === undefined) {
      return refuseOrder("unfit", "URL_NOT_OURS", "the URLs must lie under base_push_url and base_pull_url");
    }
    const meter = this.#options.spending.begin({ user: undefined, number: found.number });
    if (typeof meter === "string") {
      const why = "calls_per_minute or total_limits is reached";
      return refuseOrder("unavailable", Cause.switchCongestion, why);
    }
    const call = this.#meter(meter, this.#maker.makeForOrder(order, found, chosen, hosts[0] ?? "localhost"));
    if (call === undefined)
      return refuseOrder("taken", "URL_IN_USE", "another call has a stream of that name");
    call.dispatch({ name: "started" });
    if (call.ending === undefined) return call;
    return refuseOrder("unavailable", call.ending.cause, "FreeSWITCH did not take the call");
  }

  /** The call that lives by this id. */
  find(callId: string): Call | undefined {
    return this.#live.get(callId);
  }

  /** Ends a call for whoever is in charge of the gateway. Returns false when there is no such call. */
  end(callId: string): boolean {
    const call = this.find(callId);
    call?.dispatch(
      call.caller.hangsUpByApi ? { name: "callerHungUp" } : { name: "shutdown", cause: Cause.managerRequest },
    );
    return call !== undefined;
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

  /** In a session the text or the digits go to the other party, otherwise to `callee_number`. Digits need no text. */
  message(client: ClientLink, request: Request): Outcome {
    const { msg, dtmf: digits } = request.data;
    if (msg === undefined && !digits) return refuse(Code.unparsable, "data.msg: required");
    if (digits && !/^[0-9*#A-D]{1,64}$/.test(digits)) {
      return refuse(Code.unparsable, "data.dtmf: must be 0-9*#A-D");
    }
    if (this.#live.find(client.user, request.sessionid) === undefined)
      return this.#messageOutOfCall(client, request);
    const found = this.#find(client, request);
    if ("data" in found) return found;
    const other = found.side === "caller" ? found.call.callee : found.call.caller;
    if (digits) other.dtmf(digits);
    const problem = msg === undefined || (digits && msg === "") ? undefined : other.message(msg);
    return problem === undefined || digits ? accept() : refuseWithCause(problem);
  }

  /** Ends every call with SYSTEM_SHUTDOWN; from now on there is room for no other. */
  endAll(): void {
    this.#isStopping = true;
    for (const call of this.#live.list()) call.dispatch({ name: "shutdown" });
  }

  /** What was counted for a call that there is not, is over. */
  #meter(meter: CallMeter, call: Call | undefined): Call | undefined {
    if (call === undefined) meter.end(this.#options.clock.nowMs());
    else call.meter = meter;
    return call;
  }

  #isFull(): boolean {
    const { isOverloaded, limits } = this.#options;
    return this.#isStopping || this.#live.size >= limits.maxCalls || isOverloaded();
  }

  #isBusy({ user, maxCalls = this.#options.limits.maxCallsPerUser }: ClientLink): boolean {
    return this.#live.countOf(user) >= maxCalls;
  }

  /** Logs a call that the rules forbid: somebody may be trying toll fraud. */
  #bar({ user }: ClientLink, number: string, rule: string | undefined): Outcome {
    this.#options.log.warn("call.barred", { user, number, rule });
    return refuse(Code.forbidden, Cause.outgoingCallBarred);
  }

  /** Covers glare too: whoever invites second finds the other busy with the call between the two. */
  #checkLimits(caller: ClientLink, { client: callee }: Destination, sessionid: string): Outcome | undefined {
    if (this.#isFull()) return refuseWithCause(Cause.switchCongestion);
    if (callee !== undefined) {
      if (callee.user === caller.user || this.#live.isCalling(callee.user, caller.user))
        return refuseWithCause(Cause.userBusy);
      if (this.#isBusy(callee) || this.#live.find(callee.user, sessionid) !== undefined)
        return refuseWithCause(Cause.userBusy);
    }
    return this.#isBusy(caller) ? refuse(Code.forbidden, "too many calls") : undefined;
  }

  #readChosen({ host }: ClientLink, { data }: Request): Chosen | undefined {
    return this.#findChosen([host], { caller: data.caller_url, callee: data.callee_url });
  }

  /** Undefined: one of the URLs is under none of our base URLs. */
  #findChosen(
    hosts: readonly string[],
    urls: Readonly<Record<Side, string | undefined>>,
  ): Chosen | undefined {
    const chosen: { [side in Side]?: ChosenStream } = {};
    for (const side of ["caller", "callee"] as const) {
      const url = urls[side];
      if (!url) continue;
      const key = hosts
        .map((host) => this.#options.urls.findKey(host, url))
        .find((found) => found !== undefined);
      if (key === undefined) return undefined;
      chosen[side] = { url, key };
    }
    return chosen;
  }

  #refuseNumber(number: string, found: NoRoute): OrderRefusal {
    if (found.to === "barred") {
      this.#options.log.warn("call.barred", { user: "the API", number, rule: found.rule });
      return refuseOrder("unfit", Cause.outgoingCallBarred, "allow and deny of [dialing] forbid this number");
    }
    if (found.cause === "INVALID_NUMBER_FORMAT") {
      return refuseOrder("unfit", found.cause, "this number cannot be dialled");
    }
    return refuseOrder("unavailable", found.cause, "there is no link to FreeSWITCH now");
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
    call.goOn(side);
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
    if (!target.hasRoomFor(client.user, msg)) return refuseWithCause(Cause.switchCongestion);
    target.send({ method: "message", sessionid, data: { caller_number: client.user, callee_number, msg } });
    return accept();
  }
}
