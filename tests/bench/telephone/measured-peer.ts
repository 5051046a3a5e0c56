import type { EventHeaders } from "../../peers/freeswitch/event-text.ts";
import type { OurLeg } from "../../peers/freeswitch/our-leg.ts";
import { FreeswitchPeer } from "../../peers/freeswitch.ts";
import { monotonicNs } from "../clock.ts";
import { type CallEnd, isHungUpOn, TALK_MS } from "./call-ends.ts";

/** What a gateway needs to know to call out through the peer. */
export const GATEWAY_NAME = "gw1";

/** A FreeSWITCH whose telephones answer at once, and every other of them hangs up after some talk. */
export class MeasuredPeer extends FreeswitchPeer {
  readonly said: CallEnd[] = [];
  readonly heard: CallEnd[] = [];
  /** Takes over a caller's telephone, which then does not hang up by itself. */
  onAnswer: (caller: string, leg: OurLeg) => boolean = () => false;
  /** Of telephones that wait for the app to hang up, by the id of their legs. */
  readonly #waiting = new Map<string, string>();

  constructor() {
    super({ sipPort: 0, gateways: { [GATEWAY_NAME]: "up" }, onDial: (leg) => this.#answer(leg) });
  }

  override fire(headers: EventHeaders): void {
    if (headers["Event-Name"] === "CHANNEL_HANGUP") this.#noteHangup(headers["Unique-ID"] ?? "");
    super.fire(headers);
  }

  #answer(leg: OurLeg): void {
    const { call, media } = leg;
    const caller = call.originate.variables.origination_caller_id_number ?? "";
    media.keeps = false;
    call.ring();
    call.answer();
    if (this.onAnswer(caller, leg)) return;
    if (!isHungUpOn(caller)) {
      this.#waiting.set(call.farLeg?.uuid ?? "", caller);
      return;
    }
    this.after(TALK_MS, () => {
      this.said.push({ caller, atNs: monotonicNs() });
      call.hangUpByTelephone();
    });
  }

  #noteHangup(legId: string): void {
    const caller = this.#waiting.get(legId);
    if (caller !== undefined) this.heard.push({ caller, atNs: monotonicNs() });
    this.#waiting.delete(legId);
  }
}
