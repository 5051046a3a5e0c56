import { toCallerName } from "../calls/caller-name.ts";
import { Cause } from "../calls/causes.ts";
import type { DialRequest, DialWay, ReportLeg, TelephoneLeg, Telephony } from "../calls/ports.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { joinCommand } from "../protocols/nway-api/command.ts";
import type { PlacedCall } from "../telephone/switch.ts";
import type { FreeswitchClient } from "./client.ts";

export type ModuleTelephonyOptions = {
  readonly client: Pick<FreeswitchClient, "hasModule" | "placeModuleCall" | "problem">;
  /** The way of calls that name none. */
  readonly usualWay: DialWay;
  /** What telephones see of every caller; undefined for the caller's name. */
  readonly callerNumber: string | undefined;
  readonly log: Logger;
};

const NO_MODULE = "SERVICE_NOT_IMPLEMENTED";

/**
 * Lets the vendor's module in FreeSWITCH dial, which moves the sound between the app's two streams and the telephone by
 * itself: the gateway watches the module's channel, whose id is the call's.
 */
export class ModuleTelephony implements Telephony {
  readonly #options: ModuleTelephonyOptions;

  constructor(options: ModuleTelephonyOptions) {
    this.#options = options;
  }

  get problem(): string | undefined {
    return this.#options.client.problem === undefined ? undefined : Cause.networkOutOfOrder;
  }

  dial(request: DialRequest, report: ReportLeg): TelephoneLeg {
    const leg = new ModuleLeg(request.callId, report);
    void this.#begin(leg, request);
    return leg;
  }

  async #begin(leg: ModuleLeg, request: DialRequest): Promise<void> {
    const { client, log } = this.#options;
    try {
      const hasModule = await client.hasModule("mod_nway_wx");
      if (hasModule) {
        const command = this.#writeCommand(request);
        leg.place((told) => client.placeModuleCall(request.callId, command, told));
        return;
      }
      const cause = hasModule === undefined ? Cause.networkOutOfOrder : NO_MODULE;
      log.warn("freeswitch.no-module", { call: request.callId, module: "mod_nway_wx", cause });
      leg.end(cause);
    } catch (thrown) {
      log.error("freeswitch.module-call-failed", { call: request.callId, reason: messageOf(thrown) });
      leg.end(Cause.callRejected);
    }
  }

  /** Throws AppError `nway-api.bad-field`. */
  #writeCommand({
    callId,
    callerNumber,
    number,
    via = this.#options.usualWay,
    urls,
    vendor,
  }: DialRequest): string {
    return joinCommand({
      ...vendor,
      uuid: callId,
      caller_name: toCallerName(this.#options.callerNumber ?? callerNumber),
      gateway: via === "dialplan" ? undefined : via.gateway,
      destination_number: number,
      // The module plays what the app pushes, and pushes what the app plays.
      push_url: urls.caller_url,
      pull_url: urls.callee_url,
    });
  }
}

type Place = (report: ReportLeg) => PlacedCall;

class ModuleLeg implements TelephoneLeg {
  readonly ids: readonly string[];
  /** The module keeps its counters to itself. */
  readonly media = undefined;
  #placed: PlacedCall | undefined;
  #isDone = false;

  constructor(
    legId: string,
    readonly report: ReportLeg,
  ) {
    this.ids = [legId];
  }

  place(place: Place): void {
    if (this.#isDone) return;
    this.#placed = place((event) => {
      if (event.kind === "ended") this.end(event.cause);
      else if (!this.#isDone) this.report(event);
    });
  }

  end(cause: string | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.report({ kind: "ended", cause });
  }

  hangUp(): void {
    this.#isDone = true;
    this.#placed?.hangUp();
  }

  ring(): void {}
  answer(): void {}
  sendDigits(): void {}
}
