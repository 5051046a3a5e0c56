import { reasonOf } from "./causes.ts";
import type { LegCodecName } from "./leg-codecs.ts";
import { offeredCodecs } from "./offered-codecs.ts";
import type { ParsedOriginate } from "./originate-command.ts";
import type { OurLeg } from "./our-leg.ts";
import type { PlacedPeerCall } from "./placed-call.ts";

/** How our leg takes the INVITE of a call out: with an answer, or with a cause. */
export type CallOurLeg = (originate: ParsedOriginate) => Promise<"answered" | { readonly cause: string }>;

export type DialOptions = {
  /** In place of calling our user agent; without both it answers at once. */
  readonly callOurLeg?: CallOurLeg;
  /** Gateways there are, and whether they are up. */
  readonly gateways?: Readonly<Record<string, "up" | "down">>;
  /** What telephones take; one that is offered nothing of it refuses. By default they take anything. */
  readonly telephoneCodecs?: readonly LegCodecName[];
  /** Called for each telephone as it is dialled. */
  readonly onDial?: (leg: OurLeg) => void;
  /** Extensions of the dialplan that answer by themselves and give the sound back; others lead to a telephone. */
  readonly echoExtensions?: readonly string[];
};

type DialHost = { later(run: () => void): void; after(delayMs: number, run: () => void): unknown };

const ENDED = { cause: "NORMAL_CLEARING" } as const;

/** What `originate` does: it calls our leg, and when that is up it dials the telephone. */
export class Dialer {
  readonly #host: DialHost;
  readonly #options: DialOptions;

  constructor(host: DialHost, options: DialOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** @param answer takes the job's result */
  async run(call: PlacedPeerCall, leg: OurLeg | undefined, answer: (result: string) => void): Promise<void> {
    const outcome = call.hasEnded ? ENDED : await this.#callOurLeg(call.originate, leg);
    if (outcome !== "answered") {
      call.failOurLeg(outcome.cause);
      leg?.close();
      answer(`-ERR ${outcome.cause}\n`);
      return;
    }
    if (call.hasEnded) {
      // It answered as it was cancelled.
      leg?.hangUp(reasonOf(ENDED.cause));
      answer(`-ERR ${ENDED.cause}\n`);
      return;
    }
    call.answerOurLeg();
    this.#host.later(() => {
      answer(`+OK ${call.ourLeg.uuid}\n`);
      this.#route(call, leg);
    });
  }

  async #callOurLeg(originate: ParsedOriginate, leg: OurLeg | undefined): ReturnType<CallOurLeg> {
    const { callOurLeg } = this.#options;
    if (callOurLeg !== undefined) return await callOurLeg(originate);
    return (await leg?.invite()) ?? "answered";
  }

  #route(call: PlacedPeerCall, leg: OurLeg | undefined): void {
    if (call.hasEnded) return;
    const { bridge, extension } = call.originate;
    if (bridge === undefined) {
      if (leg !== undefined) this.#runDialplan(call, leg, extension);
      return;
    }
    const gateway = (this.#options.gateways ?? { gw1: "up" })[bridge.gateway];
    if (gateway === "up") this.#dial(call, leg);
    else call.refuseGateway(gateway === undefined ? "INVALID_GATEWAY" : "GATEWAY_DOWN");
  }

  #runDialplan(call: PlacedPeerCall, leg: OurLeg, extension: string): void {
    if (this.#options.echoExtensions?.includes(extension)) {
      call.execute("answer");
      call.execute("echo");
      leg.echo();
    } else {
      call.execute("bridge");
      this.#dial(call, leg);
    }
  }

  /** Once the legs are bridged, by early media too, the timeout is over. */
  #dial(call: PlacedPeerCall, leg: OurLeg | undefined): void {
    call.dial();
    if (leg === undefined) return;
    const seconds = call.originate.bridge?.variables.leg_timeout;
    if (seconds !== undefined) {
      this.#host.after(Number(seconds) * 1000, () => {
        if (!call.isPastRinging) call.refuse("ALLOTTED_TIMEOUT");
      });
    }
    const { telephoneCodecs, onDial } = this.#options;
    const offered = offeredCodecs(call.originate, leg.sdp?.codec ?? "PCMA");
    if (telephoneCodecs?.some((codec) => offered.includes(codec)) === false)
      call.refuse("INCOMPATIBLE_DESTINATION", 488);
    else onDial?.(leg);
  }
}
